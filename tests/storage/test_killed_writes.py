"""A program killed in the middle of each kind of write: nothing is half written."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mixtui import temporary
from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.known_names import KnownNames, NameQuery
from mixtui.model.secrets import Secret
from mixtui.model.trust import Power, PowerKind
from mixtui.storage import files, trash
from mixtui.storage.collection import Collection
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environment_store import save_environment
from mixtui.storage.recent import FilterHistory, NameStore
from mixtui.storage.settings import save_theme
from mixtui.storage.trust import TrustStore
from tests.processes import run_at_once

SECRET = "hush-hush-1"


@dataclass(frozen=True)
class Write:
    """A change of a file in a folder, and what the file holds before."""

    change: Callable[[Path], object]
    file: str
    before: bytes | None = b""
    is_private: bool = False


def store_names(folder: Path) -> None:
    query = NameQuery(NameKind.PROPERTY, "Sign up")
    NameStore(folder).store("1", query, KnownNames((), datetime.now(UTC)))


def save_request(folder: Path) -> None:
    collection = Collection(folder)
    opened = collection.open(folder / "request.toml")
    collection.save(opened, Draft(name="new"))


NAMES = "6b86b273ff34fce1.json"  # SHA-256 of "1"
WRITES = {
    "a theme": Write(lambda f: save_theme(f / "config.toml", "day"), "config.toml"),
    "an environment": Write(
        lambda f: save_environment(f / "environments.toml", Environment("x")),
        "environments.toml",
        b"# mine\n",
    ),
    "a secret": Write(
        lambda f: StoredCredentials(f / "credentials.toml").set(
            "x", "oauth_token", Secret(SECRET)
        ),
        "credentials.toml",
        is_private=True,
    ),
    "trust": Write(
        lambda f: TrustStore(f).grant(Path("/x"), {Power(PowerKind.HOST, "y")}),
        "trust.json",
        is_private=True,
    ),
    "a filter": Write(
        lambda f: FilterHistory(f).add(".a"), "filters.jsonl", is_private=True
    ),
    "names": Write(store_names, NAMES, is_private=True),
    "a request": Write(save_request, "request.toml", b'name = "old"\n'),
    "a new file": Write(lambda f: files.create(f / "new", b"x"), "new", None),
    "an answer": Write(
        lambda f: files.save_chunks((b"a", b"b"), f / "answer", overwrite=True),
        "answer",
    ),
    "a request from another disk": Write(
        lambda f: trash._copy_then_remove(_other_disk(f), f / "moved"), "moved", None
    ),
}


def _other_disk(folder: Path) -> Path:
    path = folder.parent / f"{folder.name}-source"
    path.write_bytes(b"x")
    return path


def kill_in_the_middle(number: int, root: str) -> None:
    """Make one of the writes, and die of kill -9 when it reaches the disk."""

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    for name in ("fsync", "rename"):
        setattr(os, name, die)
    name, write = list(WRITES.items())[number]
    write.change(Path(root) / name)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of all writes, each of which was killed."""
    root = tmp_path_factory.mktemp("killed")
    for name, write in WRITES.items():
        (root / name).mkdir()
        if write.before is not None:
            (root / name / write.file).write_bytes(write.before)
            (root / name / write.file).chmod(0o600 if write.is_private else 0o644)
    statuses = run_at_once(kill_in_the_middle, len(WRITES), str(root))
    assert statuses == [-signal.SIGKILL] * len(WRITES)
    return root


@pytest.mark.parametrize("name", WRITES)
def test_a_killed_write_changes_nothing_and_is_swept_by_the_next(
    killed: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporary, "_swept", set())
    write, folder = WRITES[name], killed / name
    path = folder / write.file
    assert (path.read_bytes() if path.exists() else None) == write.before
    (left,) = (each for each in folder.iterdir() if each != path)
    assert left.stat().st_mode & 0o077 == 0 or not write.is_private
    os.utime(left, (0, 0))
    write.change(folder)
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() != write.before
