"""``mixtui profiles import`` and ``mixtui groups import``, against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mixtui.cli.commands import profiles
from mixtui.jobs.profile_recipe import ProfileOperation
from mixtui.sandbox.data.identity import COMPANY_GROUP_ID
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine, CommandResult, environments_toml
from tests.fixtures_sandbox import PLENTY, NewSandbox

Properties = dict[str, Any]
BEFORE: dict[str, Properties] = {
    "u1": {"plan": "free", "n": 1, "tags": ["a", "b"]},
    "u2": {"plan": "pro"},
}


@pytest.fixture
def fresh(mixtui: CommandLine, new_sandbox: NewSandbox) -> Iterator[CommandLine]:
    sandbox: RunningSandbox = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    yield mixtui


def stored(mixtui: CommandLine, group: int | None = None) -> dict[str, Properties]:
    """The profiles in the sandbox."""
    options = ["-q", f"data_group_id={group}"] if group else []
    result = mixtui(
        "send", "GET", "/query/engage", "--api", "query", *options, "--no-history"
    )
    assert result.status == 0, result.stderr
    rows = json.loads(result.stdout)["results"]
    return {row["$distinct_id"]: row["$properties"] for row in rows}


def import_lines(
    mixtui: CommandLine, *records: object, command: str = "profiles", more: str = ""
) -> CommandResult:
    path = mixtui.folder / "updates.ndjson"
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return mixtui(command, "import", path.name, "--restart", *more.split())


def fill(mixtui: CommandLine) -> None:
    records = ({"$distinct_id": k, "$set": v} for k, v in BEFORE.items())
    assert import_lines(mixtui, *records).status == 0


def test_the_operations_are_those_of_the_engine() -> None:
    assert tuple(ProfileOperation) == profiles.OPERATIONS


def test_updates_are_stored_in_order_and_accounted_for(fresh: CommandLine) -> None:
    result = import_lines(
        fresh,
        {"$distinct_id": "u1", "$set": {"plan": "free", "n": 1}},
        {"$distinct_id": "u1", "$set_once": {"plan": "pro", "first": True}},
        {"$distinct_id": "u1", "$add": {"n": 2}},
        {"$distinct_id": "u1", "$append": {"list": "a"}},
        {"$distinct_id": "u1", "$append": {"list": "b"}},
        {"$distinct_id": "u1", "$union": {"list": ["b", "c"]}},
        {"$distinct_id": "u1", "$remove": {"list": "a"}},
        {"$distinct_id": 7, "$set": {"gone": 1, "stays": 1}},
        {"$distinct_id": "7", "$unset": ["gone"]},
        {"$distinct_id": "u2", "$set": {"plan": "pro"}},
        {"$distinct_id": "u2", "$delete": ""},
        more="--batch-size 1 --yes",
    )
    assert (result.status, result.stdout) == (0, b"")
    assert result.stderr == "11 records read = 11 stored + 0 rejected + 0 not sent.\n"
    assert stored(fresh) == {
        "7": {"stays": 1},
        "u1": {"plan": "free", "n": 3, "first": True, "list": ["b", "c"]},
    }


@pytest.mark.parametrize(
    ("operation", "row", "after"),
    [
        ("set", "plan,n\nu1,pro,x\n", {"plan": "pro", "n": "x", "tags": ["a", "b"]}),
        ("set", "plan\nu1,\n", BEFORE["u1"]),
        ("set_once", "plan,new\nu1,pro,1\n", {**BEFORE["u1"], "new": "1"}),
        ("add", "n\nu1,2.5\n", {**BEFORE["u1"], "n": 3.5}),
        ("append", "tags\nu1,b\n", {**BEFORE["u1"], "tags": ["a", "b", "b"]}),
        ("union", "tags\nu1,b\n", BEFORE["u1"]),
        ("union", "tags\nu1,c\n", {**BEFORE["u1"], "tags": ["a", "b", "c"]}),
        ("remove", "tags\nu1,b\n", {**BEFORE["u1"], "tags": ["a"]}),
        ("unset", "plan,n\nu1,1,\n", {"n": 1, "tags": ["a", "b"]}),
        ("delete", "plan\nu1,\n", None),
    ],
)
def test_rows_are_updates_with_an_operation(
    fresh: CommandLine, operation: str, row: str, after: Properties | None
) -> None:
    fill(fresh)
    (fresh.folder / "rows.csv").write_text(f"user_id,{row}")
    result = fresh(
        *("profiles", "import", "rows.csv", "--operation", operation),
        *("--distinct-id", "user_id", "--yes"),
    )
    expected = {"u1": after, "u2": BEFORE["u2"]} if after else {"u2": BEFORE["u2"]}
    if operation == "set" and row.endswith(",\n"):
        assert "1 record read = 1 stored" in result.stderr
    assert result.status == 0, result.stderr
    assert stored(fresh) == expected


def test_an_export_is_imported_as_it_is(fresh: CommandLine) -> None:
    exported = [{"$distinct_id": k, "$properties": v} for k, v in BEFORE.items()]
    assert import_lines(fresh, *exported).status == 0
    assert stored(fresh) == BEFORE
    assert import_lines(fresh, *exported, more="--drop tags --drop n").status == 0
    assert stored(fresh) == BEFORE


def test_groups_are_imported_too(fresh: CommandLine) -> None:
    key = {"$group_key": "company"}
    result = import_lines(
        fresh,
        {**key, "$group_id": "acme", "$set": {"plan": "free", "old": 1}},
        {**key, "$group_id": "acme", "$set_once": {"plan": "pro"}},
        {**key, "$group_id": "acme", "$union": {"tags": ["a", "b"]}},
        {**key, "$group_id": "acme", "$remove": {"tags": "a"}},
        {**key, "$group_id": "acme", "$unset": ["old"]},
        {**key, "$group_id": "gone", "$set": {"a": 1}},
        {**key, "$group_id": "gone", "$delete": ""},
        {**key, "$group_id": "acme", "$add": {"n": 1}},
        {"$group_id": "acme", "$set": {"n": 1}},
        command="groups",
        more="--yes",
    )
    assert result.status == 6
    assert "line 8: $add is not an operation on group profiles" in result.stderr
    assert "line 9: $group_key: is missing" in result.stderr
    after = {"acme": {"plan": "free", "tags": ["b"]}}
    assert stored(fresh, COMPANY_GROUP_ID) == after
    exported = {"$distinct_id": "acme", "$properties": {"plan": "x"}}
    more = "--group-key company"
    assert import_lines(fresh, exported, command="groups", more=more).status == 0
    assert stored(fresh, COMPANY_GROUP_ID)["acme"]["plan"] == "x"
    (fresh.folder / "a.csv").write_text("id,tags\nacme,c\n")
    options = ("--group-key", "company", "--group-id", "id", "--operation", "union")
    assert fresh("groups", "import", "a.csv", *options).status == 0
    assert stored(fresh, COMPANY_GROUP_ID)["acme"]["tags"] == ["b", "c"]
    assert stored(fresh) == {}


def test_a_dry_run_prints_updates_as_they_would_be_sent(fresh: CommandLine) -> None:
    record = {"$distinct_id": "u1", "$set": {"a": 1}}
    result = import_lines(fresh, record, more="--dry-run")
    assert result.status == 0
    (update,) = map(json.loads, result.text.splitlines())
    assert update.pop("$token")
    assert update == {**record, "$ignore_time": True}
    assert stored(fresh) == {}


@pytest.mark.parametrize(
    ("records", "options", "word"),
    [
        ([{"$distinct_id": "u1", "$delete": ""}], "", "--confirm 1234567"),
        ([{"$distinct_id": "u1", "$unset": ["a"]}], "--yes", "--confirm 1234567"),
        ([{"distinct_id": "u1"}], "--operation delete", "--confirm 1234567"),
        ([{"$distinct_id": "u1", "$set": {"a": 1}}], "", "--yes"),
    ],
)
def test_what_may_delete_is_confirmed_by_the_project(
    fresh: CommandLine, records: list[object], options: str, word: str
) -> None:
    fresh.variables["MP_SECRET"] = "x"
    text = environments_toml("http://127.0.0.1:9", confirm_writes="true")
    fresh.write_environments(text)
    more = f"--to prod {options}"
    result = import_lines(fresh, *records, more=more)
    assert result.status == 2
    assert f"add {word} to confirm it" in result.stderr
    result = import_lines(fresh, *records, more=f"{more} --confirm 99")
    assert result.status == 2
    fresh.write_environments(text.replace("confirm_writes", "read_only"))
    result = import_lines(fresh, *records, more=f"{more} {word}")
    assert result.status == 2
    assert "is read-only" in result.stderr


def test_a_job_that_is_resumed_was_confirmed_when_it_began(fresh: CommandLine) -> None:
    """As ``mixtui jobs resume`` does, which cannot ask."""
    fresh.variables["MP_SECRET"] = "x"
    fresh.write_environments(
        environments_toml("http://127.0.0.1:9", confirm_writes="true")
    )
    (fresh.folder / "gone.csv").write_text("distinct_id\nu1\n")
    command = (
        "profiles",
        "import",
        "gone.csv",
        "--operation",
        "delete",
        "--to",
        "prod",
    )
    result = fresh(*command, "--resume", "--yes")
    assert (result.status, "nothing to resume" in result.stderr) == (2, True)


def test_deleting_is_confirmed_even_where_writes_are_not(fresh: CommandLine) -> None:
    fill(fresh)
    record = {"$distinct_id": "u1", "$delete": ""}
    assert import_lines(fresh, record).status == 2
    path = fresh.folder / "updates.ndjson"
    for answer, count in ((b"n\n", 2), (b"y\n", 1)):
        options = ("--restart", "--progress", "none")
        fresh("profiles", "import", path.name, *options, stdin=answer, terminal=True)
        assert len(stored(fresh)) == count


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("--batch-size 0", "from 1 to 2000"),
        ("--batch-size 2001", "from 1 to 2000"),
        ("--operation multiply", "multiply"),
        ("--distinct-id nope", "has no column “nope”"),
        ("--recipe bad.toml", "a recipe has no key “event”"),
    ],
)
def test_what_cannot_be_imported_is_said(
    fresh: CommandLine, arguments: str, problem: str
) -> None:
    (fresh.folder / "rows.csv").write_text("user_id,plan\nu1,pro\n")
    (fresh.folder / "bad.toml").write_text('event = "x"\n')
    result = fresh("profiles", "import", "rows.csv", *arguments.split())
    assert result.status == 2
    assert problem in result.stderr


def test_the_project_token_is_needed(fresh: CommandLine) -> None:
    fresh.variables.pop("MIXTUI_SANDBOX")
    fresh.write_environments('[environments.prod]\nproject_id = "1"\n')
    result = import_lines(fresh, {"$distinct_id": "u1", "$set": {"a": 1}})
    assert result.status == 3
    assert "project token" in result.stderr


def test_a_recipe_says_what_options_say(fresh: CommandLine) -> None:
    (fresh.folder / "rows.csv").write_text("user_id,credits,note\nu1,5,x\n")
    recipe = 'operation = "add"\ndistinct_id = "user_id"\ndrop = ["note"]\n'
    (fresh.folder / "credits.toml").write_text(recipe)
    options = ("--recipe", "credits.toml")
    assert fresh("profiles", "import", "rows.csv", *options).status == 0
    assert stored(fresh) == {"u1": {"credits": 5}}


def test_rejected_records_are_written_and_can_be_imported(fresh: CommandLine) -> None:
    result = import_lines(
        fresh,
        {"$distinct_id": "u1", "$add": {"n": "x"}},
        {"$distinct_id": "u1", "$set": {"a": 1}},
        more="--rejected bad.ndjson",
    )
    assert result.status == 6
    path: Path = fresh.folder / "bad.ndjson"
    assert json.loads(path.read_text())["mixtui_rejected"]["reason"] == (
        "$add.n: must be a number"
    )
    path.write_text(path.read_text().replace('"x"', "4"))
    assert fresh("profiles", "import", path.name).status == 0
    assert stored(fresh)["u1"] == {"a": 1, "n": 4}
