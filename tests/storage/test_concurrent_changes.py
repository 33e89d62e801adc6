"""Files that several programs change at once: real processes, and nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import tomlkit  # noqa: F401  here, and not in each of many processes

from mixtui import system
from mixtui.cli.console import Console
from mixtui.cli.main import run
from mixtui.mixpanel.apis import Region
from mixtui.mixpanel.catalogue import NameKind
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import ChangedOutside, StorageError
from mixtui.model.known_names import KnownNames, NameQuery
from mixtui.model.quota import Account
from mixtui.model.secrets import Secret
from mixtui.model.trust import Power, PowerKind
from mixtui.storage import files
from mixtui.storage.collection import Collection, OpenRequest
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.storage.environments import EnvironmentFile
from mixtui.storage.paths import config_dir, data_dir, state_dir
from mixtui.storage.quota import QuotaStore
from mixtui.storage.recent import FilterHistory, NameStore
from mixtui.storage.settings import load_settings, save_theme
from mixtui.storage.toml_file import TomlFile
from mixtui.storage.trust import TrustStore
from tests.processes import run_at_once

COUNT = 20
"""Processes at the same time."""


def run_command(*arguments: str, stdin: str = "") -> int:
    streams = (io.StringIO(stdin), io.StringIO(), io.StringIO())
    return run(arguments, Console(*streams, os.environ))


def environment_names() -> list[str]:
    path = config_dir() / "environments.toml"
    return [each.name for each in EnvironmentFile(TomlFile(path)).all]


def add_environment(number: int) -> int:
    return run_command("env", "add", f"e{number}", "--token", "t")


def add_environment_with_a_secret(number: int) -> int:
    command = ("env", "add", f"e{number}", "--oauth-token", "-")
    return run_command(*command, stdin=f"secret{number}\n")


def save_environment_in_the_app(number: int) -> None:
    store = FileEnvironmentStore(config_dir(), None, {})
    store.save(Environment(f"e{number}", Region.EU), None, {})


def delete_secret(number: int) -> None:
    StoredCredentials(config_dir() / "credentials.toml").delete(f"e{number}")


def choose_theme(number: int) -> None:
    save_theme(config_dir() / "config.toml", f"theme{number}")


def trust_folder(number: int) -> None:
    TrustStore().grant(Path(f"/shop{number}"), {Power(PowerKind.HOST, "x")})


def grant_power(number: int) -> None:
    TrustStore().grant(Path("/shop"), {Power(PowerKind.HOST, f"e{number}")})


def make_collection(number: int) -> None:
    collection = Collection(data_dir() / "shop")
    collection.save_as(collection.root, Draft(name=f"e{number}"))


def look_up(number: int) -> None:
    query = NameQuery(NameKind.PROPERTY, f"e{number}")
    NameStore().store("project", query, KnownNames((), datetime.now(UTC)))


def filter_with(number: int) -> None:
    FilterHistory().add(f".e{number}")


def names(pattern: str) -> set[str]:
    return {pattern.format(number) for number in range(COUNT)}


def secrets() -> set[str | None]:
    stored = StoredCredentials(config_dir() / "credentials.toml")
    return {stored.get(f"e{number}", "oauth_token") for number in range(COUNT)}


CHANGES = [
    pytest.param(
        add_environment, lambda: set(environment_names()), names("e{}"), id="env add"
    ),
    pytest.param(
        add_environment_with_a_secret,
        secrets,
        names("secret{}"),
        id="env add --oauth-token -",
    ),
    pytest.param(
        save_environment_in_the_app,
        lambda: set(environment_names()),
        names("e{}"),
        id="the form of the app",
    ),
    pytest.param(
        trust_folder,
        lambda: {str(folder) for folder, _ in TrustStore().folders()},
        names("/shop{}"),
        id="trust",
    ),
    pytest.param(
        grant_power,
        lambda: {p.target for p in TrustStore().trust_in(Path("/shop")).granted},
        names("e{}"),
        id="trust of one folder",
    ),
    pytest.param(
        make_collection,
        lambda: {p.stem for p in (data_dir() / "shop").glob("e*.toml")},
        names("e{}"),
        id="the first requests of a collection",
    ),
    pytest.param(
        look_up,
        lambda: {query.event for query in NameStore().load("project")},
        names("e{}"),
        id="names",
    ),
    pytest.param(
        filter_with, lambda: set(FilterHistory().load()), names(".e{}"), id="filters"
    ),
]


@pytest.mark.parametrize(("change", "result", "expected"), CHANGES)
def test_of_many_changes_at_once_none_is_lost(
    change: Callable[[int], int | None],
    result: Callable[[], set[str]],
    expected: set[str],
) -> None:
    assert run_at_once(change, COUNT) == [0] * COUNT
    assert result() == expected
    left = [path.name for path in config_dir().parent.rglob("*") if path.is_file()]
    assert not [name for name in left if name.endswith((".tmp", ".lock"))]


def test_secrets_that_are_deleted_at_once_are_all_gone() -> None:
    stored = StoredCredentials(config_dir() / "credentials.toml")
    for number in range(COUNT + 1):
        stored.set(f"e{number}", "oauth_token", Secret("x"))
    assert run_at_once(delete_secret, COUNT) == [0] * COUNT
    assert secrets() == {None}
    assert stored.get(f"e{COUNT}", "oauth_token") == "x"


def test_a_chosen_theme_leaves_the_other_settings() -> None:
    path = config_dir() / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("mouse = false # mine\n")
    assert run_at_once(choose_theme, COUNT) == [0] * COUNT
    assert load_settings(path).theme in names("theme{}")
    assert "mouse = false # mine" in path.read_text()


ORIGINAL = b'name = "first"\n'


def save_what_was_opened(number: int, path: str) -> int:
    """Save a change of the original, whatever the others have done by now."""
    collection, file = Collection(Path(path).parent), Path(path)
    fingerprint = files.Fingerprint.of(ORIGINAL)
    opened = OpenRequest(file, Draft(name="first"), ORIGINAL.decode(), fingerprint)
    try:
        collection.save(opened, Draft(name=f"e{number}"))
    except ChangedOutside:
        return 3
    return 0


def test_of_many_saves_of_one_request_all_but_the_first_are_asked_about(
    tmp_path: Path,
) -> None:
    path = tmp_path / "shop" / "first.toml"
    path.parent.mkdir()
    path.write_bytes(ORIGINAL)
    statuses = run_at_once(save_what_was_opened, COUNT, str(path))
    assert sorted(statuses) == [0, *[3] * (COUNT - 1)]
    saved = Collection(path.parent).open(path).draft.name
    assert saved == f"e{statuses.index(0)}"


QUERIES = Account("project", Bucket.QUERY)


def count_request(number: int) -> None:
    with closing(QuotaStore(state_dir())) as store:
        store.count([QUERIES])


def test_a_quota_counts_the_requests_of_all_programs() -> None:
    assert run_at_once(count_request, COUNT) == [0] * COUNT
    with closing(QuotaStore(state_dir())) as store:
        assert store.status(QUERIES).used == COUNT


# A program that knows no lock


def test_what_an_editor_writes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "environments.toml"
    path.write_bytes(b"a")
    seen: list[bytes | None] = []

    def change(data: bytes | None) -> bytes:
        seen.append(data)
        if len(seen) == 1:
            path.write_bytes(b"b")  # The editor.
        return (data or b"") + b"!"

    files.update(path, change)
    assert (seen, path.read_bytes()) == ([b"a", b"b"], b"b!")
    assert os.listdir(tmp_path) == [path.name]


def test_a_file_that_never_rests_is_left_alone_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "environments.toml"
    numbers = iter(range(1000))

    def change(data: bytes | None) -> bytes:
        path.write_bytes(b"%d" % next(numbers))
        return b"mine"

    with pytest.raises(StorageError, match=r"another program keeps writing it\. Stop"):
        files.update(path, change)
    assert path.read_bytes().isdigit()


def test_the_same_content_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a")
    before = path.stat().st_ino
    files.update(path, lambda data: data or b"")
    assert path.stat().st_ino == before


def test_a_refused_change_makes_no_folder(tmp_path: Path) -> None:
    def refuse(data: bytes | None) -> bytes:
        raise StorageError(tmp_path, "no")

    with pytest.raises(StorageError):
        files.update(tmp_path / "gone" / "file", refuse)
    assert not (tmp_path / "gone").exists()


# The lock

posix = pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")


@posix
def test_a_folder_held_by_another_program_is_reported_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = partial(system.folder_lock, seconds=0)
    monkeypatch.setattr(files, "folder_lock", at_once)
    path = tmp_path / "file"
    other = os.open(tmp_path, os.O_RDONLY)
    assert system.try_lock(other) is system.Lock.HELD
    with pytest.raises(StorageError, match=r"another program has held it .* try again"):
        files.update(path, lambda data: b"x")
    assert not path.exists()
    os.close(other)
    files.update(path, lambda data: b"x")
    assert path.read_bytes() == b"x"


HOLD = """
import signal, sys
from pathlib import Path
from mixtui.system import folder_lock
with folder_lock(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


@posix
def test_a_killed_program_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            with pytest.raises(TimeoutError), system.folder_lock(tmp_path, seconds=0):
                pass
        finally:
            process.kill()
        process.wait()
        with system.folder_lock(tmp_path, seconds=0):
            pass


@posix
def test_a_thread_may_take_its_lock_again(tmp_path: Path) -> None:
    with system.folder_lock(tmp_path), system.folder_lock(tmp_path, seconds=0):
        pass
    with files.locked(tmp_path):
        files.update(tmp_path / "file", lambda data: b"x")
        other = os.open(tmp_path, os.O_RDONLY)
        assert system.try_lock(other) is system.Lock.TAKEN
        os.close(other)


@posix
def test_without_locks_what_the_file_holds_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(9, "Bad file descriptor")  # Of a folder on NFS.

    monkeypatch.setattr(system.fcntl, "flock", unsupported)
    test_what_an_editor_writes_meanwhile_is_not_overwritten(tmp_path)


def test_a_read_only_folder_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_file = os.open

    def refuse_new(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:  # By itself, no mode stops root.
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_file(path, flags, mode)

    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setattr(os, "open", refuse_new)
    with pytest.raises(StorageError, match="was not written: Permission denied"):
        files.update(folder / "file", lambda data: b"x")
