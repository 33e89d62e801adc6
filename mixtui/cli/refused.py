"""The records that were refused, with their lines in the body, for stderr."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from mixtui.core.bodies import body_file
from mixtui.core.body_records import file_type, find, record_lines
from mixtui.core.exchange import Exchange
from mixtui.core.failed_records import FailedRecord, failed_records
from mixtui.core.requests import Body, BodyType, Draft
from mixtui.core.words import pluralise

SHOWN = 5
"""Records that are named; the answer has them all."""
_LARGEST_FILE = 20_000_000
"""Bytes; Mixpanel takes no larger batch."""


def refused_lines(
    exchange: Exchange, draft: Draft, folder: Path | None
) -> tuple[str, ...]:
    """``line 3: properties.time: …`` for the first records that were refused.

    Args:
        exchange: What was answered.
        draft: What was typed: lines are those of its body.
        folder: What the path of a body file is relative to.
    """
    records = failed_records(exchange.response.body)
    if not records or draft.body is None:
        return ()
    body = _with_text(draft.body, folder)
    lines = [_line(record, body) for record in islice(records, SHOWN)]
    if more := len(records) - len(lines):
        lines.append(f"  and {pluralise(more, 'more', 'more')}: the answer names them.")
    return tuple(lines)


def refused_values(
    exchange: Exchange, draft: Draft, folder: Path | None
) -> list[dict[str, Any]]:
    """All records that were refused, for JSON; the arguments as above.

    A line is None where the record was not found in the body.
    """
    records = failed_records(exchange.response.body)
    if not records:
        return []
    lines: dict[int, int] = {}
    if draft.body is not None:
        body = _with_text(draft.body, folder)
        lines = record_lines(body, {record.index for record in records})
    return [
        {
            "index": record.index,
            "line": lines.get(record.index),
            "field": record.field or None,
            "message": record.message or None,
            "insert_id": record.insert_id or None,
        }
        for record in records
    ]


def _line(record: FailedRecord, body: Body) -> str:
    place = find(body, record.index)
    where = f"line {place.line}" if place else f"record {record.index}"
    name = f" ({record.insert_id})" if record.insert_id else ""
    return f"  {where}: {record.words}{name}"


def _with_text(body: Body, folder: Path | None) -> Body:
    """A body file as the text that it holds; a large or unreadable one has no lines."""
    if body.type is not BodyType.FILE:
        return body
    path = body_file(body, folder)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return body
        text = path.read_text("utf-8", "replace")
    except OSError:
        return body
    return replace(body, type=file_type(path.suffix), text=text)
