"""Targets: what servers send, as it is shown, tabulated, charted, compared and judged."""

from __future__ import annotations

import csv
import io
import json
import math
from functools import partial
from itertools import pairwise
from typing import Any

import brotli
import msgspec
from hypothesis import strategies as st

from mixtui import jsonbytes, jsontext
from mixtui.charts.recognise import read_chart
from mixtui.charts.records import read_record_charts
from mixtui.charts.sparkline import trend
from mixtui.charts.summary import summarise
from mixtui.client.decoding import DecodingError, make_decoder
from mixtui.diff.json_diff import JsonDiff, diff_json
from mixtui.diff.text_diff import TextDiff, diff_text
from mixtui.document.document import Language, read
from mixtui.document.highlight import tokens
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import no_value_reason, record_at, value_at
from mixtui.document.search import SearchQuery
from mixtui.document.text import sanitize_for_pager, text_chunks
from mixtui.editing.names import read_names
from mixtui.history.bodies import redact_new_token
from mixtui.mixpanel.operation import NameKind
from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import ExitStatus
from mixtui.model.known_names import NameQuery
from mixtui.outcome.failed_records import (
    keep_records,
    locate_record,
    parse_failed_records,
    record_lines,
)
from mixtui.outcome.outcome import OutcomeKind, judge_response
from mixtui.outcome.paging import read_page
from mixtui.outcome.projects import read_projects
from mixtui.outcome.refusals import quota_detail, retry_after, wait_label
from mixtui.outcome.sent_records import count_sent_records
from mixtui.system import CancelToken
from mixtui.tables.export import export_csv, export_tsv
from mixtui.tables.finder import TableFinder
from mixtui.tables.reports import read_report
from mixtui.tables.table import Table
from mixtui.tables.view import Sort, View, parse_filter
from mixtui.text import sanitize
from mixtui.ui.table.layout import cell_text
from tests.charts import samples
from tests.document.bodies_to_show import DOCUMENTS, VALUES
from tests.exchanges import exchange
from tests.fuzz.target import Target, check_sentence, refused
from tests.fuzz.texts import AWKWARD, encoded, mutated, near, seeds
from tests.outcome.hostile_answers import OPERATIONS

_SPACE = b" \t\r\n"
_JSON_TOKENS = (
    *(
        '{"a":',
        '"b"',
        "[1,",
        "]",
        "}",
        ",",
        ":",
        '"\\ud83d"',
        '"\\u00e9"',
        "-0",
        "1.5e3",
    ),
    *('"time":', '"event":"e"', "true", "false", "null", "\n", "  ", '"', "\\", "01"),
)
_ANSWER_SEEDS = (
    *seeds("outcome", r'^\s*[\[{"]'),
    *seeds("charts", r'^\s*[\[{"]'),
    '{"code":200,"num_records_imported":2,"status":"OK"}',
    '{"failed_records":[{"index":0,"insert_id":"a","field":"properties.time",'
    '"message":"is invalid"}],"code":400,"num_records_imported":1,"status":"Bad"}',
    '{"results":[{"$distinct_id":"a","$properties":{"x":1}}],"page":0,"total":1,'
    '"page_size":1000,"session_id":"s","status":"ok"}',
    '{"data":{"series":["2026-01-01"],"values":{"a":{"2026-01-01":5}}},"legend_size":1}',
    '{"meta":{"dates":["2026-01-01"]},"data":{"2026-01-01":{"steps":[{"count":3,'
    '"step_conv_ratio":1,"goal":"a","overall_conv_ratio":1,"avg_time":2,"event":"a"}]}}}',
    '{"2026-01-01":{"count":10,"counts":[5,3,1]}}',
    '{"status":"ok","results":{"accessible_projects":{"1":{"name":"a"}}}}',
    '{"a":1}\n{"a":2}\n',
    '{"2026-01-01":{"first":10,"counts":[5,3]},"2026-01-02":{"first":1,"counts":[1]}}',
    '[{"a":1,"b":"x"},{"a":2,"b":"y"}]',
    "terminated early",
    "1",
    "0",
)
_REPORTS = tuple(
    json.dumps(value) for name, value in sorted(vars(samples).items()) if name.isupper()
)
_TABLES = (
    '[{"a":1,"b":"x"},{"a":2,"b":"y"}]',
    '{"event":"a","properties":{"time":1,"b":[1]}}\n{"event":"b","properties":{}}\n',
    '{"results":[{"$distinct_id":"a","$properties":{"x":1}},{"$distinct_id":"b"}]}',
    "a,b\n1,2\n3,4\n",
    'a;b\n"x;y";2\n',
    "a\tb\n1\t2\n",
    *_REPORTS,
)
JSON_TEXTS = (
    DOCUMENTS
    | VALUES
    | mutated(_ANSWER_SEEDS, (*_JSON_TOKENS, *AWKWARD))
    | near(_ANSWER_SEEDS, _JSON_TOKENS)
)
_BODIES = encoded(JSON_TEXTS)
_MEDIA_TYPES = st.sampled_from(
    [
        "",
        "application/json",
        "text/plain",
        "text/csv",
        "application/x-ndjson",
        "é/+json",
    ]
)
_EXACT: dict[str, Any] = {
    "object_pairs_hook": tuple,
    "parse_float": str,
    "parse_int": str,
}


