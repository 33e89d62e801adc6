"""Schemas as files, and how they are sent within the limits of Lexicon."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jobs.model import JobError
from mixtui.jobs.sending import Sending
from mixtui.jobs.sync.plan import Difference, State, Verdict, compare
from mixtui.jobs.sync.schemas import (
    MAX_UNITS,
    SchemaEntry,
    SchemaFiles,
    SchemaServer,
    file_stem,
)
from mixtui.jobs.sync.server import AppApi, RollingPace
from mixtui.model.errors import (
    BrokenFile,
    ChangedOutside,
    DraftError,
    MixtuiError,
    StorageError,
)
from mixtui.storage.paths import fold_name, validate_name
from tests.exchanges import ENVIRONMENT

NAMES = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=300),
    st.sampled_from(
        ("", ".", "..", "a/b", "A", "a", "con", "CON.x", "é", "e\u0301", "$user", "a~")
    ),
)


def schema(name: str, kind: str = "event", properties: int = 0) -> SchemaEntry:
    described = {f"p{n}": {"type": "string"} for n in range(properties)}
    return SchemaEntry(kind, name, {"description": "x", "properties": described})


def states(*entries: SchemaEntry) -> State:
    return {entry.key: entry.item() for entry in entries}


def changes(source: State, target: State | None = None) -> tuple[Difference, ...]:
    comparison = compare(source, target or {}, {}, prune=True, overwrite=True)
    assert {each.verdict for each in comparison.differences} <= {Verdict.APPLY}
    return comparison.changes


def read(files: SchemaFiles) -> State:
    files.load()
    return files.state({})


def write_file(folder: Path, name: str, text: str) -> Path:
    path = folder / "event" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


async def never(*_: object, **__: object) -> Any:
    raise AssertionError("nothing is sent")


def server() -> SchemaServer:
    return SchemaServer(AppApi(ENVIRONMENT, Sending(never), never), never)


@given(NAMES)
def test_every_name_is_that_of_a_file_on_every_system(name: str) -> None:
    file = f"{file_stem(name)}.json"
    # Some systems store another normal form: the name is in the file, too.
    assert fold_name(validate_name(file, Path())) == fold_name(file)
    assert len(file.encode()) < 200


@given(st.lists(NAMES, unique=True, max_size=8))
def test_schemas_of_any_names_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("schemas")
    wanted = states(*(schema(name) for name in names))
    files = SchemaFiles(folder)
    assert read(files) == {}
    files.write(changes(wanted))
    paths = [*folder.glob("*/*.json")]
    assert len({fold_name(str(path)) for path in paths}) == len(names)
    again = SchemaFiles(folder)
    assert read(again) == wanted
    again.write(changes({}, wanted))
    assert read(SchemaFiles(folder)) == {}


def test_a_file_keeps_its_name_and_only_what_differs_is_written(
    tmp_path: Path,
) -> None:
    written = json.dumps({"schemaJson": {}, "name": "Sign up", "entityType": "event"})
    mine = write_file(tmp_path, "mine.json", written)
    same = write_file(tmp_path, "same.json", written.replace("Sign up", "Same"))
    files = SchemaFiles(tmp_path)
    found = read(files)
    assert [*found] == ["event/Sign up", "event/Same"]
    new = states(schema("Sign up"), SchemaEntry("event", "Same", {"properties": {}}))
    files.write(compare(new, found, {}, overwrite=True).changes)
    assert json.loads(mine.read_text())["schemaJson"]["description"] == "x"
    assert same.read_text() == written.replace("Sign up", "Same")


def test_what_was_edited_since_it_was_read_is_not_overwritten(tmp_path: Path) -> None:
    text = states(schema("x"))["event/x"].text
    path = write_file(tmp_path, "x.json", text)
    files = SchemaFiles(tmp_path)
    found = read(files)
    path.write_text(f"{text} ")
    new = states(SchemaEntry("event", "x", {}), schema("y"))
    for source in (new, {}):
        with pytest.raises(ChangedOutside, match="repeat the command"):
            files.write(changes(source, found))
        assert path.read_text() == f"{text} "
    (tmp_path / "event" / "y.json").unlink(missing_ok=True)
    write_file(tmp_path, "y.json", "{}")
    with pytest.raises(ChangedOutside):
        files.write(changes(states(schema("y"))))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "this is not JSON"),
        ("{}", "this is not a schema: Object missing required field `entityType`"),
        ("[]", "this is not a schema: Expected `object`, got `array`"),
        ('{"entityType": "", "name": "a", "schemaJson": {}}', "must be event or"),
        ('{"entityType": "a/b", "name": "a", "schemaJson": {}}', "must be event or"),
        ('{"schemaJson": {"a": ' + "[" * 100_000, "this is not JSON"),
        ("\x00", "this is not JSON"),
    ],
    ids=range(7),
)
def test_what_is_not_a_schema_is_named(tmp_path: Path, text: str, problem: str) -> None:
    write_file(tmp_path, "a.json", text)
    with pytest.raises(BrokenFile, match=r"^a\.json: ") as error:
        read(SchemaFiles(tmp_path))
    assert problem in str(error.value)


@pytest.mark.parametrize("depth", [100, 500, 900])
def test_what_is_nested_deeply_is_read_or_refused(tmp_path: Path, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    text = f'{{"entityType": "event", "name": "a", "schemaJson": {{"a": {nested}}}}}'
    write_file(tmp_path, "a.json", text)
    try:
        assert [*read(SchemaFiles(tmp_path))] == ["event/a"]
    except MixtuiError as error:
        assert depth > 100
        assert "nested too deeply" in str(error) or "not JSON" in str(error)


@given(st.binary(max_size=60) | st.text('{}[]":,aenT1\\u', max_size=60).map(str.encode))
def test_any_bytes_are_a_schema_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("schemas")
    write_file(folder, "a.json", "").write_bytes(data)
    with contextlib.suppress(MixtuiError):
        assert len(read(SchemaFiles(folder))) == 1


def test_two_files_of_one_schema_are_refused(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write_file(tmp_path, name, states(schema("x"))["event/x"].text)
    with pytest.raises(
        BrokenFile, match=r"b\.json: .*a\.json is the schema of event/x"
    ):
        read(SchemaFiles(tmp_path))


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for path in ("README.md", "package.json", ".git/a.json", "event/.hidden.json"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x")
    assert read(SchemaFiles(tmp_path)) == {}
    assert read(SchemaFiles(tmp_path / "gone")) == {}
    with pytest.raises(StorageError, match="is not a folder"):
        read(SchemaFiles(tmp_path / "README.md"))


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (SchemaEntry("events", "a", {}), "must be event or profile, not “events”"),
        (SchemaEntry("event", " ", {}), "name is empty"),
        (
            SchemaEntry("event", "a", {"properties": {"b": {"type": "text"}}}),
            "Invalid enum value 'text'",
        ),
        (SchemaEntry("event", "a", {"properties": {"b": {}}}), "field `type`"),
        (SchemaEntry("event", "a", {"description": 1}), "Expected `str"),
        (
            SchemaEntry("event", "a", {"metadata": {"com.mixpanel": {"tags": "x"}}}),
            "$.metadata.com.mixpanel.tags",
        ),
    ],
)
def test_what_the_server_would_refuse_is_not_sent(
    tmp_path: Path, entry: SchemaEntry, problem: str
) -> None:
    files = SchemaFiles(tmp_path)
    read(files)
    files.write(changes(states(entry)))
    with pytest.raises(BrokenFile) as error:
        server().check(changes(read(files)), files)
    assert problem in str(error.value)


def test_undocumented_members_are_left_to_the_server(tmp_path: Path) -> None:
    entry = SchemaEntry("event", "a", {"properties": {"b": {"type": "null", "x": 1}}})
    server().check(changes(states(entry)), SchemaFiles(tmp_path))


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/", "/a", "a//b", "a/../b"])
def test_a_removal_never_has_the_url_of_other_schemas(
    tmp_path: Path, name: str
) -> None:
    removal = changes({}, states(schema(name)))
    with pytest.raises((JobError, DraftError)):
        server().check(removal, SchemaFiles(tmp_path))


@given(NAMES)
def test_a_removal_names_one_schema_or_is_refused(name: str) -> None:
    try:
        (request,) = server().requests(changes({}, states(schema(name))))
    except MixtuiError:
        return
    start = "https://mixpanel.com/api/app/projects/123/schemas/event/"
    assert request.url.startswith(start)
    rest = request.url.removeprefix(start)
    assert rest and not {"/", "?", "#"} & set(rest)
    assert request.method == "DELETE"


def test_names_and_descriptions_are_not_templates() -> None:
    entry = SchemaEntry("event", "{{name}}", {"description": "{{env:SECRET}}"})
    (request,) = server().requests(changes(states(entry)))
    assert isinstance(request.content, bytes)
    assert json.loads(request.content)["entries"][0] == {
        "entityType": "event",
        "name": "{{name}}",
        "schemaJson": {"description": "{{env:SECRET}}"},
    }


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([0], [1]),
        ([MAX_UNITS - 1], [1]),
        ([MAX_UNITS - 2, 0, 0], [2, 1]),
        ([MAX_UNITS + 500, 0], [1, 1]),
        ([999] * 9, [4, 4, 1]),
    ],
)
def test_a_request_has_no_more_than_the_limit_of_a_minute(
    sizes: list[int], batches: list[int]
) -> None:
    entries = [schema(f"e{n:03}", properties=size) for n, size in enumerate(sizes)]
    counts = []
    for request in server().requests(changes(states(*entries))):
        assert isinstance(request.content, bytes)
        counts.append(len(json.loads(request.content)["entries"]))
    assert counts == batches


async def test_the_limit_holds_in_any_minute() -> None:
    now, sent = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    pace = RollingPace(10, 60, sleep, lambda: now)
    for units in (4, 4, 4, 10, 1, 25, 1):
        await pace.take(units)
        sent.append((now, units))
        now += 1
    for start, _ in sent:
        counts = [units for then, units in sent if start <= then < start + 60]
        assert sum(counts) <= 10 or len(counts) == 1
    assert [then for then, _ in sent] == [0, 1, 60, 120, 180, 240, 300]
