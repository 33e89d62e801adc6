"""Programs killed at random points of every kind of write.

    python -m tests.storage.random_kills [COUNT] [SEED]

A child makes one write and kills itself before one of the calls that it makes to C: of the
system, of SQLite, of a library. Nothing waits, and a seed repeats a run. Afterwards, what the
write changes can be read, is locked by no one, and the same write succeeds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from mixtui import temporary
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Draft
from mixtui.model.quota import Account
from mixtui.storage.drafts import DraftStore
from mixtui.storage.files import PartFile
from mixtui.storage.order import store_order
from mixtui.storage.quota import QuotaStore
from mixtui.storage.recent import RecentCollections
from mixtui.storage.trash import Trash
from mixtui.system import folder_lock
from tests.storage.test_killed_writes import WRITES

QUERIES = Account("project", Bucket.QUERY)


def store_draft(folder: Path) -> None:
    DraftStore(folder / "drafts").store(Draft(name="new"), None, folder)


def count_query(folder: Path) -> None:
    QuotaStore(folder).count([QUERIES])


def write_part(folder: Path) -> None:
    part = PartFile(folder / "export", overwrite=True)
    part.write(b"a" * 1000)
    part.finish()


def delete_and_restore(folder: Path) -> None:
    path = folder / "deleted.toml"
    if not path.exists():
        path.write_bytes(b'name = "x"\n')
    trash = Trash(folder / "trash")
    trash.restore(trash.add(path))


CHANGES: dict[str, Callable[[Path], object]] = {
    **{name: write.change for name, write in WRITES.items()},
    "an order": lambda f: store_order(f, "", ["b", "a"]),
    "a recent collection": lambda f: RecentCollections(f).add(f),
    "a draft": store_draft,
    "a quota": count_query,
    "an export": write_part,
    "the trash": delete_and_restore,
}
_NEW = ("a new file", "a request from another disk", "an environment")
"""What fails when it was done already, as it must."""


def prepare(name: str, folder: Path) -> None:
    """Write what a change finds."""
    folder.mkdir(parents=True)
    write = WRITES.get(name)
    if write is not None and write.before is not None:
        (folder / write.file).write_bytes(write.before)
        (folder / write.file).chmod(0o600 if write.is_private else 0o644)


def change_until(name: str, folder: Path, last: int) -> int:
    """Make a change in a child that kills itself at a call; return how it ended."""
    child = os.fork()
    if not child:
        status = 70
        try:
            temporary._swept.clear()
            sys.setprofile(_killer(last))
            CHANGES[name](folder)
            sys.setprofile(None)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _killer(last: int) -> Callable[[FrameType, str, object], None]:
    calls = 0

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        if event == "c_call":
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

    return on_event


def calls_of(name: str, folder: Path) -> int:
    """Return how many calls to C a change makes, once everything is loaded."""
    prepare(name, folder / "loading")
    CHANGES[name](folder / "loading")
    folder = folder / "counted"
    prepare(name, folder)
    temporary._swept.clear()
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "c_call"

    sys.setprofile(count)
    try:
        CHANGES[name](folder)
    finally:
        sys.setprofile(None)
    return calls


def check(folder: Path) -> None:
    """Check that every file in a folder can be read, and no one holds it."""
    for path in folder.rglob("*"):
        if path.is_dir():
            with folder_lock(path, seconds=0):
                pass
        elif not path.name.endswith((".tmp", ".part")) and path.stat().st_size:
            match path.suffix:
                case ".toml":
                    tomllib.loads(path.read_text("utf-8"))
                case ".json":
                    json.loads(path.read_bytes())
                case ".jsonl":
                    list(map(json.loads, path.read_bytes().splitlines()))
                case ".db":
                    with sqlite3.connect(path) as connection:
                        (state,) = connection.execute("pragma quick_check").fetchone()
                        assert state == "ok"
    export = folder / "export"
    assert not export.exists() or export.read_bytes() == b"a" * 1000
    with folder_lock(folder, seconds=0):
        pass


def kill(count: int, seed: int, root: Path) -> dict[str, int]:
    """Kill so many writes, and check what each leaves; return how many of each kind.

    Raises:
        AssertionError: Something was half written, or not writable afterwards.
    """
    choose, killed = random.Random(seed), dict.fromkeys(CHANGES, 0)
    calls = {name: calls_of(name, root / name) for name in CHANGES}
    names = list(CHANGES)
    for number in range(count):
        name = names[number % len(names)]
        folder = root / f"{number}" / "folder"
        prepare(name, folder)
        last = choose.randint(1, calls[name])
        status = change_until(name, folder, last)
        where = f"{name}, call {last} of {calls[name]}, seed {seed}"
        assert status in (0, -signal.SIGKILL), f"{where}: {status}"
        killed[name] += status != 0
        try:
            check(folder)
            again = change_until(name, folder, 0)
            assert again == 0 or name in _NEW
            check(folder)
        except Exception as error:
            raise AssertionError(f"{where}: {error!r}") from error
    return killed


def main() -> None:
    """Kill many, and print how many of each kind."""
    count, seed = (*map(int, sys.argv[1:3]), *(1000, 1)[len(sys.argv[1:3]) :])
    with tempfile.TemporaryDirectory() as folder:
        killed = kill(count, seed, Path(folder))
    for name, number in killed.items():
        print(f"{number:5} {name}")
    print(f"{sum(killed.values()):5} killed of {count}, nothing half written")


if __name__ == "__main__":
    main()
