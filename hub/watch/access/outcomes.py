"""What a review may come to, and why in a word: free text would gather names."""

from enum import StrEnum


class Outcome(StrEnum):
    """What a review comes to."""

    JUSTIFIED = "justified"
    MISUSE = "misuse"
    UNCLEAR = "unclear"


class NoteCode(StrEnum):
    """Why."""

    CASE_FOUND = "case-found"
    TELEPHONE = "telephone"
    LEFT_WITHOUT_FILING = "left-without-filing"
    BUSY_DAY = "busy-day"
    NEW_DUTY = "new-duty"
    OWN_AFFAIR = "own-affair"
    ACQUAINTANCE = "acquaintance"
    CURIOSITY = "curiosity"
    PASSED_ON = "passed-on"
    ASKED_BACK = "asked-back"
