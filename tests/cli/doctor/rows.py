"""Read the JSON report of `mixtui doctor`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mixtui.mixpanel.apis import Api
from tests.cli.conftest import CommandLine


@dataclass(frozen=True)
class Report:
    """Exit status and rows of one run."""

    status: int
    rows: tuple[dict[str, str], ...]

    def of(self, section: str, name: str = "") -> list[dict[str, str]]:
        """Return the rows of a section, or those of a name in it."""
        return [
            row
            for row in self.rows
            if row["section"] == section and row["name"] in (name or row["name"],)
        ]

    def one(self, section: str, name: str) -> dict[str, str]:
        """Return the only row of a name."""
        (row,) = self.of(section, name)
        return row

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The sections and names of the problems, in order."""
        bad = (row for row in self.rows if row["status"] == "problem")
        return [(row["section"], row["name"]) for row in bad]


def report(mixtui: CommandLine, *options: str) -> Report:
    """Run `mixtui doctor --json`; every problem and note must say what to do."""
    result = mixtui("doctor", "--json", *options)
    rows = json.loads(result.stdout)
    for row in rows:
        assert bool(row["remedy"]) == (row["status"] != "ok"), row
    return Report(result.status, tuple(rows))


def hosts(environment: str, url: str) -> str:
    """Return the TOML that lets an environment send everything to one server."""
    rows = (f'{api} = "{url}"' for api in Api)
    return "\n".join((f"[environments.{environment}.hosts]", *rows, ""))
