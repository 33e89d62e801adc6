"""``mixtui schemas`` and ``mixtui annotations`` against the sandbox, and bad servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mixtui.cli.console import Console
from mixtui.cli.jobs import run
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine, CommandResult, environments_toml
from tests.cli.server import http_response, serve, serve_response
from tests.fixtures_sandbox import NewSandbox

KINDS = ("schemas", "annotations")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of waiting for a quota, which is not done."""
    seconds: list[float] = []

    async def wait(count: float) -> None:
        seconds.append(count)

    monkeypatch.setattr(run, "wait", wait)
    return seconds


@pytest.fixture
def fresh(
    mixtui: CommandLine, new_sandbox: NewSandbox, waits: list[float]
) -> Iterator[CommandLine]:
    sandbox: RunningSandbox = new_sandbox()
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    yield mixtui


def schema_file(mixtui: CommandLine, name: str = "Purchase") -> Path:
    return mixtui.folder / "schemas" / "event" / f"{name}.json"


def edit_schema(path: Path, description: str) -> None:
    entry = json.loads(path.read_text())
    entry["schemaJson"]["description"] = description
    path.write_text(json.dumps(entry))


def on_server(mixtui: CommandLine, kind: str) -> Any:
    """What the sandbox has, as another client sees it."""
    url = f"/projects/{{projectId}}/{kind}"
    result = mixtui("send", "GET", url, "--api", "app", "--no-history")
    return json.loads(result.stdout)["results"]


def description_on_server(mixtui: CommandLine, name: str = "Purchase") -> str:
    (found,) = (s for s in on_server(mixtui, "schemas") if s["name"] == name)
    description: str = found["schemaJson"]["description"]
    return description


def edit_on_server(mixtui: CommandLine, description: str) -> None:
    """Somebody edits Lexicon."""
    url = "/projects/{projectId}/schemas/event/Purchase"
    body = json.dumps({"description": description, "properties": {}})
    result = mixtui("send", "POST", url, "--api", "app", "-d", body, "--yes")
    assert result.status == 0, result.stderr


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path): (path.read_text(), path.stat().st_mtime_ns)
        for path in folder.rglob("*.json")
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_pulled_is_equal_and_not_sent(fresh: CommandLine, kind: str) -> None:
    result = fresh(kind, "pull")
    assert result.status == 0, result.stderr
    assert " added, 0 changed, 0 removed; 0 unchanged.\n" in result.stderr
    before = tree(fresh.folder)
    assert before
    assert fresh(kind, "push", "--check").status == 0
    assert fresh(kind, "pull", "--check").status == 0
    pushed = fresh(kind, "push")
    assert (pushed.status, pushed.stderr) == (0, "Nothing to push.\n")
    assert fresh(kind, "pull").status == 0
    assert tree(fresh.folder) == before


def test_edited_schemas_are_pushed_and_pulled_equal(fresh: CommandLine) -> None:
    fresh("schemas", "pull")
    edit_schema(schema_file(fresh), "Edited {{x}}")
    new = {
        "entityType": "event",
        "name": "Refund / {{half}} é",
        "schemaJson": {"properties": {"amount": {"type": "number"}}},
    }
    schema_file(fresh, "new").write_text(json.dumps(new))
    schema_file(fresh, "Sign up").unlink()
    check = fresh("schemas", "push", "--check")
    assert check.status == 1
    assert "+++ files/event/Refund / {{half}} é\n" in check.text
    assert '+    "description": "Edited {{x}}",\n' in check.text
    assert check.stderr.endswith(
        "schemas and project 3000001 in us (sandbox) differ in 3 schemas.\n"
    )
    pushed = fresh("schemas", "push", "--yes")
    assert pushed.status == 0, pushed.stderr
    assert "event/Sign up is only in the project; --prune removes it.\n" in (
        pushed.stderr
    )
    assert pushed.stderr.endswith(
        "2 changes = 2 done (1 added, 1 changed, 0 removed) + 0 not done; 1 unchanged in "
        "project 3000001 in us (sandbox).\n"
    )
    assert description_on_server(fresh) == "Edited {{x}}"
    pushed = fresh("schemas", "push", "--prune", "--yes")
    assert "(0 added, 0 changed, 1 removed)" in pushed.stderr
    names = sorted(schema["name"] for schema in on_server(fresh, "schemas"))
    assert names == ["$user", "Purchase", "Refund / {{half}} é"]
    assert fresh("schemas", "pull", "elsewhere").status == 0
    first, second = (
        {p.read_text() for p in (fresh.folder / name).rglob("*.json")}
        for name in ("schemas", "elsewhere")
    )
    assert {*map(canonical, first)} == {*map(canonical, second)}


