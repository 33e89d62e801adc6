"""Every program that can be measured."""

from __future__ import annotations

from benchmarks.bulk import IMPORTERS
from benchmarks.drivers import Floor, Mixtui, Posting
from benchmarks.programs import HttpCommand, Program, Viewer


def programs() -> dict[str, Program]:
    """Return the programs by name, in the order of the tables."""
    return {
        program.name: program
        for program in (
            Mixtui(),
            Floor("floor-empty", "none"),
            Floor("floor-textarea", "textarea"),
            Posting(),
            HttpCommand("curl", ("--silent", "--noproxy", "*"), ("-o",)),
            HttpCommand("xh", ("--ignore-stdin",), ("--quiet", "--download", "-o")),
            HttpCommand(
                "httpie", ("--ignore-stdin",), ("--quiet", "--download", "-o"), "http"
            ),
            Viewer("less"),
            Viewer("jless"),
            *IMPORTERS,
        )
    }