def _without_space(data: bytes) -> bytes:
    return bytes(byte for byte in data if byte not in _SPACE)


def _is_strict_json(data: bytes) -> bool:
    """Return whether two strict parsers take bytes for one JSON text."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
        json.loads(data.decode(), **_EXACT, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> object:
    raise ValueError(name)


def _check_document(example: tuple[bytes, str]) -> None:
    body, media_type = example
    document = read(body, media_type)
    lines = [document.line(index) for index in range(document.line_count)]
    raw = b"\n".join(document.raw(index) for index in range(document.line_count))
    for line in lines:
        assert sanitize(line) == line, repr(line)
        assert "".join(text for _, text in tokens(line, document.language)) == line
    if document.notice:
        check_sentence(document.notice)
    if document.language is not Language.HEX:
        start = 3 if body.startswith(b"\xef\xbb\xbf") else 0
        assert _without_space(raw) == _without_space(body[start:])
    layout = document.layout
    if isinstance(layout, IndentedJson):
        if not layout.problem and layout.documents == 1 and _is_strict_json(body):
            assert json.loads(raw, **_EXACT) == json.loads(body, **_EXACT)
        if _is_strict_json(body):
            assert not layout.problem
    for number in range(min(document.line_count, 20)):
        value = value_at(document, number)
        assert value is not None or no_value_reason(document, number)
        if value is not None and not document.notice:
            assert isinstance(value.text, str)
        record_at(document, number)
    assert list(sanitize_for_pager(text_chunks(document))) is not None


def _check_json_text(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    mistake = jsontext.check(text)
    if _is_strict_json(data) and not text.startswith("\ufeff"):
        assert mistake is None, mistake
        assert jsonbytes.compact(data) == msgspec.json.format(data, indent=-1)
        start = jsontext.skip_space(text, 0)
        assert jsontext.value_at(text, start).start == start
        assert [(r.start, r.end) for r in jsontext.records(text)] == [
            (s.start, s.end) for s in jsontext.record_spans(text)
        ]
    if mistake is None:
        # Half of a surrogate pair is the only thing that msgspec refuses beyond it.
        json.loads(text, parse_constant=_refuse, **_EXACT)
    else:
        rows = text.split("\n")
        assert 1 <= mistake.line <= len(rows), mistake
        assert 1 <= mistake.column <= len(rows[mistake.line - 1]) + 1, mistake
        assert mistake.message
    spans = list(jsontext.record_spans(text))
    assert all(0 <= s.start <= s.end <= len(text) for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    jsontext.check_lines(text)
    jsontext.is_open(text)
    line, column = jsontext.line_and_column(text, len(text))
    assert (line, column) == (text.count("\n") + 1, len(text.split("\n")[-1]) + 1)


def _check_json_bytes(body: bytes) -> None:
    text = jsonbytes.decode_text(body)
    refused(lambda: jsonbytes.read_leniently(text), jsonbytes.NotJson)
    refused(lambda: jsonbytes.decode(body), jsonbytes.NotJson)
    compacted = refused(lambda: jsonbytes.compact(body), jsonbytes.NotJson)
    if compacted:
        kind = jsonbytes.raw_kind(compacted)
        if kind is jsonbytes.Kind.OBJECT:
            members = refused(lambda: jsonbytes.raw_members(body), jsonbytes.NotJson)
            for key, value in members or ():
                assert jsonbytes.raw_member(body, key) is not None
                assert jsonbytes.raw_kind(value)
        elif kind is jsonbytes.Kind.LIST:
            jsonbytes.raw_items(body)
    jsonbytes.string_text(body)
    name, value = jsonbytes.split_member(body)
    assert not name or (body.startswith(name) and body.endswith(value))
    redact_new_token(body)


def _check_tables(example: tuple[bytes, str, str]) -> None:
    body, media_type, words = example
    token = CancelToken()
    for table in TableFinder(read(body, media_type)).advance(token)[:3]:
        table.find_columns(token)
        terms = refused(partial(parse_filter, words, table))
        filter_text = words if terms is not None else ""
        sort = Sort(table.columns[0].path) if table.columns else None
        view = refused(partial(View(table).arrange, sort, filter_text, token))
        _check_export(table, view)
    read_report(read(body, media_type).source)


def _check_export(table: Table, view: View | None) -> None:
    numbers = list(range(min(table.row_count, 20)))
    columns = list(table.columns)[:10]
    rows = list(csv.reader(io.StringIO("".join(export_csv(table, columns, numbers)))))
    if columns:
        assert all(len(row) == len(columns) for row in rows if row), rows
    for line in "".join(export_tsv(table, columns, numbers)).split("\n")[:1]:
        assert line.count("\t") == max(len(columns) - 1, 0)
    for number in numbers:
        row = table.row(number)
        for column in columns:
            shown = cell_text(row.cell(column))
            assert sanitize(shown) == shown, repr(shown)


def _check_csv(rows: list[list[str]]) -> None:
    """What Python writes as CSV has the same fields in our table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"column {number}" for number in range(3)])
    writer.writerows(rows)
    body = text.getvalue().encode()
    tables = TableFinder(read(body, "text/csv")).advance(CancelToken())
    if not tables:
        return
    table = tables[0]
    table.find_columns(CancelToken())
    exported = "".join(
        export_csv(table, list(table.columns), list(range(table.row_count)))
    )
    assert list(csv.reader(io.StringIO(exported)))[1:] == rows


