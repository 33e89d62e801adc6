"""Bodies are checked, wrapped, completed and encoded, and otherwise unchanged."""

from __future__ import annotations

import base64
import errno
import json
import os
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Service
from mixtui.mixpanel.endpoints import Endpoint, TokenPlace, find_endpoint
from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import FileContent
from mixtui.request.body import BodyAdditions, EncodedBody, check_body, encode_body

TRACK = find_endpoint(Service.INGESTION, "POST", "/track")
IMPORT = find_endpoint(Service.INGESTION, "POST", "/import")
SCHEMAS = find_endpoint(Service.WEB, "POST", "/api/app/projects/1/schemas")
PIPELINE = find_endpoint(Service.DATA, "POST", "/api/2.0/nessie/pipeline/create")
NO_ADDITIONS = BodyAdditions()
TOKEN = BodyAdditions(token="T", token_place=TokenPlace.PROPERTIES, environment="prod")


def encode(
    type_: BodyType,
    text: str,
    endpoint: Endpoint = SCHEMAS,
    additions: BodyAdditions = NO_ADDITIONS,
) -> EncodedBody:
    return encode_body(Body(type_, text), endpoint, additions, None)


TYPES = [
    (BodyType.JSON, '{"a": 1}', "application/json"),
    (BodyType.NDJSON, '{"a": 1}\n', "application/x-ndjson"),
    (BodyType.FORM, "a=1", "application/x-www-form-urlencoded"),
    (BodyType.CSV, "id,name\r\n1,x\r\n", "text/csv"),
    (BodyType.TEXT, "è", "text/plain; charset=utf-8"),
]


@pytest.mark.parametrize(("type_", "text", "content_type"), TYPES)
def test_each_type_has_its_content_type_and_is_sent_as_typed(
    type_: BodyType, text: str, content_type: str
) -> None:
    encoded_body = encode(type_, text)
    assert (encoded_body.content, encoded_body.content_type) == (
        text.encode(),
        content_type,
    )
    assert encoded_body.notices == ()


@pytest.mark.parametrize("type_", [t for t in BodyType if t is not BodyType.FILE])
def test_a_blank_body_is_not_sent(type_: BodyType) -> None:
    assert encode(type_, " \n ") == EncodedBody(None, "")


def test_numbers_duplicate_keys_order_and_layout_are_untouched() -> None:
    text = '{ "b":1.0,"a":1e400,\n\t"a":-0, "n":12345678901234567890.10 }'
    assert encode(BodyType.JSON, text).content == text.encode()


@pytest.mark.parametrize("text", ["{", '{"a": 01}', "[NaN]", "{'a': 1}", "nul"])
def test_invalid_json_is_refused_with_line_and_column(text: str) -> None:
    with pytest.raises(DraftError, match="not JSON: line 1, column ") as caught:
        encode(BodyType.JSON, text)
    assert caught.value.field is Field.BODY


def test_a_list_that_is_too_deep_is_refused() -> None:
    with pytest.raises(DraftError, match="nested too deeply"):
        encode(BodyType.JSON, "[" * 100_000 + "]" * 100_000)


def test_a_list_that_is_nearly_too_deep_raises_no_other_error() -> None:
    for depth in range(900, 1000):
        text = '[{"a": ' + "[" * depth + "]" * depth + "}]"
        try:
            encoded_body = encode(BodyType.JSON, text, TRACK, TOKEN)
        except DraftError:
            continue
        assert encoded_body.content


def test_an_object_is_wrapped_with_a_notice_where_a_list_is_expected() -> None:
    encoded_body = encode(BodyType.JSON, ' {"a": 1.0}\n', IMPORT)
    assert encoded_body.content == b'[{"a": 1.0}]'
    assert encoded_body.notices == (
        "Import events expects a list: the object is sent as [ … ].",
    )


def test_a_list_stays_one_and_an_object_stays_one_elsewhere() -> None:
    assert encode(BodyType.JSON, "[{}]", IMPORT).content == b"[{}]"
    assert encode(BodyType.JSON, "{}", SCHEMAS).content == b"{}"


def test_an_added_token_gives_a_notice() -> None:
    text = '[{"properties": {}}, {"properties": {"token": "X"}}]'
    encoded_body = encode(BodyType.JSON, text, TRACK, TOKEN)
    assert encoded_body.content == (
        b'[{"properties": {"token": "T"}}, {"properties": {"token": "X"}}]'
    )
    assert encoded_body.notices == (
        "The project token was added as properties.token to 1 of 2 records.",
    )


