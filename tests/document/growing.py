"""A body that is still being received."""

from __future__ import annotations

from mixtui.document.document import Document, DocumentLoader
from mixtui.document.source import BytesSource


class GrowingBody:
    """A body that a test appends to, and that is loaded at once."""

    def __init__(self, data: bytes, media_type: str = "") -> None:
        self._source = _Source(data)
        self._loader = DocumentLoader(self._source, media_type)
        self.append(b"")

    @property
    def document(self) -> Document:
        """The document of what has arrived."""
        assert self._loader.document is not None
        return self._loader.document

    def append(self, data: bytes, *, final: bool = False) -> None:
        """Append data and load it."""
        self._source.add(data)
        for _ in self._loader.advance(final=final):
            pass


class _Source(BytesSource):
    def add(self, data: bytes) -> None:
        self._data += data
