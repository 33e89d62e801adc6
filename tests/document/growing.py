"""A body that still comes."""

from __future__ import annotations

from mixtui.document.document import Document, DocumentLoader
from mixtui.document.source import BytesSource


class Growing:
    """A body of which more comes when a test says so, read at once."""

    def __init__(self, data: bytes, media_type: str = "") -> None:
        self._source = _Source(data)
        self._reading = DocumentLoader(self._source, media_type)
        self.more(b"")

    @property
    def document(self) -> Document:
        """What there is to read."""
        assert self._reading.document is not None
        return self._reading.document

    def more(self, data: bytes, *, final: bool = False) -> None:
        """So much has come."""
        self._source.add(data)
        for _ in self._reading.advance(final=final):
            pass


class _Source(BytesSource):
    def add(self, data: bytes) -> None:
        self._data += data
