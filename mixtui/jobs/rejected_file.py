"""Write rejected records so that they can be fixed and imported again.

JSON lines: each record as it was sent, with a member that says where it is from and why it
was rejected. An import leaves that member out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from mixtui.jobs.event_check import REJECTED
from mixtui.jobs.model import RejectedRecord
from mixtui.jobs.sources import Source
from mixtui.storage import files


def write_rejected(
    path: Path,
    records: Iterable[tuple[int, RejectedRecord]],
    sources: Sequence[Source],
) -> None:
    """Write a file, or replace it.

    Args:
        path: Of the file.
        records: With the index of their source.
        sources: The sources.

    Raises:
        StorageError: It cannot be written, or the records cannot be read.
    """
    files.write_chunks(path, _lines(records, sources))


def _lines(
    records: Iterable[tuple[int, RejectedRecord]], sources: Sequence[Source]
) -> Iterator[bytes]:
    for source, record in records:
        yield _line(sources[source].name, record)


def _line(source: str, record: RejectedRecord) -> bytes:
    note = {"source": source, "line": record.line, "reason": record.label}
    try:
        # msgspec does not look into what stays raw, such as a text that is not UTF-8.
        record.record.decode()
        members = msgspec.json.decode(record.record, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        text = record.record.decode("utf-8", "replace")
        return msgspec.json.encode({REJECTED: {**note, "text": text}}) + b"\n"
    members.pop(REJECTED, None)
    encoded = {REJECTED: msgspec.Raw(msgspec.json.encode(note)), **members}
    return msgspec.json.encode(encoded) + b"\n"