def canonical(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)


def test_edited_annotations_are_pushed_and_pulled_equal(fresh: CommandLine) -> None:
    fresh("annotations", "pull")
    path = fresh.folder / "annotations.json"
    first, second = json.loads(path.read_text())
    first["description"] = "Edited {{x}}"
    moved = {**second, "date": "2026-01-31 12:00:00"}
    new = {
        "date": "2026-02-01 00:00:00",
        "description": "v2",
        "tags": ["big", "release"],
    }
    path.write_text(json.dumps([moved, first, new]))
    pushed = fresh("annotations", "push", "--prune", "--yes")
    assert pushed.status == 0, pushed.stderr
    assert "4 changes = 4 done (2 added, 1 changed, 1 removed)" in pushed.stderr
    entries = json.loads(path.read_text())
    assert [each["description"] for each in entries] == [
        "Spring sale begins",
        "v2",
        "Edited {{x}}",
    ]
    there = {each["id"]: each for each in on_server(fresh, "annotations")}
    for each in entries:
        stored = there.pop(each["id"])
        assert (stored["date"], stored["description"]) == (
            each["date"],
            each["description"],
        )
        tags = sorted(tag["name"] for tag in stored["tags"])
        assert tags == sorted(each.get("tags", []))
    assert not there
    again = fresh("annotations", "push")
    assert again.stderr == "Nothing to push.\n"
    before = tree(fresh.folder)
    assert fresh("annotations", "pull").status == 0
    assert tree(fresh.folder) == before


def test_new_annotations_are_not_created_twice_by_a_file_without_ids(
    fresh: CommandLine,
) -> None:
    path = fresh.folder / "annotations.json"
    text = json.dumps([{"date": "2026-01-31 12:00:00", "description": "v1"}] * 2)
    path.write_text(text)
    assert fresh("annotations", "push", "--yes").status == 0
    count = len(on_server(fresh, "annotations"))
    # A job of CI begins with the file that is committed.
    path.write_text(text)
    assert fresh("annotations", "push", "--yes").stderr.endswith("Nothing to push.\n")
    assert len(on_server(fresh, "annotations")) == count


def test_what_was_edited_in_lexicon_meanwhile_is_not_overwritten(
    fresh: CommandLine,
) -> None:
    fresh("schemas", "pull")
    edit_on_server(fresh, "Theirs")
    edit_schema(schema_file(fresh, "Sign up"), "Mine")
    pushed = fresh("schemas", "push", "--yes")
    assert pushed.status == 0, pushed.stderr
    assert (
        "event/Purchase was changed in the project since the last pull; not pushed.\n"
        in pushed.stderr
    )
    assert description_on_server(fresh) == "Theirs"
    assert description_on_server(fresh, "Sign up") == "Mine"
    assert fresh("schemas", "pull").status == 0
    assert "Theirs" in schema_file(fresh).read_text()


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_what_was_changed_on_both_sides_stops_it(
    fresh: CommandLine, direction: str
) -> None:
    fresh("schemas", "pull")
    edit_on_server(fresh, "Theirs")
    edit_schema(schema_file(fresh), "Mine")
    before = tree(fresh.folder)
    yes = ("--yes",) if direction == "push" else ()
    result = fresh("schemas", direction, *yes)
    assert result.status == 1
    assert "event/Purchase was changed in the files and in the project.\n" in (
        result.stderr
    )
    assert "1 schema was changed on both sides since the last pull" in result.stderr
    assert tree(fresh.folder) == before
    assert description_on_server(fresh) == "Theirs"
    assert fresh("schemas", direction, "--overwrite", *yes).status == 0
    assert description_on_server(fresh) == ("Mine" if direction == "push" else "Theirs")
    assert fresh("schemas", "push", "--check").status == 0


