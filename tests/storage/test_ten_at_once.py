"""Every kind of write made by ten processes at the same time, in the same folder.

So every file that programs share is written by ten of them, and nothing is lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mixtui.cli.send.sinks import OutputFile
from mixtui.history.history import History
from mixtui.history.query import HistoryQuery
from mixtui.jobs.journal import resume_journal
from mixtui.storage.files import open_part
from mixtui.storage.quota import QuotaStore
from mixtui.storage.settings import HistorySettings
from tests.jobs.writes import JOURNAL
from tests.storage.children import Result, is_sentence, start_change
from tests.storage.random_kills import (
    CHANGES,
    QUERIES,
    check,
    check_kept,
    prepare,
)
from tests.storage.test_hostile_disks import KINDS

COUNT = 10
ONE = (
    "an environment",
    "a new file",
    "a deleted request",
    "a folder deleted to another disk",
    "starter requests",
    "starter requests beside others",
    "a new folder",
    "a renamed request",
    "a moved request",
    "a moved folder",
)
"""What can only be done once; the others are told why not."""
NAMES_ANOTHER = (
    "a started job",
    "a job started again",
    "a batch of a job",
    "a batch that is sent once",
    "a stop of a job",
    "rows of a query",
    "an export",
    "an export that is what was received",
    "a response",
    "pulled annotations",
    "pulled schemas",
)
"""What another program does is not waited for, as that may take hours, nor undone."""


def files_like(pattern: str) -> Callable[[Path], int]:
    return lambda folder: len(list(folder.glob(pattern)))


def _used(folder: Path) -> int:
    with closing(QuotaStore(folder)) as store:
        return store.status(QUERIES).used


def entries(folder: Path) -> int:
    with closing(History(folder, HistorySettings())) as history:
        return len(history.search(HistoryQuery()))


def rejected(folder: Path) -> int:
    with closing(resume_journal(folder / JOURNAL)) as journal:
        return len(list(journal.rejected()))


FOR_SOME = ("a request", "the trash")
"""Who opens a request after another has saved it saves that; what is deleted and restored is
not there for some of the others."""
LEFT: dict[str, Callable[[Path], int]] = {
    "a history entry": entries,
    "a quota": _used,
    "a draft": files_like("drafts/*/draft.toml"),
    "a new collection": files_like("new/new*.toml"),
    "a copy": files_like("b/a*.toml"),
    "a copied folder": files_like("b copy*/e.toml"),
    "a batch of a job": rejected,
}
"""How many of what was written are there, for what adds something."""


def change_at_once(name: str, folder: Path) -> list[Result]:
    """Make a change in ten processes that all start together."""
    start, go = os.pipe()

    def wait() -> None:
        os.close(go)
        os.read(start, 1)

    children = [start_change(name, folder, wait) for _ in range(COUNT)]
    os.close(start)
    os.close(go)  # All of them go on at the end of the pipe.
    return [child.result() for child in children]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("name", KINDS)
def test_of_what_ten_processes_write_at_once_nothing_is_lost(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    prepare(name, folder)
    results = change_at_once(name, folder)
    done = sum(each.is_done for each in results)
    sentences = {each.sentence for each in results if not each.is_done}
    assert all(map(is_sentence, sentences)), sentences
    if name in ONE:
        assert done == 1, sentences
    elif name in FOR_SOME:
        assert done, sentences
    elif name in NAMES_ANOTHER:
        assert done, sentences
        busy = "another program"
        assert all(busy in each for each in sentences), sentences
    else:
        assert done == COUNT, sentences
    check(folder)
    check_kept(name, folder)
    if name in LEFT:
        assert LEFT[name](folder) == done
    left = [path.name for path in folder.rglob("*")]
    assert not [each for each in left if each.endswith((".tmp", ".part"))]


def test_the_kinds_that_are_named_exist() -> None:
    assert {*ONE, *LEFT} <= {*CHANGES}


@pytest.mark.parametrize("kind", ["an export", "a response"])
def test_a_part_file_is_locked_until_it_has_its_name(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def try_to_write(source: Path, target: Path) -> None:
        with pytest.raises(BlockingIOError):
            open_part(source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", try_to_write)
    CHANGES[kind](tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_part_that_is_discarded_is_locked_until_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def try_to_write(path: Path) -> None:
        with pytest.raises(BlockingIOError):
            open_part(path)
        unlink(path)

    part = OutputFile(tmp_path / "response")
    monkeypatch.setattr(Path, "unlink", try_to_write)
    part.close()
    assert not list(tmp_path.iterdir())
