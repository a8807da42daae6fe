"""A refusal: the one error that people are meant to read."""


class Refusal(Exception):  # noqa: N818
    """Something was asked that cannot be done: `code` for programs, `sentence` for people.

    The sentence names the field or setting, the rule and what to do, and never holds a person's data.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