def test_a_pull_into_files_of_unknown_origin_replaces_them_on_request(
    fresh: CommandLine,
) -> None:
    fresh("schemas", "pull", "elsewhere")
    (fresh.folder / "elsewhere").rename(fresh.folder / "schemas")
    assert fresh("schemas", "pull").status == 0
    edit_schema(schema_file(fresh), "Mine")
    (fresh.folder / "schemas").rename(fresh.folder / "again")
    result = fresh("schemas", "pull", "again")
    assert result.status == 1
    assert "1 schema of again may have been edited, as nothing was pulled there" in (
        result.stderr
    )
    assert fresh("schemas", "pull", "again", "--overwrite").status == 0
    assert fresh("schemas", "push", "again", "--check").status == 0


def test_a_pull_keeps_what_was_edited_and_not_pushed(fresh: CommandLine) -> None:
    fresh("schemas", "pull")
    edit_schema(schema_file(fresh), "Mine")
    schema_file(fresh, "new").write_text(
        '{"entityType": "event", "name": "New", "schemaJson": {}}'
    )
    before = tree(fresh.folder)
    result = fresh("schemas", "pull", "--prune")
    assert result.status == 0
    assert "event/New was changed in the files since the last pull; not pulled." in (
        result.stderr
    )
    assert tree(fresh.folder) == before


def test_what_was_removed_in_lexicon_is_removed_from_the_files_on_request(
    fresh: CommandLine,
) -> None:
    fresh("schemas", "pull")
    url = "/projects/{projectId}/schemas/event/Purchase"
    fresh("send", "DELETE", url, "--api", "app", "--yes")
    pulled = fresh("schemas", "pull")
    assert "event/Purchase is only in the files; --prune removes it.\n" in pulled.stderr
    pushed = fresh("schemas", "push", "--yes")
    assert "was changed in the project since the last pull; not pushed" in pushed.stderr
    assert schema_file(fresh).exists()
    assert fresh("schemas", "pull", "--prune").status == 0
    assert not schema_file(fresh).exists()


def test_a_dry_run_changes_nothing(fresh: CommandLine) -> None:
    result = fresh("schemas", "pull", "--dry-run")
    assert result.status == 0
    assert "+++ project/event/Purchase\n" in result.text
    assert not (fresh.folder / "schemas").exists()
    fresh("schemas", "pull")
    edit_schema(schema_file(fresh), "Mine")
    result = fresh("schemas", "push", "--dry-run", "--json")
    assert result.status == 0
    assert json.loads(result.stdout) == {
        "direction": "push",
        "unchanged": 2,
        "added": [],
        "changed": ["event/Purchase"],
        "removed": [],
        "kept": [],
        "conflicts": [],
        "not_pruned": [],
        "done": 0,
        "not_done": [],
    }
    assert result.stderr == (
        "Would push: 0 added, 1 changed, 0 removed. Nothing was changed.\n"
    )
    assert description_on_server(fresh) != "Mine"


def test_a_push_is_confirmed(fresh: CommandLine) -> None:
    fresh("schemas", "pull")
    edit_schema(schema_file(fresh), "Mine")
    result = fresh("schemas", "push")
    assert result.status == 2
    assert result.stderr.endswith(
        "Push 1 change of schemas (0 added, 1 changed, 0 removed) to project 3000001 in us "
        "(sandbox): add --yes to confirm it.\n"
    )
    result = fresh("schemas", "push", terminal=True, stdin=b"n\n")
    assert result.status == 130
    assert result.stderr.endswith("Nothing was sent.\n")
    assert description_on_server(fresh) != "Mine"
    assert fresh("schemas", "push", terminal=True, stdin=b"y\n").status == 0
    assert description_on_server(fresh) == "Mine"


