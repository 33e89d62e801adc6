"""The tables of docs/reliability.md: every hostile server, and what mixtui says of it.

The cases are those of the tests, which fail when mixtui says something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixtui.text import sanitize
from tests.hostile.cases import SECTIONS
from tests.hostile.script import Case

BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"
"""The lines around the tables in the document."""
_HOST = "HOST"
"""What stands in the documentation for the address of a server."""


def reliability_page(document: Path) -> str:
    """Return the page with the present tables between its markers.

    Args:
        document: The page, which is written by hand but for the tables.
    """
    before, _, rest = document.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n".join(_tables())
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _tables() -> Iterator[str]:
    count = sum(map(len, SECTIONS.values()))
    yield f"{count} cases."
    yield ""
    for section, cases in SECTIONS.items():
        yield f"### {section}"
        yield ""
        yield "| the server | outcome | exit status | mixtui says |"
        yield "| --- | --- | --- | --- |"
        yield from map(_row, cases)
        yield ""


def _row(case: Case) -> str:
    name = f"{case.name} (write)" if _is_unnamed_write(case) else case.name
    sentence = case.sentence.replace("{host}", _HOST).replace("{other}", "HOST:OTHER")
    cells = (name, case.label, str(case.exit_status), sentence)
    return f"| {' | '.join(map(_cell, cells))} |"


def _is_unnamed_write(case: Case) -> bool:
    """Return whether the request writes, which its name does not say."""
    return case.operation in ("import", "track") and "write" not in case.name


def _cell(text: str) -> str:
    for character in "\\|<>*_[]`{}":
        text = text.replace(character, f"\\{character}")
    return sanitize(text)
