"""Print a history entry: for people, for pipes, and as JSON."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from mixtui.cli.console import Console
from mixtui.history.record import HistoryRecord
from mixtui.model.draft import Headers
from mixtui.model.errors import ExitStatus, StorageError
from mixtui.model.exchange import SentRequest
from mixtui.text import duration, size

_CHUNK = 1 << 20


def print_record(
    number: int, record: HistoryRecord, body: Path | None, console: Console
) -> None:
    """Print everything but the response body on stdout."""
    for line in _record_lines(number, record, body):
        console.print_untrusted(line)


def print_body(record: HistoryRecord, body: Path | None, console: Console) -> int:
    """Print the raw body on stdout, sanitized on a terminal; return the exit status.

    Raises:
        StorageError: It cannot be read.
    """
    if body is None:
        console.report(record.body_note or "The response has no body.")
        return ExitStatus.USAGE if record.body_note else ExitStatus.ACCEPTED
    try:
        with body.open("rb") as file:
            if console.stdout_is_terminal:
                for line in file:
                    text = line.decode("utf-8", "replace").rstrip("\r\n")
                    console.print_untrusted(text)
            else:
                while chunk := file.read(_CHUNK):
                    console.write(chunk)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(
            body, f"Cannot read the response body: {error.strerror}."
        ) from None
    return ExitStatus.ACCEPTED


def record_values(
    number: int, record: HistoryRecord, body: Path | None
) -> dict[str, Any]:
    """Return everything as JSON values but the response body, which ``body_file`` names."""
    sent, response, timing = record.sent, record.response, record.timing
    text, encoding = _encode_body(_uncompressed_body(sent))
    return {
        "id": number,
        "name": record.name or None,
        "file": str(record.file) if record.file else None,
        "request": {
            "method": sent.method,
            "url": sent.url,
            "environment": record.environment,
            "region": str(record.region),
            "project_id": record.project_id or None,
            "writes": record.writes,
            "headers": _header_values(sent.headers),
            "body": text,
            "body_encoding": encoding,
            "body_file": str(sent.body_file) if sent.body_file else None,
            "redirects": list(sent.redirects),
        },
        "response": response
        and {
            "status": response.status,
            "reason": response.reason,
            "http_version": response.http_version,
            "headers": _header_values(response.headers),
            "bytes": response.body_bytes,
            "cut_short": response.cut_short or None,
            "body_file": str(body) if body else None,
            "body_note": record.body_note or None,
        },
        "outcome": {
            "kind": record.outcome.kind.value,
            "words": record.outcome.label,
            "detail": record.outcome.detail or None,
            "exit_status": record.outcome.exit_status,
        },
        "timing": {
            "started": timing.started.isoformat(),
            "first_byte_seconds": round(timing.first_byte, 6),
            "total_seconds": round(timing.total, 6),
        },
        "notices": list(record.notices),
        "draft": to_builtins(record.draft),
    }


def _record_lines(
    number: int, record: HistoryRecord, body: Path | None
) -> Iterator[str]:
    sent, response, timing = record.sent, record.response, record.timing
    name = f" · {record.name}" if record.name else ""
    yield f"{number}{name} · {timing.started.astimezone():%Y-%m-%d %H:%M:%S}"
    if record.file:
        yield f"saved request {record.file}"
    yield f"{record.environment} · {record.region} · project {record.project_id or '—'}"
    yield f"{record.outcome.label} · {duration(timing.total)}"
    yield from filter(None, (record.outcome.detail, *record.notices))
    yield ""
    yield f"{sent.method} {sent.url} {sent.http_version}".rstrip()
    yield from _header_lines(sent.headers)
    if sent.body_file:
        yield f"(file {sent.body_file})"
    elif sent.body:
        yield ""
        yield from _uncompressed_body(sent).decode("utf-8", "replace").split("\n")
    yield ""
    if response is None:
        yield "No response."
        return
    yield f"{response.http_version} {response.status} {response.reason}".rstrip()
    yield from _header_lines(response.headers)
    yield ""
    yield from filter(None, (response.cut_short, record.body_note))
    if body is not None:
        command = f"“mixtui history show {number} --body” prints it"
        yield f"Response body: {size(response.body_bytes)}; {command}."
    elif not record.body_note:
        yield "The response has no body."


def _uncompressed_body(sent: SentRequest) -> bytes:
    """Return the request body decompressed."""
    encoded = ("content-encoding", "gzip")
    if encoded in ((n.lower(), v.lower()) for n, v in sent.headers):
        try:
            return gzip.decompress(sent.body)
        except (OSError, EOFError, zlib.error):
            pass
    return sent.body


def _encode_body(body: bytes) -> tuple[str | None, str | None]:
    if not body:
        return None, None
    try:
        return body.decode(), "text"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _header_lines(headers: Headers) -> Iterator[str]:
    return (f"{name}: {value}" for name, value in headers)


def _header_values(headers: Headers) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in headers]