def _check_comparison(example: tuple[bytes, bytes]) -> None:
    old, new = example
    same, other = diff_json(old, old), diff_json(old, new)
    if isinstance(same, JsonDiff):
        assert not same.changes
    else:
        check_sentence(str(same.reason))
    are_json = _is_strict_json(old) and _is_strict_json(new)
    if are_json and json.loads(old, **_EXACT) == json.loads(new, **_EXACT):
        assert not isinstance(other, JsonDiff) or not other.changes
    lines = diff_text(old, new)
    if isinstance(lines, TextDiff):
        for row in range(min(lines.row_count, 30)):
            lines.row(row)


def _check_charts(body: bytes) -> None:
    charts = (*read_chart(body), *read_record_charts(body))
    for chart in charts:
        assert summarise(chart).formatted_rows is not None
    assert isinstance(trend(charts), str)


_STATUSES = st.sampled_from(
    [200, 200, 200, 201, 202, 204, 206, 301, 304, 400, 401, 403]
)
_HEADER_TEXTS = st.lists(st.sampled_from(AWKWARD[:60]), max_size=3).map("".join)
_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Content-Type",
                "Retry-After",
                "Location",
                "X-Mixpanel",
                "Content-Encoding",
            ]
        ),
        _HEADER_TEXTS
        | st.sampled_from(["application/json", "text/html; charset=é", "120", "-5"]),
    ),
    max_size=3,
).map(tuple)


def _check_outcome(example: tuple[str, int, Any, bytes]) -> None:
    name, status, headers, body = example
    response = exchange(status, body, headers=headers, request=OPERATIONS[name])
    outcome = judge_response(response)
    if outcome.detail:
        check_sentence(outcome.detail)
    assert outcome.label
    ok = outcome.exit_status == ExitStatus.ACCEPTED
    if not 200 <= status < 300:
        assert not ok, outcome
        assert outcome.kind not in (OutcomeKind.ACCEPTED, OutcomeKind.NOT_VERIFIED)
    if outcome.kind is OutcomeKind.ACCEPTED:
        # The body, whatever its encoding, is JSON, or the table that was asked for.
        text = jsonbytes.decode_text(body)
        assert (
            not text.strip() or _is_read(text) or "format=csv" in response.request.url
        )
    # What a person copies from it is safe to show.
    for failed in parse_failed_records(body):
        assert all(isinstance(reason, str) for reason in failed.reasons)
    count_sent_records(response.request)


def _is_read(text: str) -> bool:
    records = [text, *text.strip().splitlines()]
    for each in (*records, text[text.find("(") + 1 : text.rfind(")")]):
        try:
            jsonbytes.read_leniently(each.strip())
        except jsonbytes.NotJson:
            continue
        return True
    return False


_DATES = near(
    (
        *("Fri, 02 Jan 2026 03:06:05 GMT", "02 Jan 2026 03:04:05 -0000", "120", "0"),
        *("Friday, 02-Jan-26 03:06:05 GMT", "Fri Jan  2 03:06:05 2026", "1e9"),
        *seeds("outcome/test_quota.py", r"GMT|^\d+$"),
    ),
    ("Fri, ", "32", " Jan ", "9999", "0000", ":", "24", "GMT", "-9999", "+", "99", " "),
)


