"""Annotations as a file: which entry is which annotation, and what is written back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jobs.sending import Sending
from mixtui.jobs.sync.annotations import Annotation, AnnotationFile, AnnotationServer
from mixtui.jobs.sync.plan import State, compare
from mixtui.jobs.sync.server import AppApi
from mixtui.model.errors import BrokenFile, ChangedOutside
from tests.exchanges import ENVIRONMENT

DAY = "2026-01-31 12:00:00"
OTHER = "2026-02-01 12:00:00"


def stored(*annotations: Annotation) -> State:
    return {f"id {each.id}": each.item() for each in annotations}


def annotation(identifier: int | None, text: str = "x", date: str = DAY) -> Annotation:
    return Annotation(date=date, description=text, id=identifier)


def read(file: AnnotationFile, server: State) -> State:
    file.load()
    return file.state(server)


def written(folder: Path, *entries: dict[str, Any]) -> AnnotationFile:
    path = folder / "annotations.json"
    path.write_text(json.dumps(entries))
    return AnnotationFile(path)


def entry(identifier: int | None, text: str = "x", date: str = DAY) -> dict[str, Any]:
    given = {"date": date, "description": text}
    return given if identifier is None else {**given, "id": identifier}


SERVER = stored(annotation(1), annotation(2, "y"), annotation(3, "x", OTHER))


@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        ([entry(1), entry(2)], ["id 1", "id 2"]),
        # Edited
        ([entry(1, "edited")], ["id 1"]),
        # Without an id, by content, each once
        ([entry(None, "y"), entry(None)], ["id 2", "id 1"]),
        # The date cannot be changed, so it is another one, or that of the same content.
        ([entry(1, "x", OTHER)], ["id 3"]),
        ([entry(1, "z", OTHER)], ["new"]),
        # An id that the project does not have
        ([entry(9, "z")], ["id 9"]),
        # Of two that are the same, one is there.
        ([entry(None), entry(None)], ["id 1", "new"]),
        ([entry(1), entry(None)], ["id 1", "new"]),
        # Dates as ISO 8601 writes them
        ([entry(1, "edited", "2026-01-31T12:00:00Z")], ["id 1"]),
    ],
)
def test_an_entry_is_the_annotation_of_its_id_or_of_its_content(
    tmp_path: Path, entries: list[dict[str, Any]], keys: list[str]
) -> None:
    state = read(written(tmp_path, *entries), SERVER)
    found = [key if key.startswith("id") else "new" for key in state]
    assert found == keys


def test_ids_are_written_once_they_are_known(tmp_path: Path) -> None:
    file = written(tmp_path, entry(None, "new"), entry(None, "y"), entry(1, "z", OTHER))
    created = [key for key in read(file, SERVER) if key.startswith("new")]
    file.settle({created[0]: "id 7"})
    assert json.loads(file.path.read_text()) == [
        entry(2, "y"),
        entry(7, "new"),
        entry(None, "z", OTHER),
    ]


def test_a_file_that_says_it_all_is_not_written(tmp_path: Path) -> None:
    file = written(tmp_path, entry(3, "x", OTHER), entry(2, "y"), entry(1))
    before = file.path.read_text()
    comparison = compare(SERVER, read(file, SERVER), {})
    assert not comparison.differences
    file.write(comparison.changes)
    file.settle({})
    assert file.path.read_text() == before


def test_a_pull_keeps_entries_that_are_only_in_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, entry(None, "mine"), entry(1, "old"))
    comparison = compare(
        SERVER, read(file, SERVER), {"id 1": annotation(1, "old").item().digest}
    )
    file.write(comparison.changes)
    file.settle({})
    ids = [each.get("id") for each in json.loads(file.path.read_text())]
    assert ids == [None, 1, 2, 3]
    assert "old" not in file.path.read_text()


def test_what_was_edited_while_it_was_pulled_is_not_overwritten(tmp_path: Path) -> None:
    file = written(tmp_path, entry(1, "old"))
    comparison = compare(SERVER, read(file, SERVER), {}, overwrite=True)
    file.write(comparison.changes)
    file.path.write_text("[]")
    with pytest.raises(ChangedOutside, match="repeat the command"):
        file.settle({})
    assert file.path.read_text() == "[]"


ENTRIES = st.builds(
    annotation,
    st.none() | st.integers(1, 6),
    st.sampled_from("xyz"),
    st.sampled_from((DAY, OTHER)),
)
WITH_IDS = st.builds(
    annotation, st.integers(1, 6), st.sampled_from("xyz"), st.sampled_from((DAY, OTHER))
)


def with_other_ids(entries: list[Annotation]) -> bool:
    ids = [each.id for each in entries if each.id is not None]
    return len(ids) == len(set(ids))


@given(
    st.lists(ENTRIES, max_size=5).filter(with_other_ids),
    st.lists(WITH_IDS, max_size=5).filter(with_other_ids),
)
def test_after_an_overwriting_pull_file_and_project_are_equal(
    tmp_path_factory: pytest.TempPathFactory,
    entries: list[Annotation],
    theirs: list[Annotation],
) -> None:
    values = [entry(each.id, each.description, each.date) for each in entries]
    file = written(tmp_path_factory.mktemp("a"), *values)
    server = stored(*theirs)
    state = read(file, server)
    assert len(state) == len(entries)
    comparison = compare(server, state, {}, prune=True, overwrite=True)
    file.write(comparison.changes)
    file.settle({})
    again = AnnotationFile(file.path)
    assert not compare(read(again, server), server, {}).differences


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "this is not JSON"),
        ("{}", "this is not a list of annotations"),
        ('[{"date": "x", "descripton": "y"}]', "unknown field `descripton`"),
        ('[{"date": 1}]', "Expected `str`, got `int`"),
        ('[{"date":"a","id":1},{"date":"b","id":1}]', "two annotations have the id 1"),
    ],
)
def test_what_is_not_a_list_of_annotations_is_named(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "annotations.json"
    path.write_text(text)
    with pytest.raises(BrokenFile) as error:
        AnnotationFile(path).load()
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (entry(None, "x", "2026-01-31"), "date must be such as"),
        (entry(None, "x", "2026-02-31 12:00:00"), "date must be such as"),
        (entry(None, "x", "2026-1-31 12:00:00"), "date must be such as"),
        (entry(None, " "), "has no description"),
        (entry(1, ""), "has no description"),
    ],
)
def test_what_the_server_would_refuse_is_not_sent(
    tmp_path: Path, bad: dict[str, Any], problem: str
) -> None:
    async def never(*_: object, **__: object) -> Any:
        raise AssertionError("nothing is sent")

    file = written(tmp_path, bad)
    changes = compare(read(file, SERVER), SERVER, {}, overwrite=True).changes
    server = AnnotationServer(AppApi(ENVIRONMENT, Sending(never), never))
    with pytest.raises(BrokenFile) as error:
        server.check(changes, file)
    assert problem in str(error.value)
