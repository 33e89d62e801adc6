"""Parts of a batch: what is sent again in halves to find what the server does not take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from mixtui.jobs.model import Batch, RejectedBy, RejectedRecord


class TooLarge(Exception):
    """The server takes no request of that size."""

    def __init__(self, reason: str = "too large for the server (413)") -> None:
        super().__init__(reason)
        self.reason = reason


class Part(Struct, frozen=True):
    """Records of a batch that are sent in one request."""

    records: Sequence[bytes]
    lines: Sequence[int]

    @classmethod
    def of(cls, batch: Batch) -> list[Part]:
        """Return what is sent of a batch: one part, or none."""
        return [cls(batch.records, batch.lines)] if batch.records else []

    @property
    def body(self) -> bytes:
        """A JSON list."""
        # In one step: each copy of megabytes takes new pages of memory.
        records = [*self.records]
        records[0] = b"[" + records[0]
        records[-1] += b"]"
        return b",".join(records)

    def halves(self) -> tuple[Part, Part]:
        """Return two parts, in order; of a single record the first is empty."""
        middle = len(self.records) // 2
        return (
            Part(self.records[:middle], self.lines[:middle]),
            Part(self.records[middle:], self.lines[middle:]),
        )

    def without(self, indexes: Iterable[int]) -> Part:
        """Return the part without some records."""
        left_out = set(indexes)
        kept = [i for i in range(len(self.records)) if i not in left_out]
        return Part([self.records[i] for i in kept], [self.lines[i] for i in kept])

    def rejected(
        self,
        index: int,
        reason: str,
        field: str = "",
        by: RejectedBy = RejectedBy.SERVER,
    ) -> RejectedRecord:
        """Return one of the records as a rejected one."""
        return RejectedRecord(by, self.lines[index], self.records[index], reason, field)

    def all_rejected(self, reason: str, by: RejectedBy) -> list[RejectedRecord]:
        """Return all of the records as rejected ones."""
        return [
            self.rejected(index, reason, by=by) for index in range(len(self.records))
        ]
