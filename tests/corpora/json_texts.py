"""JSONTestSuite: what each reader of JSON accepts and refuses.

Its files are named after what a parser must do with them (RFC 8259): ``y_`` accept, ``n_``
reject, ``i_`` either.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mixtui import jsonbytes, jsontext
from mixtui.document.document import read
from mixtui.document.json_layout import IndentedJson
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.model import InvalidRecord
from mixtui.jobs.readers import LineReader, ListReader, Reader
from mixtui.model.draft import Body, BodyType
from mixtui.request.body import check_body
from tests.corpora.corpus import Corpus, Refused, Verdict, judge
from tests.jobs.streams import stream_of

_BOM = b"\xef\xbb\xbf"
_EXPECTED = {"y": True, "n": False, "i": None}
_EXACT: dict[str, Any] = {
    "object_pairs_hook": tuple,
    "parse_float": str,
    "parse_int": str,
}
_NOT_JSON = ("not valid JSON", "nested too deeply")
"""How the check of an event rejects a record that is not JSON at all."""


def show(data: bytes) -> None:
    """Read as the body of a response."""
    document = read(data, "application/json")
    layout = document.layout
    if not isinstance(layout, IndentedJson):
        raise Refused("it is shown as text")
    if layout.problem:
        raise Refused(layout.problem)
    if layout.documents != 1:
        raise Refused(f"it is shown as {layout.documents} documents")
    shown = b"\n".join(document.raw(index) for index in range(document.line_count))
    assert _value(shown) == _value(data), shown[:200]


def _value(data: bytes) -> object:
    """Return a document as Python reads it; what it cannot read counts as equal."""
    try:
        return json.loads(jsonbytes.decode_text(data), **_EXACT)
    except (ValueError, RecursionError):
        return None


def decode(data: bytes) -> None:
    """Read as what the app looks for in a response."""
    try:
        jsonbytes.decode(data)
        jsonbytes.compact(data)
    except jsonbytes.NotJson as error:
        raise Refused(str(error)) from None


def send(data: bytes) -> None:
    """Check as the body of a request."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused("it cannot be typed") from None
    mistake = jsontext.check(text)
    result = check_body(Body(BodyType.JSON, text))
    if not text.strip():
        raise Refused("it is empty")
    assert result.ok == (mistake is None), result
    if mistake is not None:
        raise Refused(str(mistake))


def import_line(data: bytes) -> None:
    """Import as a line of JSON lines; valid JSON is put on one line before."""
    data = data.strip()
    if b"\n" in data:
        with contextlib.suppress(jsonbytes.NotJson):
            jsonbytes.decode(data)
            data = data.replace(b"\n", b" ")  # Of valid JSON, a line break is space.
    _check_record(LineReader(*stream_of(data)), data.removeprefix(_BOM))


def import_item(data: bytes) -> None:
    """Import as the only element of a list."""
    data = data.strip()
    if data.endswith(b","):
        raise Refused("it is an element and a comma")  # Which loses nothing there.
    _check_record(ListReader(*stream_of(b"[%b\n]" % data)), data)


def _check_record(reader: Reader, data: bytes) -> None:
    chunks = list(iter(reader.read, None))
    records = [record for chunk in chunks for record in chunk.records]
    if not data or not records:
        raise Refused("it is blank")
    if len(records) != 1:
        raise Refused(f"it is read as {len(records)} records")
    for reason in chunks[0].invalid.values():
        raise Refused(reason)
    (record,) = records
    assert isinstance(record, bytes) and record.strip() == data, record
    try:
        EventChecker(lambda: 1.8e9).complete(record)
    except InvalidRecord as error:
        if error.reason.startswith(_NOT_JSON):
            raise Refused(error.reason) from None


def _verdicts(read: Callable[[bytes], None], folder: Path) -> Iterator[Verdict]:
    for path in sorted((folder / "test_parsing").glob("*.json")):
        run = partial(read, path.read_bytes())
        yield judge(path.name, run, _EXPECTED[path.name[0]])
    for path in sorted((folder / "test_transform").glob("*.json")):
        yield judge(path.name, partial(read, path.read_bytes()))


CORPUS = Corpus(
    "nst/JSONTestSuite",
    ("test_parsing", "test_transform"),
    {
        "response as shown": partial(_verdicts, show),
        "response as read": partial(_verdicts, decode),
        "request body": partial(_verdicts, send),
        "JSON lines": partial(_verdicts, import_line),
        "JSON list": partial(_verdicts, import_item),
    },
)
