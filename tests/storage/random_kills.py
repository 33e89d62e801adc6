"""Programs killed at random points of every kind of write.

    python -m tests.storage.random_kills [COUNT] [SEED]

A child makes one write and kills itself before one of the calls that it makes to C: of the
system, of SQLite, of a library. Nothing waits, and a seed repeats a run. Afterwards, what the
write changes can be read, is locked by no one, and the same write succeeds.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import signal
import sqlite3
import sys
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from unittest.mock import patch

from mixtui import temporary
from mixtui.cli.send.sinks import OutputFile
from mixtui.history.history import History
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Draft
from mixtui.model.errors import StorageError
from mixtui.model.quota import Account
from mixtui.storage import heads, trash
from mixtui.storage.answers import AnswerStore
from mixtui.storage.collection import Collection
from mixtui.storage.crash_report import write_crash_report
from mixtui.storage.drafts import DraftStore
from mixtui.storage.environment_store import set_default
from mixtui.storage.files import PartFile
from mixtui.storage.first_start import mark_offered
from mixtui.storage.location import Location
from mixtui.storage.log_file import LogFile
from mixtui.storage.order import store_order
from mixtui.storage.pane_sizes import PaneSizes, store_pane_sizes
from mixtui.storage.queries import QueryStore
from mixtui.storage.quota import QuotaStore
from mixtui.storage.recent import RecentCollections
from mixtui.storage.settings import HistorySettings
from mixtui.storage.starter_collection import write_starter_collection
from mixtui.storage.trash import Trash
from mixtui.storage.tree_editor import TreeEditor
from mixtui.system import folder_lock
from tests.history.records import make_record
from tests.jobs import writes
from tests.storage.test_killed_writes import WRITES

_rename = os.rename
QUERIES = Account("project", Bucket.QUERY)


def store_draft(folder: Path) -> None:
    DraftStore(folder / "drafts").store(Draft(name="new"), None, folder)


def count_query(folder: Path) -> None:
    with closing(QuotaStore(folder)) as store:
        store.count([QUERIES])


def write_part(folder: Path) -> None:
    part = PartFile(folder / "export", overwrite=True)
    part.write(b"a" * 1000)
    part.finish()


def adopt_part(folder: Path) -> None:
    part = PartFile(folder / "export", overwrite=True)
    part.adopt(folder / "received")
    part.finish()


def delete_and_restore(folder: Path) -> None:
    trash = Trash(folder / "trash")
    trash.restore(trash.add(folder / "deleted.toml"))


def delete(folder: Path) -> None:
    Trash(folder / "trash").add(folder / "deleted.toml")


def delete_to_another_disk(folder: Path) -> None:
    def rename(source: Path, target: Path) -> None:
        if ".tmp" not in str(source):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        _rename(source, target)

    with patch.object(trash.os, "rename", rename):
        Trash(folder / "trash").add(folder / "deleted")


def is_state(folder: Path) -> AbstractContextManager[object]:
    """Make a folder hold the state, for what looks for it by itself."""
    return patch.dict(os.environ, XDG_STATE_HOME=str(folder / "state"))


def store_heads(folder: Path) -> None:
    always = {"FEWEST": 0, "SETTLED_NS": -(10**18)}
    with is_state(folder), patch.multiple(heads, **always):
        cache = heads.HeadCache(folder)
        cache._old = {}
        cache.head(folder / "listed.toml")
        cache.store()


def log_records(folder: Path) -> None:
    file = LogFile(folder / "log" / "mixtui.log", 60)
    try:
        for _ in range(3):  # The second and third rotate it.
            file.handle(logging.makeLogRecord({"msg": "x" * 40}))
    finally:
        file.close()


def save_new_request(folder: Path) -> None:
    with is_state(folder):
        collection = Collection(folder / "new", folder / "trash")
        collection.save_as(collection.root, Draft(name="new"))


def offer_setup(folder: Path) -> None:
    with is_state(folder):
        mark_offered()


def write_starter(folder: Path) -> None:
    with is_state(folder):
        write_starter_collection(folder / "starter", may_exist=True)


def in_tree(
    change: Callable[[TreeEditor, Path], object],
) -> Callable[[Path], object]:
    def change_tree(folder: Path) -> object:
        with is_state(folder):
            return change(TreeEditor(Collection(folder, folder / "trash")), folder)

    return change_tree


def store_entry(folder: Path) -> None:
    history = History(folder, HistorySettings())
    try:
        record = make_record(body_bytes=1000, started=datetime.now(UTC))
        history.add(record, b"a" * 1000)
    finally:
        history.close()


def write_response(folder: Path) -> None:
    part = OutputFile(folder / "response")
    try:
        part.file.write(b"a" * 1000)
        part._file.flush()
        part._replace_target()
    except OSError as error:  # As from a body that comes.
        raise StorageError(folder, f"Not written: {error.strerror}.") from error
    finally:
        part.close()


CHANGES: dict[str, Callable[[Path], object]] = {
    **{name: write.change for name, write in WRITES.items()},
    "an order": lambda f: store_order(f, "", ["b", "a"]),
    "a recent collection": lambda f: RecentCollections(f).add(f),
    "a draft": store_draft,
    "a quota": count_query,
    "an export": write_part,
    "an export that is what was received": adopt_part,
    "the trash": delete_and_restore,
    "a deleted request": delete,
    "a folder deleted to another disk": delete_to_another_disk,
    "heads": store_heads,
    "the log": log_records,
    "a new collection": save_new_request,
    "that the setup was offered": offer_setup,
    "starter requests": write_starter,
    "starter requests beside others": write_starter,
    "a new folder": in_tree(lambda e, f: e.new_folder(Location((), "made"))),
    "a copy": in_tree(lambda e, f: e.copy(f / "a.toml", f / "b")),
    "a copied folder": in_tree(lambda e, f: e.copy(f / "b", f)),
    "a renamed request": in_tree(
        lambda e, f: e.rename(f / "a.toml", Location((), "c"))
    ),
    "a moved request": in_tree(lambda e, f: e.move(f / "a.toml", f / "b")),
    "a moved folder": in_tree(lambda e, f: e.move(f / "b", f / "d")),
    "a moved place": in_tree(lambda e, f: e.reorder(f / "a.toml", 1)),
    "pane sizes": lambda f: store_pane_sizes(PaneSizes(30), f),
    "query": lambda f: QueryStore(f).store([str(f / "a.ndjson")], "SELECT 1"),
    "inputs": lambda f: AnswerStore(f).store(f / "a.toml", {"a": "b"}),
    "a crash report": lambda f: write_crash_report(KeyError(), f, datetime.now()),
    "a history entry": store_entry,
    "a default environment": lambda f: set_default(f / "environments.toml", "a"),
    "a response": write_response,
    **writes.CHANGES,
}
_TREE = {"a.toml": b'name = "a"\n', "b/e.toml": b"#", "d/f.toml": b"", "g.toml": b""}
FILES = {
    "starter requests beside others": {"starter/mixtui.toml": b"# mine\n"},
    "heads": {"listed.toml": b'name = "x"\n'},
    "the trash": {"deleted.toml": b'name = "x"\n'},
    "a deleted request": {"deleted.toml": b'name = "x"\n'},
    "a folder deleted to another disk": {"deleted/a.toml": b'name = "x"\n'},
    "a default environment": {"environments.toml": b"[environments.a]\n"},
    **dict.fromkeys((name for name in CHANGES if name.startswith("a copy")), _TREE),
    **dict.fromkeys((name for name in CHANGES if "copied" in name), _TREE),
    **dict.fromkeys((name for name in CHANGES if "moved" in name), _TREE),
    "a renamed request": _TREE,
    "an export that is what was received": {"received": b"a" * 1000},
    **writes.FILES,
}
"""What some changes find."""
_ONCE = (
    "a new file",
    "a request from another disk",
    "an environment",
    "the trash",
    "a deleted request",
    "a folder deleted to another disk",
    "a new folder",
    "a renamed request",
    "a moved request",
    "a moved folder",
    "starter requests",
    "starter requests beside others",
)
"""What fails when it was done already, as it must."""


def prepare(name: str, folder: Path) -> None:
    """Write what a change finds."""
    folder.mkdir(parents=True)
    for path, content in FILES.get(name, {}).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
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
                case ".jsonl" | ".ndjson":
                    list(map(json.loads, path.read_bytes().splitlines()))
                case ".db":
                    with closing(sqlite3.connect(path)) as connection:
                        (state,) = connection.execute("pragma quick_check").fetchone()
                        assert state == "ok"
    export = folder / "export"
    assert not export.exists() or export.read_bytes() == b"a" * 1000
    with folder_lock(folder, seconds=0):
        pass


def check_kept(name: str, folder: Path) -> None:
    """Check that what was deleted or moved is in one place or the other."""
    if "deleted" in name or "moved" in name or name == "the trash":
        left = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        for path, content in FILES[name].items():
            assert content in left, f"{path} is lost"


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
            check_kept(name, folder)
            again = change_until(name, folder, 0)
            assert again == 0 or name in _ONCE
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
