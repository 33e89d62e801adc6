from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mixtui.client.client import Client
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Method
from mixtui.model.errors import NameTaken, StorageError
from mixtui.model.secrets import SecretReader
from mixtui.outcome.outcome import judge_response
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values
from mixtui.sandbox.data import identity
from mixtui.storage.collection import Collection, OpenRequest
from mixtui.storage.starter_collection import (
    FIRST_REQUEST,
    FIRST_WRITE,
    starter_files,
    starter_requests,
    write_starter_collection,
)
from mixtui.storage.trust import TrustStore
from tests.fixtures_sandbox import NewSandbox
from tests.processes import run_at_once

LESSONS = {
    "Import a bad record": (400, "partially imported: 1 stored, 1 rejected"),
    "Track an event": (200, "accepted, not verified"),
    "Set profile properties": (200, "accepted, not verified"),
    "Track a test event": (200, "accepted, not verified"),
    "Set a test profile": (200, "accepted, not verified"),
}

INPUTS = {"event": "Purchase", "property": "plan"}
"""What a person answers when the requests are sent."""


@pytest.fixture
def requests(tmp_path: Path) -> list[OpenRequest]:
    folder = tmp_path / "starter"
    write_starter_collection(folder, for_sandbox=True)
    collection = Collection(folder, tmp_path / "trash")
    return [collection.open(entry.path) for entry in collection.scan().all_requests()]


def test_every_file_has_a_name_and_a_description(requests: list[OpenRequest]) -> None:
    assert len(requests) >= 15
    for request in requests:
        assert request.warnings == ()
        assert request.draft.name
        assert request.draft.description
        assert "\n" not in request.draft.description
    names = [request.draft.name for request in requests]
    assert len(set(names)) == len(names)


def test_every_api_and_method_is_used(requests: list[OpenRequest]) -> None:
    assert {request.draft.api for request in requests} == set(Api)
    assert {request.draft.method for request in requests} == set(Method)


def test_the_first_request_counts_events_of_the_last_week(
    requests: list[OpenRequest],
) -> None:
    assert requests[0].draft.name == "Events, last 7 days"


async def test_every_request_works_against_the_sandbox(
    requests: list[OpenRequest], new_sandbox: NewSandbox
) -> None:
    running = new_sandbox()
    environment = identity.environments(running.origin)[0]
    # The sandbox has days in UTC, so the templates must have them, too.
    values = Values(environment, now=lambda: datetime.now(UTC), answers=INPUTS)
    client = Client(SecretReader(variables=identity.VARIABLES))
    outcomes = {}
    try:
        for request in requests:
            prepared = prepare(request.draft, environment, values=values)
            exchange = await client.send(prepared)
            outcomes[request.draft.name] = (
                exchange.response.status,
                judge_response(exchange).label,
            )
    finally:
        await client.close()
    assert outcomes == {
        request.draft.name: LESSONS.get(request.draft.name, (200, "accepted"))
        for request in requests
    }


def test_a_collection_for_any_project_holds_nothing_of_the_sandboxs() -> None:
    drafts = dict(starter_requests())
    assert drafts[FIRST_REQUEST].url == "/query/events/names"
    assert drafts[FIRST_WRITE].url == "/track"
    assert next(iter(drafts)) == FIRST_REQUEST
    ids = (identity.PROJECT_ID, identity.WORKSPACE_ID, str(identity.FUNNEL_ID))
    for file in starter_files():
        assert not any(text.encode() in file.content for text in (*ids, "{{user}}"))


def test_only_requests_named_as_tests_write_to_a_project() -> None:
    environment = identity.environments("http://127.0.0.1:1")[0]
    values = Values(environment, answers=INPUTS)
    for path, draft in starter_requests():
        writes = prepare(draft, environment, values=values).safety.writes
        assert writes == ("test" in draft.name), path
        assert not writes or draft.description.startswith("Writes")


def test_a_new_collection_is_trusted_as_made_here(tmp_path: Path) -> None:
    write_starter_collection(tmp_path / "mine")
    assert TrustStore().trust_in(tmp_path / "mine").root is None


def test_requests_are_written_between_other_files_which_stay_untrusted(
    tmp_path: Path,
) -> None:
    (tmp_path / "README").write_text("mine")
    (tmp_path / "theirs.toml").write_text("theirs")
    paths = write_starter_collection(tmp_path)
    assert all(path.is_file() for path in paths)
    assert (tmp_path / "mixtui.toml").is_file()
    assert (tmp_path / "theirs.toml").read_text() == "theirs"
    assert TrustStore().trust_in(tmp_path).root == tmp_path


def test_a_file_is_never_overwritten_and_then_nothing_is_written(
    tmp_path: Path,
) -> None:
    mine = tmp_path / FIRST_WRITE
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(NameTaken):
        write_starter_collection(tmp_path)
    assert mine.read_text() == "mine"
    assert [path for path in tmp_path.rglob("*.toml")] == [mine]


def test_a_collection_is_not_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "mixtui.toml").write_text("mine")
    with pytest.raises(NameTaken, match="is a collection already"):
        write_starter_collection(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mixtui.toml"]
    write_starter_collection(tmp_path, may_exist=True)
    assert (tmp_path / "mixtui.toml").read_text() == "mine"
    assert (tmp_path / FIRST_REQUEST).is_file()


def write_at_once(number: int, folder: str) -> int:
    try:
        write_starter_collection(Path(folder), for_sandbox=True)
    except NameTaken:
        return 3
    return 0


def test_of_several_starts_at_once_one_writes_all_of_it(tmp_path: Path) -> None:
    statuses = run_at_once(write_at_once, 8, str(tmp_path / "sandbox"))
    assert sorted(statuses) == [0, *[3] * 7]
    assert [path.name for path in tmp_path.iterdir()] == ["sandbox"]
    assert len(list((tmp_path / "sandbox").rglob("*.toml"))) > 15


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Cannot write the starter"):
        write_starter_collection(tmp_path / "file")
