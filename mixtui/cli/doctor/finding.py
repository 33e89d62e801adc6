"""What was found out about one thing, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from mixtui.model.errors import ExitStatus
from mixtui.page import PageRow, PageSection


class Finding(Struct, frozen=True):
    """One row of the report."""

    name: str
    text: str
    remedy: str = ""
    """What to do, in a sentence; with `exit_status` 0, only if it matters to someone."""
    exit_status: int = ExitStatus.ACCEPTED
    """That of a problem; 0 = it is not a problem."""

    @property
    def is_problem(self) -> bool:
        return self.exit_status != ExitStatus.ACCEPTED

    @property
    def status(self) -> str:
        """One of ok, note and problem."""
        if self.is_problem:
            return "problem"
        return "note" if self.remedy else "ok"

    def masked(self, mask: Callable[[str], str]) -> Finding:
        """Return it with all of its texts masked."""
        name, text, remedy = map(mask, (self.name, self.text, self.remedy))
        return Finding(name, text, remedy, self.exit_status)


class Section(Struct, frozen=True):
    """The findings about one subject."""

    title: str
    findings: tuple[Finding, ...]

    def page(self) -> PageSection:
        """Return it as a section of a page."""
        rows = (
            PageRow(
                f"{each.text}. {each.remedy}" if each.remedy else each.text,
                name=each.name,
                is_warning=each.is_problem,
            )
            for each in self.findings
        )
        return PageSection(self.title, tuple(rows))

    def values(self) -> list[dict[str, Any]]:
        """Return it as JSON values."""
        return [
            {
                "section": self.title.lower(),
                "name": each.name,
                "status": each.status,
                "text": each.text,
                "remedy": each.remedy,
                "exit_status": each.exit_status,
            }
            for each in self.findings
        ]


def split_sentence(sentence: str) -> tuple[str, str]:
    """Split the sentence of an error into what happened and what to do, if it says so."""
    for separator in (": ", ". "):
        what, found, remedy = sentence.partition(separator)
        if found:
            return what, f"{remedy[:1].upper()}{remedy[1:]}"
    return sentence.removesuffix("."), ""


def guarded(title: str, find: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield findings; what nobody foresaw becomes one, too, and never ends the report.

    Args:
        title: Of the section.
        find: Finds them.
    """
    try:
        yield from find()
    except Exception as error:
        # Any: the report is for machines on which something is broken. The text of an
        # exception may hold anything.
        from mixtui.storage.crash_report import crash_location

        yield Finding(
            title.lower(),
            f"could not be checked: {crash_location(error)}",
            "Report it with this page.",
            ExitStatus.USAGE,
        )


def exit_status(findings: Iterable[Finding]) -> int:
    """Return the exit status: a credential's if it is a problem, else the first problem's."""
    from mixtui.dispatch.environment_check import worst_status

    return worst_status(each.exit_status for each in findings)
