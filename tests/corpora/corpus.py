"""What a corpus is, and how a reader's verdicts on its files are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mixtui.model.errors import MixtuiError
from tests.fuzz.target import check_sentence

_MAX_SHOWN = 500
"""Characters of a reason."""


class Refused(Exception):
    """A reader refuses a text; the text says why."""


@dataclass(frozen=True)
class Verdict:
    """What a reader made of one file."""

    file: str
    is_read: bool
    disagreement: str = ""
    """What the corpus says otherwise, or how the reader failed; empty = they agree."""


@dataclass(frozen=True)
class Corpus:
    """A public repository, and what reads its files."""

    repository: str
    """Of GitHub: owner/name."""
    folders: tuple[str, ...]
    """What is needed of it."""
    readers: Mapping[str, Callable[[Path], Iterator[Verdict]]]
    """By their names; they get the folder of the checked-out repository."""

    @property
    def name(self) -> str:
        """The name of the repository, and of its folder."""
        return self.repository.partition("/")[2]


@dataclass
class Count:
    """A line of the table."""

    corpus: str
    reader: str
    read: int = 0
    refused: int = 0
    disagreements: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count a file."""
        if verdict.disagreement:
            self.disagreements.append(f"{verdict.file}: {verdict.disagreement}")
        if verdict.is_read:
            self.read += 1
        else:
            self.refused += 1


def judge(
    file: str, read: Callable[[], object], must_read: bool | None = None
) -> Verdict:
    """Run a reader on a file.

    Args:
        file: Its name, for people.
        read: Reads it. Raises Refused, or a MixtuiError whose text is a sentence, if it
            refuses the file, and AssertionError if it reads something else in it.
        must_read: What the corpus says; None = either is right.
    """
    reason = ""
    try:
        read()
    except Refused as error:
        reason = str(error) or "no reason"
    except MixtuiError as error:
        try:
            check_sentence(str(error))
        except AssertionError:
            return Verdict(file, False, f"not a sentence: {error!s:.{_MAX_SHOWN}}")
        reason = str(error)
    except AssertionError as error:
        return Verdict(file, True, f"read differently: {error!s:.{_MAX_SHOWN}}")
    except Exception as error:
        return Verdict(file, False, f"internal error: {error!r:.{_MAX_SHOWN}}")
    if must_read is None or must_read is not bool(reason):
        return Verdict(file, not reason)
    what = f"refused: {reason:.{_MAX_SHOWN}}" if reason else "accepted"
    return Verdict(file, not reason, what)