def test_what_is_edited_while_the_question_is_open_is_kept(
    fresh: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh("schemas", "pull")
    edit_schema(schema_file(fresh), "Asked")

    def edit_and_agree(console: Console, question: str) -> bool:
        edit_schema(schema_file(fresh), "Edited")
        return True

    monkeypatch.setattr(Console, "confirm", edit_and_agree)
    assert fresh("schemas", "push", terminal=True).status == 0
    assert description_on_server(fresh) == "Asked"
    assert '+    "description": "Edited",' in fresh("schemas", "push", "--check").text


def test_annotations_edited_while_they_are_sent_get_their_ids(
    mixtui: CommandLine, waits: list[float]
) -> None:
    path = mixtui.folder / "annotations.json"
    new = [{"date": f"2026-01-3{n} 12:00:00", "description": "v"} for n in (0, 1)]
    stored: list[dict[str, Any]] = []

    def respond(request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            return http_response(json.dumps({"results": stored}).encode())
        stored.append({"id": len(stored) + 1, **json.loads(body), "tags": []})
        path.write_text(json.dumps([{**new[0], "description": "later"}, *new]))
        return http_response(json.dumps({"results": stored[-1]}).encode())

    path.write_text(json.dumps(new))
    mixtui.variables["MP_SECRET"] = "x"
    with serve(respond) as server:
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui("annotations", "push", "--env", "prod")
    assert result.status == 0, result.stderr
    entries = json.loads(path.read_text())
    assert [(each["description"], each.get("id")) for each in entries] == [
        ("later", None),
        ("v", 1),
        ("v", 2),
    ]


def test_more_than_five_requests_a_minute_wait(
    fresh: CommandLine, waits: list[float]
) -> None:
    for _ in range(5):
        fresh("schemas", "pull")
    assert not waits
    result = fresh("schemas", "pull")
    assert "Lexicon Schemas: the quota is used up for now. Sending in " in result.stderr
    (seconds,) = waits
    assert 50 < seconds <= 60


def test_many_removals_say_how_long_they_take(fresh: CommandLine) -> None:
    folder = fresh.folder / "schemas" / "event"
    folder.mkdir(parents=True)
    for number in range(12):
        entry = {"entityType": "event", "name": f"E{number}", "schemaJson": {}}
        (folder / f"{number}.json").write_text(json.dumps(entry))
    assert fresh("schemas", "push", "--yes").status == 0
    for number in range(11):
        (folder / f"{number}.json").unlink()
    result = fresh("schemas", "push", "--prune", "--yes")
    assert "14 requests at 5 in 1 min take about 2 min.\n" in result.stderr
    assert "14 changes = 14 done (0 added, 0 changed, 14 removed)" in result.stderr
    assert [s["name"] for s in on_server(fresh, "schemas")] == ["E11"]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (
            ("schemas", "push"),
            "schemas does not exist: create it with mixtui schemas pull",
        ),
        (("annotations", "push"), "annotations.json does not exist"),
        (("schemas", "push", "empty", "--prune"), "--prune would remove all"),
        (("schemas", "push", "broken"), "a.json: this is not JSON"),
        (("schemas", "pull", "broken"), "a.json: this is not JSON"),
        (("schemas", "pull", "mixtui.toml"), "mixtui.toml is not a folder"),
        (("annotations", "pull", "empty"), "empty is not a file"),
    ],
)
def test_what_cannot_start_is_a_sentence(
    fresh: CommandLine, command: tuple[str, ...], problem: str
) -> None:
    (fresh.folder / "empty").mkdir()
    broken = fresh.folder / "broken" / "event" / "a.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    result = fresh(*command, "--yes") if "push" in command else fresh(*command)
    assert result.status == 2
    assert problem in result.stderr
    assert len(on_server(fresh, "schemas")) == 3


def test_a_read_only_environment_is_only_read(
    mixtui: CommandLine, waits: list[float]
) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    body = b'{"status": "ok", "results": []}'
    path = mixtui.folder / "annotations.json"
    path.write_text('[{"date": "2026-01-31 12:00:00", "description": "v1"}]')
    with serve_response(http_response(body)) as server:
        mixtui.write_environments(environments_toml(server.origin, read_only="true"))
        checked = mixtui("annotations", "push", "--env", "prod", "--check")
        pushed = mixtui("annotations", "push", "--env", "prod", "--yes")
        assert len(server.received) == 2
    assert checked.status == 1
    assert pushed.status == 2
    assert "is read-only" in pushed.stderr


@pytest.mark.parametrize(
    ("options", "status"), [((), 2), (("--yes",), 2), (("--confirm", "1"), 2)]
)
def test_where_writes_are_confirmed_a_removal_names_the_project(
    mixtui: CommandLine, waits: list[float], options: tuple[str, ...], status: int
) -> None:
    result = push_two(mixtui, lambda _: None, options)
    assert result.status == status
    if "--confirm" in options:
        assert "--confirm names another project: 1." in result.stderr
    else:
        assert "add --confirm 1234567 to confirm it.\n" in result.stderr