def test_a_record_without_a_token_is_named_when_there_is_none() -> None:
    without_token = BodyAdditions(token_place=TokenPlace.PROPERTIES, environment="prod")
    with pytest.raises(
        CredentialError, match=r"Record 1 has no properties\.token"
    ) as caught:
        encode(BodyType.JSON, '{"properties": {}}', TRACK, without_token)
    assert "press f9 to add one" in str(caught.value)


def test_a_merge_needs_no_token() -> None:
    additions = BodyAdditions(token_place=TokenPlace.MERGE_EVENTS)
    text = '[{"event": "$merge", "properties": {}}]'
    assert encode(BodyType.JSON, text, IMPORT, additions).content == text.encode()


def test_json_lines_lose_only_blank_lines() -> None:
    encoded_body = encode(BodyType.NDJSON, '\n {"a": 1.0}\r\n\n{"b":\t2}')
    assert encoded_body.content == b'{"a": 1.0}\n{"b":\t2}\n'


def test_a_mistake_in_json_lines_is_located_by_line() -> None:
    with pytest.raises(DraftError, match="line 3, column 2"):
        encode(BodyType.NDJSON, '{"a": 1}\n\n{b}')


def test_json_lines_get_the_token_too() -> None:
    text = '{"properties": {"n": 1.0}}\n{"properties":{"token":"X"}}\n'
    encoded_body = encode(BodyType.NDJSON, text, TRACK, TOKEN)
    assert encoded_body.content == (
        b'{"properties": {"token": "T", "n": 1.0}}\n{"properties":{"token":"X"}}\n'
    )


@given(st.lists(st.dictionaries(st.text(), st.floats(allow_nan=False) | st.text())))
def test_any_records_are_sent_unchanged_one_per_line(
    records: list[dict[str, object]],
) -> None:
    lines = [json.dumps(r, ensure_ascii=False).replace("\n", " ") for r in records]
    lines = [line for line in lines if "Infinity" not in line]
    encoded_body = encode(BodyType.NDJSON, "\n".join(lines), TRACK, TOKEN)
    sent = (encoded_body.content or b"").decode().split("\n")[:-1]
    expected = []
    for line in lines:
        record = json.loads(line)
        properties = record.get("properties", {})
        if isinstance(properties, dict):
            record["properties"] = {"token": "T", **properties}
        expected.append(record)
    assert [json.loads(line) for line in sent] == expected


def test_a_form_is_encoded_and_gets_the_fields_it_lacks() -> None:
    additions = BodyAdditions(form=(("project_id", "1"),))
    encoded_body = encode(
        BodyType.FORM, "events=a b\nevents=c&d=é", PIPELINE, additions
    )
    assert encoded_body.content == b"events=a%20b&events=c%26d%3D%C3%A9&project_id=1"
    assert encoded_body.notices == ("The form field project_id was added.",)
    typed = encode(BodyType.FORM, "project_id=2", PIPELINE, additions)
    assert (typed.content, typed.notices) == (b"project_id=2", ())


def test_an_incomplete_form_is_refused_with_its_line() -> None:
    with pytest.raises(DraftError, match="incomplete: line 2"):
        encode(BodyType.FORM, "a=1\nb")


def test_the_event_in_a_form_gets_the_token() -> None:
    text = 'data={"event": "$create_alias", "properties": {"alias": "x"}}\nverbose=1'
    encoded_body = encode(BodyType.FORM, text, TRACK, TOKEN)
    fields = dict(parse_qsl((encoded_body.content or b"").decode()))
    assert json.loads(fields["data"])["properties"] == {"token": "T", "alias": "x"}
    assert "The project token was added" in encoded_body.notices[0]


def test_the_event_in_base64_gets_the_token_too() -> None:
    event = base64.b64encode(b'{"event": "x", "properties": {"a": 1}}').decode()
    encoded_body = encode(BodyType.FORM, f"data={event}", TRACK, TOKEN)
    fields = dict(parse_qsl((encoded_body.content or b"").decode()))
    sent = json.loads(base64.b64decode(fields["data"]))
    assert sent["properties"] == {"token": "T", "a": 1}


def test_events_in_a_form_get_ids_and_the_token_of_a_merge() -> None:
    text = (
        'data=[{"event": "x", "properties": {}}, {"event": "$merge", "properties": {}}]'
    )
    additions = replace(TOKEN, token_place=TokenPlace.MERGE_EVENTS, insert_ids="1")
    encoded_body = encode(BodyType.FORM, text, IMPORT, additions)
    fields = dict(parse_qsl((encoded_body.content or b"").decode()))
    event, merge = json.loads(fields["data"])
    assert list(event["properties"]) == ["$insert_id"]
    assert merge["properties"] == {"token": "T"}


