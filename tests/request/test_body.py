"""Bodies: checked, wrapped, completed and encoded, and nothing else changed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
NOTHING = BodyAdditions()
TOKEN = BodyAdditions(token="T", token_place=TokenPlace.PROPERTIES, environment="prod")


def encoded(
    type_: BodyType,
    text: str,
    endpoint: Endpoint = SCHEMAS,
    additions: BodyAdditions = NOTHING,
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
def test_each_type_has_its_content_type_and_goes_out_as_it_was_typed(
    type_: BodyType, text: str, content_type: str
) -> None:
    done = encoded(type_, text)
    assert (done.content, done.content_type) == (text.encode(), content_type)
    assert done.notices == ()


@pytest.mark.parametrize("type_", [t for t in BodyType if t is not BodyType.FILE])
def test_a_blank_body_is_no_body(type_: BodyType) -> None:
    assert encoded(type_, " \n ") == EncodedBody(None, "")


def test_numbers_duplicate_keys_order_and_layout_are_untouched() -> None:
    text = '{ "b":1.0,"a":1e400,\n\t"a":-0, "n":12345678901234567890.10 }'
    assert encoded(BodyType.JSON, text).content == text.encode()


@pytest.mark.parametrize("text", ["{", '{"a": 01}', "[NaN]", "{'a': 1}", "nul"])
def test_a_body_that_is_no_json_is_refused_with_line_and_column(text: str) -> None:
    with pytest.raises(DraftError, match="not JSON: line 1, column ") as caught:
        encoded(BodyType.JSON, text)
    assert caught.value.field is Field.BODY


def test_a_list_that_is_too_deep_is_refused() -> None:
    with pytest.raises(DraftError, match="nested too deeply"):
        encoded(BodyType.JSON, "[" * 100_000 + "]" * 100_000)


def test_a_list_that_is_nearly_too_deep_never_ends_in_another_error() -> None:
    for depth in range(900, 1000):
        text = '[{"a": ' + "[" * depth + "]" * depth + "}]"
        try:
            done = encoded(BodyType.JSON, text, TRACK, TOKEN)
        except DraftError:
            continue
        assert done.content


def test_an_object_is_wrapped_where_a_list_is_wanted_and_that_is_said() -> None:
    done = encoded(BodyType.JSON, ' {"a": 1.0}\n', IMPORT)
    assert done.content == b'[{"a": 1.0}]'
    assert done.notices == ("Import events takes a list: the object is sent as [ … ].",)


def test_a_list_stays_one_and_an_object_stays_one_elsewhere() -> None:
    assert encoded(BodyType.JSON, "[{}]", IMPORT).content == b"[{}]"
    assert encoded(BodyType.JSON, "{}", SCHEMAS).content == b"{}"


def test_an_added_token_is_said() -> None:
    text = '[{"properties": {}}, {"properties": {"token": "X"}}]'
    done = encoded(BodyType.JSON, text, TRACK, TOKEN)
    assert done.content == (
        b'[{"properties": {"token": "T"}}, {"properties": {"token": "X"}}]'
    )
    assert done.notices == (
        "The project token was added as properties.token to 1 of 2 records.",
    )


def test_a_record_without_a_token_is_named_when_there_is_none() -> None:
    none = BodyAdditions(token_place=TokenPlace.PROPERTIES, environment="prod")
    with pytest.raises(
        CredentialError, match=r"Record 1 has no properties\.token"
    ) as e:
        encoded(BodyType.JSON, '{"properties": {}}', TRACK, none)
    assert "add one with f9" in str(e.value)


def test_a_merge_without_a_token_may_go() -> None:
    merge = BodyAdditions(token_place=TokenPlace.MERGE_EVENTS)
    text = '[{"event": "$merge", "properties": {}}]'
    assert encoded(BodyType.JSON, text, IMPORT, merge).content == text.encode()


def test_json_lines_lose_only_what_is_empty() -> None:
    done = encoded(BodyType.NDJSON, '\n {"a": 1.0}\r\n\n{"b":\t2}')
    assert done.content == b'{"a": 1.0}\n{"b":\t2}\n'


def test_a_mistake_in_json_lines_has_its_line() -> None:
    with pytest.raises(DraftError, match="line 3, column 2"):
        encoded(BodyType.NDJSON, '{"a": 1}\n\n{b}')


def test_json_lines_get_the_token_too() -> None:
    text = '{"properties": {"n": 1.0}}\n{"properties":{"token":"X"}}\n'
    done = encoded(BodyType.NDJSON, text, TRACK, TOKEN)
    assert done.content == (
        b'{"properties": {"token": "T", "n": 1.0}}\n{"properties":{"token":"X"}}\n'
    )


@given(st.lists(st.dictionaries(st.text(), st.floats(allow_nan=False) | st.text())))
def test_any_records_go_out_as_they_are_one_a_line(
    records: list[dict[str, object]],
) -> None:
    lines = [json.dumps(r, ensure_ascii=False).replace("\n", " ") for r in records]
    lines = [line for line in lines if "Infinity" not in line]
    done = encoded(BodyType.NDJSON, "\n".join(lines), TRACK, TOKEN)
    sent = (done.content or b"").decode().split("\n")[:-1]
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
    done = encoded(BodyType.FORM, "events=a b\nevents=c&d=é", PIPELINE, additions)
    assert done.content == b"events=a%20b&events=c%26d%3D%C3%A9&project_id=1"
    assert done.notices == ("The form field project_id was added.",)
    typed = encoded(BodyType.FORM, "project_id=2", PIPELINE, additions)
    assert (typed.content, typed.notices) == (b"project_id=2", ())


def test_a_form_that_is_not_whole_is_refused_with_its_line() -> None:
    with pytest.raises(DraftError, match="not whole: line 2"):
        encoded(BodyType.FORM, "a=1\nb")


def test_the_event_in_a_form_gets_the_token() -> None:
    text = 'data={"event": "$create_alias", "properties": {"alias": "x"}}\nverbose=1'
    done = encoded(BodyType.FORM, text, TRACK, TOKEN)
    fields = dict(parse_qsl((done.content or b"").decode()))
    assert json.loads(fields["data"])["properties"] == {"token": "T", "alias": "x"}
    assert "The project token was added" in done.notices[0]


def test_a_form_whose_data_is_no_json_is_sent_as_it_is() -> None:
    done = encoded(BodyType.FORM, "data=eyJhIjoxfQ", TRACK, TOKEN)
    assert (done.content, done.notices) == (b"data=eyJhIjoxfQ", ())


def test_a_body_of_another_type_cannot_take_a_form_field_and_that_is_said() -> None:
    additions = BodyAdditions(form=(("project_id", "1"),))
    done = encoded(BodyType.JSON, '{"a": 1}', PIPELINE, additions)
    assert done.content == b'{"a": 1}'
    assert done.notices == (
        "Data Pipelines takes a form: project_id was not added to this body.",
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
def test_a_file_is_sent_as_it_is_from_beside_the_request(
    tmp_path: Path, name: str, content_type: str
) -> None:
    (tmp_path / name).write_bytes(b"12345")
    body = Body(BodyType.FILE, path=name)
    done = encode_body(body, TRACK, TOKEN, tmp_path)
    assert done.content == FileContent(tmp_path / name, 5)
    assert done.content_type == content_type
    assert "byte for byte" in done.notices[0]


def test_a_file_in_the_home_folder_and_an_absolute_one_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in ("~/a.json", str(tmp_path / "a.json")):
        body = Body(BodyType.FILE, path=path)
        done = encode_body(body, TRACK, TOKEN, Path("/nowhere"))
        assert done.content == FileContent(tmp_path / "a.json", 0)


@pytest.mark.parametrize(
    ("path", "words"),
    [("", "No file is named"), ("gone.json", "no such file"), (".", "a folder")],
)
def test_a_file_that_cannot_be_sent_is_refused(
    tmp_path: Path, path: str, words: str
) -> None:
    with pytest.raises(DraftError, match=words):
        encode_body(Body(BodyType.FILE, path=path), TRACK, TOKEN, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch(mode=0)
    with pytest.raises(DraftError, match="cannot be read: Permission denied"):
        encode_body(Body(BodyType.FILE, path="a.json"), TRACK, TOKEN, tmp_path)


CHECKS = [
    (BodyType.JSON, "[1, 2]", True, "valid JSON, 2 records"),
    (BodyType.JSON, "{}", True, "valid JSON, 1 record; it is sent as a list"),
    (BodyType.JSON, "5", True, "valid JSON"),
    (BodyType.JSON, " ", True, ""),
    (BodyType.NDJSON, "{}\n\n{}", True, "valid JSON lines, 2 records"),
    (BodyType.FORM, "a=1\nb=2", True, "2 fields"),
    (BodyType.CSV, "anything", True, ""),
]


@pytest.mark.parametrize(("type_", "text", "ok", "words"), CHECKS)
def test_a_body_is_checked_as_it_is_typed(
    type_: BodyType, text: str, ok: bool, words: str
) -> None:
    check = check_body(Body(type_, text), list_body=True)
    assert (check.ok, check.message) == (ok, words)


MISTAKES = [
    (BodyType.JSON, '{\n "a": }', 2, 7),
    (BodyType.NDJSON, "{}\n{}}", 2, 3),
    (BodyType.FORM, "a=1\nb", 2, 1),
]


@pytest.mark.parametrize(("type_", "text", "line", "column"), MISTAKES)
def test_a_mistake_is_pointed_at_as_it_is_typed(
    type_: BodyType, text: str, line: int, column: int
) -> None:
    check = check_body(Body(type_, text))
    assert (check.ok, check.line, check.column) == (False, line, column)
    assert check.message.startswith(f"line {line}, column {column}")
