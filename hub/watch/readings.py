"""One look at a stream: what there is, what its group has read, and how old the oldest unread record is."""

from dataclasses import dataclass, replace

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream at one `moment` (seconds since 1970).

    `earliest` and `latest` are the first offset that is kept and the next to be written, `committed` what the group
    reads next (None: it never read), `members` its processes (None: the group may not be seen), `oldest` when the
    oldest unread record was written, in seconds since 1970.
    """

    moment: float
    topic_visible: bool
    members: int | None
    committed: int | None
    earliest: int
    latest: int
    oldest: float | None = None

    @property
    def next(self) -> int:
        """The offset of the oldest unread record; of those that are gone none counts."""
        return max(self.earliest, self.committed or 0)

    @property
    def lag(self) -> int:
        """Records not yet read."""
        return max(0, self.latest - self.next)

    @property
    def lost(self) -> int:
        """Records that went before they were read."""
        return 0 if self.committed is None else max(0, self.earliest - self.committed)

    @property
    def age_seconds(self) -> float:
        """The age of the oldest unread record; 0 when everything is read."""
        return 0.0 if self.oldest is None else max(0.0, self.moment - self.oldest)

    def with_oldest(self, milliseconds: int | None) -> "Reading":
        """The same reading, knowing when its oldest unread record was written."""
        return self if milliseconds is None else replace(self, oldest=milliseconds / 1000)