@pytest.mark.parametrize(
    "data", ["", "x", "eyJh", "1234", "eyJhIjp9", "{", "data:image/png"]
)
def test_data_that_holds_no_record_is_sent_unchanged(data: str) -> None:
    encoded_body = encode(BodyType.FORM, f"data={data}", TRACK, TOKEN)
    fields = parse_qsl((encoded_body.content or b"").decode(), keep_blank_values=True)
    assert fields == [("data", data)]
    assert encoded_body.notices == ()


def test_base64_to_which_nothing_is_added_is_sent_as_it_was_typed() -> None:
    event = base64.b64encode(b'{"event":"x", "properties": {"token": "y"}}').decode()
    encoded_body = encode(BodyType.FORM, f"data={event.rstrip('=')}", TRACK, TOKEN)
    fields = dict(parse_qsl((encoded_body.content or b"").decode()))
    assert fields["data"] == event.rstrip("=")


def test_a_form_field_is_not_added_to_another_type_with_a_notice() -> None:
    additions = BodyAdditions(form=(("project_id", "1"),))
    encoded_body = encode(BodyType.JSON, '{"a": 1}', PIPELINE, additions)
    assert encoded_body.content == b'{"a": 1}'
    assert encoded_body.notices == (
        "Data Pipelines expects a form: project_id was not added to this body.",
    )


FILES = [
    ("a.json", "application/json"),
    ("a.NDJSON", "application/x-ndjson"),
    ("a.jsonl", "application/x-ndjson"),
    ("a.csv", "text/csv"),
    ("a.txt", "text/plain; charset=utf-8"),
    ("a.gz", "application/octet-stream"),
]


@pytest.mark.parametrize(("name", "content_type"), FILES)
def test_a_file_beside_the_request_is_sent_unchanged(
    tmp_path: Path, name: str, content_type: str
) -> None:
    (tmp_path / name).write_bytes(b"12345")
    body = Body(BodyType.FILE, path=name)
    encoded_body = encode_body(body, TRACK, TOKEN, tmp_path)
    assert encoded_body.content == FileContent(tmp_path / name, 5)
    assert encoded_body.content_type == content_type
    assert "byte for byte" in encoded_body.notices[0]


def test_a_path_may_start_with_a_tilde_or_be_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in ("~/a.json", str(tmp_path / "a.json")):
        body = Body(BodyType.FILE, path=path)
        encoded_body = encode_body(body, TRACK, TOKEN, Path("/nowhere"))
        assert encoded_body.content == FileContent(tmp_path / "a.json", 0)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "No file selected: enter"),
        ("gone.json", "it does not exist"),
        (".", "a folder"),
        ("/dev/zero", "a device or a pipe"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused(
    tmp_path: Path, path: str, message: str
) -> None:
    with pytest.raises(DraftError, match=message):
        encode_body(Body(BodyType.FILE, path=path), TRACK, TOKEN, tmp_path)


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:  # By itself, no mode stops root.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / "a.json").touch()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DraftError, match="cannot be read: Permission denied"):
        encode_body(Body(BodyType.FILE, path="a.json"), TRACK, TOKEN, tmp_path)


CHECKS = [
    (BodyType.JSON, "[1, 2]", True, "Valid JSON, 2 records"),
    (BodyType.JSON, "{}", True, "Valid JSON, 1 record; sent as a list"),
    (BodyType.JSON, "5", True, "Valid JSON"),
    (BodyType.JSON, " ", True, ""),
    (BodyType.NDJSON, "{}\n\n{}", True, "Valid JSON lines, 2 records"),
    (BodyType.FORM, "a=1\nb=2", True, "2 fields"),
    (BodyType.CSV, "anything", True, ""),
]


@pytest.mark.parametrize(("type_", "text", "ok", "message"), CHECKS)
def test_a_body_is_checked_while_it_is_typed(
    type_: BodyType, text: str, ok: bool, message: str
) -> None:
    check = check_body(Body(type_, text), list_body=True)
    assert (check.ok, check.message) == (ok, message)


MISTAKES = [
    (BodyType.JSON, '{\n "a": }', 2, 7),
    (BodyType.NDJSON, "{}\n{}}", 2, 3),
    (BodyType.FORM, "a=1\nb", 2, 1),
]


@pytest.mark.parametrize(("type_", "text", "line", "column"), MISTAKES)
def test_a_mistake_is_located_while_it_is_typed(
    type_: BodyType, text: str, line: int, column: int
) -> None:
    check = check_body(Body(type_, text))
    assert (check.ok, check.line, check.column) == (False, line, column)
    assert check.message.startswith(f"line {line}, column {column}")
