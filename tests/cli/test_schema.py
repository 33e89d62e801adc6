"""``mixtui schema``: print JSON Schemas, or write them with the rules of taplo."""

from __future__ import annotations

import json
import tomllib

from mixtui.cli.commands.schema import SCHEMAS
from tests.cli.conftest import CommandLine


def test_a_schema_is_printed(mixtui: CommandLine) -> None:
    done = mixtui("schema", "request")
    assert done.status == 0
    assert "method" in json.loads(done.stdout)["properties"]


def test_the_schemas_are_listed(mixtui: CommandLine) -> None:
    lines = mixtui("schema").text.splitlines()
    assert [line.split()[0] for line in lines] == list(SCHEMAS)


def test_all_schemas_are_written_with_a_rule_for_each(mixtui: CommandLine) -> None:
    done = mixtui("schema", "-o", "editor/schemas")
    folder = mixtui.folder / "editor" / "schemas"
    assert done.status == 0
    assert done.stdout == b""
    rules = tomllib.loads((folder / ".taplo.toml").read_text("utf-8"))["rule"]
    assert [rule["schema"]["path"] for rule in rules] == [f"{n}.json" for n in SCHEMAS]
    for rule in rules:
        assert json.loads((folder / rule["schema"]["path"]).read_text("utf-8"))
    assert mixtui("list").text == ""


def test_one_schema_is_written_again_and_own_rules_stay(mixtui: CommandLine) -> None:
    (mixtui.folder / ".taplo.toml").write_text("# mine\n")
    (mixtui.folder / "theme.json").write_text("{}")
    done = mixtui("schema", "theme", "--output", ".")
    assert done.status == 0
    assert "exists and was not changed" in done.stderr
    assert (mixtui.folder / ".taplo.toml").read_text() == "# mine\n"
    assert "primary" in (mixtui.folder / "theme.json").read_text("utf-8")
    assert not (mixtui.folder / "request.json").exists()


def test_a_misspelt_name_and_a_folder_that_cannot_be_made_are_errors(
    mixtui: CommandLine,
) -> None:
    assert "Did you mean request?" in mixtui("schema", "requset").stderr
    (mixtui.folder / "file").touch()
    done = mixtui("schema", "-o", "file")
    assert done.status == 2
    assert "cannot be created" in done.stderr