def test_the_project_is_typed_where_writes_are_confirmed(
    mixtui: CommandLine, waits: list[float]
) -> None:
    refused = push_two(mixtui, lambda _: None, (), stdin=b"123\n")
    assert refused.status == 130
    assert "(prod). Type 1234567 to confirm it: Nothing was sent.\n" in refused.stderr
    agreed = push_two(mixtui, lambda _: None, (), stdin=b"1234567\n")
    assert agreed.status == 0, agreed.stderr


def push_two(
    mixtui: CommandLine,
    answer: Callable[[list[dict[str, Any]]], bytes | None],
    options: tuple[str, ...] = ("--confirm", "1234567"),
    stdin: bytes = b"",
) -> CommandResult:
    """Push two schemas to a server that stores them, unless it answers something else.

    Args:
        mixtui: The command line.
        answer: Returns what an upload is answered, and may change what is stored.
        options: Of the command.
        stdin: What is typed on the terminal; empty = there is none.
    """
    stored: list[dict[str, Any]] = []

    def respond(request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            listed = {"status": "ok", "results": stored}
            return http_response(json.dumps(listed).encode())
        stored.extend(json.loads(body)["entries"])
        answered = answer(stored)
        if answered is not None:
            return answered
        return http_response(b'{"status": "ok", "results": {"added": 2, "deleted": 0}}')

    folder = mixtui.folder / "schemas" / "event"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a", "b"):
        entry = {"entityType": "event", "name": name, "schemaJson": {}}
        (folder / f"{name}.json").write_text(json.dumps(entry))
    mixtui.variables["MP_SECRET"] = "x"
    with serve(respond) as server:
        text = environments_toml(server.origin, confirm_writes="true")
        mixtui.write_environments(text)
        command = ("schemas", "push", "--env", "prod", *options)
        return mixtui(*command, stdin=stdin, terminal=bool(stdin))


def refuse(
    status: str, *headers: str
) -> Callable[[list[dict[str, Any]]], bytes | None]:
    """Store nothing of the first upload."""
    answers = iter(
        (http_response(b'{"status":"error","error":"no"}', status, *headers),)
    )

    def answer(stored: list[dict[str, Any]]) -> bytes | None:
        answered = next(answers, None)
        if answered is not None:
            stored.clear()
        return answered

    return answer


def lose_the_response(stored: list[dict[str, Any]]) -> bytes | None:
    """Store an upload, and close the connection; of its repetition keep one of each."""
    unique = {entry["name"]: entry for entry in stored}
    lost = len(unique) == len(stored)
    stored[:] = unique.values()
    return b"" if lost else None


def keep_half(stored: list[dict[str, Any]]) -> bytes | None:
    stored.pop()
    return None


def change_all(stored: list[dict[str, Any]]) -> bytes | None:
    for entry in stored:
        entry["schemaJson"] = {"description": "something else"}
    return None


@pytest.mark.parametrize(
    ("answer", "status", "shown"),
    [
        (refuse("429 Too Many Requests", "Retry-After: 7"), 0, "2 done"),
        (refuse("503 Service Unavailable"), 0, "2 done"),
        (refuse("413 Payload Too Large"), 0, "2 done"),
        (lose_the_response, 0, "2 done"),
        (refuse("400 Bad Request"), 1, "2 changes = 0 done (0 added, 0 changed, "),
        (refuse("403 Forbidden"), 3, "0 done"),
        (
            keep_half,
            6,
            "event/b is not in the project as it was sent.\n2 changes = 1 done",
        ),
        (change_all, 6, "2 changes = 0 done"),
    ],
)
def test_what_came_of_a_push_is_read_and_not_believed(
    mixtui: CommandLine,
    waits: list[float],
    answer: Callable[[list[dict[str, Any]]], bytes | None],
    status: int,
    shown: str,
) -> None:
    result = push_two(mixtui, answer)
    assert shown in result.stderr
    assert result.status == status, result.stderr
    if status == 1:
        assert "Repeat the command to continue" in result.stderr
    again = push_two(mixtui, lambda _: None)
    assert again.status == 0, again.stderr


def test_a_lost_response_to_a_new_annotation_creates_it_once(
    mixtui: CommandLine, waits: list[float]
) -> None:
    stored: list[dict[str, Any]] = []

    def respond(request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            return http_response(json.dumps({"results": stored}).encode())
        stored.append({"id": len(stored) + 1, **json.loads(body), "tags": []})
        return b""

    path = mixtui.folder / "annotations.json"
    day = "2026-01-31 12:00:00"
    path.write_text(
        json.dumps([{"date": day, "description": text} for text in ("a", "b")])
    )
    mixtui.variables["MP_SECRET"] = "x"
    with serve(respond) as server:
        mixtui.write_environments(environments_toml(server.origin))
        first = mixtui("annotations", "push", "--env", "prod", "--yes")
        second = mixtui("annotations", "push", "--env", "prod", "--yes")
        third = mixtui("annotations", "push", "--env", "prod", "--yes")
    assert first.status == 5
    assert "2 changes = 1 done (1 added, 0 changed, 0 removed) + 1 not done" in (
        first.stderr
    )
    assert "it is not known whether the server did it" in first.stderr
    assert second.status == 0, second.stderr
    assert third.stderr == "Nothing to push.\n"
    assert [each["description"] for each in stored] == ["a", "b"]
    assert [each["id"] for each in json.loads(path.read_text())] == [1, 2]


def test_a_removal_whose_response_is_lost_is_done(
    mixtui: CommandLine, waits: list[float]
) -> None:
    day = {"date": "2026-01-31 12:00:00", "tags": []}
    listed = [
        {"id": 1, "description": "a", **day},
        {"id": 2, "description": "b", **day},
    ]
    responses = iter((b"", http_response(b'{"status": "error"}', "404 Not Found")))

    def respond(request: bytes) -> bytes:
        if request.startswith(b"GET"):
            return http_response(json.dumps({"results": listed}).encode())
        del listed[1:]
        return next(responses)

    (mixtui.folder / "annotations.json").write_text(json.dumps(listed[:1]))
    mixtui.variables["MP_SECRET"] = "x"
    with serve(respond) as server:
        mixtui.write_environments(environments_toml(server.origin))
        push = ("annotations", "push", "--env", "prod", "--prune", "--yes")
        result = mixtui(*push)
    assert result.status == 0, result.stderr
    assert "1 change = 1 done (0 added, 0 changed, 1 removed)" in result.stderr


@pytest.mark.parametrize(
    ("response", "status", "problem"),
    [
        (http_response(b"<html>"), 1, "Stopped: "),
        (http_response(b'{"status":"ok","results":{}}'), 1, "something unexpected"),
        (http_response(b'{"results":[{"name":1}]}'), 1, "something unexpected"),
        (http_response(b"{}", "401 Unauthorized"), 3, "401"),
        (http_response(b'{"status":"error","error":"no"}'), 1, "no"),
    ],
)
def test_an_unexpected_response_changes_no_file(
    mixtui: CommandLine,
    waits: list[float],
    response: bytes,
    status: int,
    problem: str,
) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(response) as server:
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui("schemas", "pull", "--env", "prod", "--prune")
    assert result.status == status, result.stderr
    assert problem in result.stderr
    assert not (mixtui.folder / "schemas").exists()


@pytest.mark.parametrize("options", [(), ("--overwrite",), ("--dry-run",)])
def test_a_project_without_schemas_does_not_remove_all_files(
    fresh: CommandLine, options: tuple[str, ...]
) -> None:
    fresh("schemas", "pull")
    before = tree(fresh.folder)
    url = "/projects/{projectId}/schemas"
    assert fresh("send", "DELETE", url, "--api", "app", "--yes").status == 0
    result = fresh("schemas", "pull", "--prune", *options)
    assert result.status == 2
    assert "has no schemas, and --prune would remove all that schemas has" in (
        result.stderr
    )
    assert tree(fresh.folder) == before


def test_files_that_cannot_be_written_are_named(fresh: CommandLine) -> None:
    (fresh.folder / "schemas").mkdir()
    (fresh.folder / "schemas" / "event").write_text("")
    result = fresh("schemas", "pull")
    assert result.status == 2
    assert "Purchase.json was not written: Not a directory." in result.stderr
