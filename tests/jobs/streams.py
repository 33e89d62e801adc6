"""Sources in memory, for tests of what reads them."""

from __future__ import annotations

import io

from mixtui.jobs.sources import BLOCK, STDIN, Source, SourceStream


def stream_of(data: bytes, block: int = BLOCK) -> tuple[SourceStream, bytes, str]:
    """Return what a reader begins with: a stream, its first bytes, and its name."""
    source = Source(STDIN)
    stream = SourceStream(source, io.BytesIO(data))
    return stream, stream.read(block), source.name