def _check_retry_after(text: str) -> None:
    answer = exchange(429, b"{}", headers=(("Retry-After", text),))
    seconds = retry_after(answer)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
    label = wait_label(answer)
    assert sanitize(label) == label
    assert bool(label) == (seconds is not None)
    assert isinstance(quota_detail(answer, text), str)


def _check_answers_read(body: bytes) -> None:
    """The bodies that are read for what they say."""
    for kind in NameKind:
        query = NameQuery(kind, "e", "p")
        names = refused(partial(read_names, query, body))
        for each in names or ():
            assert each.value and isinstance(each.label, str)
    page = read_page(body)
    if page is not None:
        assert page.pages is None or page.pages >= 0
        assert isinstance(page.is_last, bool)
    for project in read_projects(body) or ():
        assert sanitize(project.label) == project.label


_SENT = st.builds(
    Body,
    st.sampled_from([BodyType.JSON, BodyType.NDJSON, BodyType.CSV, BodyType.TEXT]),
    JSON_TEXTS,
)


def _check_sent_records(body: Body) -> None:
    keep_records(body, [0, 2])
    record_lines(body, [0, 1])
    position = locate_record(body, 1, "properties.time")
    if position is not None:
        assert 1 <= position.line <= body.text.count("\n") + 1


def _check_decoding(example: tuple[str, list[bytes]]) -> None:
    coding, chunks = example
    decoder = make_decoder(coding)
    if decoder is None:
        return
    count = 0
    try:
        for chunk in chunks:
            for piece in decoder.feed(chunk):
                count += len(piece)
        decoder.finish()
    except DecodingError as error:
        assert str(error)
    if decoder.notice:
        check_sentence(decoder.notice)
    assert count <= 40_000_000


def _compressed(text: bytes, coding: str) -> bytes:
    import gzip
    import zlib

    match coding:
        case "gzip":
            return gzip.compress(text, mtime=0)
        case "deflate":
            return zlib.compress(text)
        case "br":
            return bytes(brotli.compress(text))
        case _:
            return text


@st.composite
def _coded(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    coding = draw(
        st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "x", ""])
    )
    data = _compressed(draw(st.binary(max_size=60)), coding)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + 1 :]
    ends = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    starts = [0, *ends]
    return coding, [data[a:b] for a, b in zip(starts, [*ends, len(data)], strict=True)]


def _check_search(example: tuple[str, bool, bool, bytes]) -> None:
    text, case, is_regex, body = example
    pattern = refused(lambda: SearchQuery(text, case, is_regex).pattern())
    if pattern is None:
        return
    spans = refused(lambda: list(pattern.spans(body, 0.2))) or []
    assert all(0 <= start < end <= len(body) for start, end in spans)


TARGETS = (
    Target("response as lines", st.tuples(_BODIES, _MEDIA_TYPES), _check_document, 60),
    Target("JSON text", JSON_TEXTS, _check_json_text, 60),
    Target("JSON bytes", _BODIES, _check_json_bytes, 40),
    Target(
        "tables",
        st.tuples(
            encoded(mutated(_TABLES, (*_JSON_TOKENS, *AWKWARD, "a,b\n", ";")))
            | _BODIES,
            _MEDIA_TYPES,
            near(("a>1", 'name="x"', "b!=2", "x"), ("=", ">", "<", "!", "~", "a")),
        ),
        _check_tables,
        40,
    ),
    Target(
        "CSV",
        st.lists(
            st.lists(
                st.text(
                    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"),
                    min_size=1,
                    max_size=8,
                ),
                min_size=3,
                max_size=3,
            ),
            min_size=1,
            max_size=5,
        ),
        _check_csv,
        40,
    ),
    Target("comparison", st.tuples(_BODIES, _BODIES), _check_comparison, 30),
    Target(
        "charts", encoded(mutated(_REPORTS, _JSON_TOKENS)) | _BODIES, _check_charts, 40
    ),
    Target(
        "outcome",
        st.tuples(
            st.sampled_from(sorted(OPERATIONS)),
            _STATUSES | st.integers(0, 999),
            _HEADERS,
            _BODIES,
        ),
        _check_outcome,
        80,
    ),
    Target("Retry-After", _DATES, _check_retry_after, 60),
    Target("names, pages and projects", _BODIES, _check_answers_read, 40),
    Target("rejected records", _SENT, _check_sent_records, 40),
    Target("Content-Encoding", _coded(), _check_decoding, 40),
    Target(
        "search",
        st.tuples(
            near(
                ("a+b", "(a|b)*", "^x$", "[a-z]"), ("(", ")", "*", "+", "?", "[", "a")
            ),
            st.booleans(),
            st.booleans(),
            _BODIES,
        ),
        _check_search,
        40,
    ),
)
