from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from mixtui.storage import watch
from mixtui.storage.watch import (
    FolderWatcher,
    OpenNotifier,
    Seen,
    SystemNotifier,
    device_is_local,
)
from tests.processes import PATIENCE


class FakeNotifier:
    """Events that a test makes."""

    opened: list[FakeNotifier]

    def __init__(self, folders: Collection[Path], recursive: bool) -> None:
        self.folders = set(folders)
        self.recursive = recursive
        self.events: queue.SimpleQueue[set[str]] = queue.SimpleQueue()
        self.is_closed = False
        self.asked = threading.Semaphore(0)
        self.opened.append(self)

    def changes(self) -> Collection[str]:
        self.asked.release()
        try:
            return self.events.get_nowait()
        except queue.Empty:
            return ()

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeNotifier]:
    monkeypatch.setattr(FakeNotifier, "opened", [], raising=False)
    return FakeNotifier


class Watch:
    """A watcher, and what it reports."""

    def __init__(
        self,
        open_notifier: OpenNotifier,
        is_local: Callable[[int], bool | None] = lambda device: True,
    ) -> None:
        self.reports: queue.SimpleQueue[Seen | Exception] = queue.SimpleQueue()
        put = self.reports.put
        self.watcher = FolderWatcher(put, put, open_notifier, is_local)

    def follow(self, *roots: Path) -> None:
        self.watcher.follow(*roots)

    def next(self) -> Seen:
        """Wait for a report."""
        report = self.reports.get(timeout=PATIENCE)
        assert isinstance(report, Seen), report
        return report

    def is_silent(self) -> bool:
        return self.reports.empty()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watch]]:
    """Starts watchers that do not let anybody wait."""
    monkeypatch.setattr(watch, "_PAUSE", 0.005)
    monkeypatch.setattr(watch, "_TICK", 0.005)
    monkeypatch.setattr(watch, "_POLL", 0.02)
    monkeypatch.setattr(watch, "_POLL_SHARE", 1)
    watches: list[Watch] = []

    def start(
        open_notifier: OpenNotifier,
        *roots: Path,
        is_local: Callable[[int], bool | None] = lambda device: True,
    ) -> Watch:
        watches.append(Watch(open_notifier, is_local))
        watches[-1].follow(*roots)
        return watches[-1]

    yield start
    for each in watches:
        each.watcher.close()
        if each.watcher._thread is not None:
            each.watcher._thread.join(PATIENCE)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> queue.SimpleQueue[Path]:
    """The folders that were looked at."""
    looks = queue.SimpleQueue[Path]()
    look = watch._look_at

    def remember(root: Path, *others: Any) -> watch._View:
        view = look(root, *others)
        looks.put(root)
        return view

    monkeypatch.setattr(watch, "_look_at", remember)
    return looks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A collection that is older than any test."""
    root = tmp_path / "collection"
    (root / "Team").mkdir(parents=True)
    (root / "weekly.toml").write_text('url = "/a"\n')
    (root / "Team" / "orders.toml").write_text('url = "/b"\n')
    return root


def ignore_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were written just now count as old ones."""
    monkeypatch.setattr(watch.time, "time_ns", lambda: 1 << 62)


def ready(notifiers: list[FakeNotifier], count: int = 1) -> FakeNotifier:
    """Wait until events are waited for; return the notifier."""
    deadline = threading.Event()
    for _ in range(4000):
        if len(notifiers) >= count:
            break
        deadline.wait(0.005)
    assert len(notifiers) >= count
    notifier = notifiers[-1]
    for _ in range(2):
        assert notifier.asked.acquire(timeout=PATIENCE)
    return notifier


def test_a_change_is_reported_with_the_folder_it_is_in(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    config = tmp_path / "config"
    config.mkdir()
    seen = start(fake, root, config)
    notifier = ready(fake.opened)
    (config / "config.toml").write_text("mouse = false\n")
    notifier.events.put({str(config / "config.toml")})
    assert seen.next() == Seen(config)
    assert seen.is_silent()


def test_an_event_without_a_change_is_not_reported(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    seen = start(fake, root)
    notifier = ready(fake.opened)
    notifier.events.put({str(root / "weekly.toml")})
    notifier.events.put({str(root / ".git" / "index")})
    (root / "weekly.toml").write_text('url = "/c"\n')
    notifier.events.put({str(root / "weekly.toml")})
    assert seen.next() == Seen(root)
    assert seen.is_silent()


def test_ten_thousand_changes_at_once_are_looked_at_once(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    looks: queue.SimpleQueue[Path],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    seen = start(fake, root)
    notifier = ready(fake.opened)
    while not looks.empty():
        looks.get()
    paths = [root / f"{number}.toml" for number in range(10_000)]
    for path in paths:
        path.touch()
    for begin in range(0, 10_000, 1_000):
        notifier.events.put({str(path) for path in paths[begin : begin + 1_000]})
    assert seen.next() == Seen(root)
    assert seen.is_silent()
    assert looks.qsize() == 1


def test_after_a_burst_that_may_have_dropped_events_they_are_asked_for_again(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    start(fake, root)
    first = ready(fake.opened)
    first.events.put({str(root / f"{number}.toml") for number in range(9_000)})
    ready(fake.opened, 2)
    assert first.is_closed


def test_a_new_folder_is_followed_and_what_came_before_is_seen(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    monkeypatch.setattr("sys.platform", "linux")
    seen = start(fake, root)
    first = ready(fake.opened)
    assert first.folders == {root, root / "Team"}
    assert not first.recursive
    (root / "New").mkdir()
    first.events.put({str(root / "New")})
    assert seen.next() == Seen(root)
    assert (root / "New") in ready(fake.opened, 2).folders
    assert first.is_closed


def test_a_folder_that_is_replaced_by_one_of_its_name_is_followed_again(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    start(fake, root)
    ready(fake.opened).events.put({str(root / "Team")})
    ready(fake.opened, 2)


def test_what_changed_between_reading_and_following_is_reported(
    fake: type[FakeNotifier], start: Callable[..., Watch], root: Path
) -> None:
    assert start(fake, root).next() == Seen(root)


def test_a_folder_that_does_not_exist_is_reported_when_it_appears(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    looks: queue.SimpleQueue[Path],
    tmp_path: Path,
) -> None:
    root = tmp_path / "later"
    seen = start(fake, root)
    looks.get(timeout=PATIENCE)
    root.mkdir()
    assert seen.next() == Seen(root)
    assert ready(fake.opened).folders == {root}


def test_a_folder_that_is_deleted_and_comes_back_is_followed_again(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    seen = start(fake, root)
    ready(fake.opened)
    root.rename(tmp_path / "away")
    assert seen.next() == Seen(root, exists=False)
    (tmp_path / "away").rename(root)
    assert seen.next() == Seen(root)
    ready(fake.opened, 2)


def test_without_events_files_are_looked_at_from_time_to_time(
    start: Callable[..., Watch], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignore_age(monkeypatch)
    refused = threading.Event()

    def refuse(folders: Collection[Path], recursive: bool) -> FakeNotifier:
        refused.set()
        raise OSError(28, "No space left on device")  # max_user_watches

    seen = start(refuse, root)
    assert refused.wait(PATIENCE)
    (root / "weekly.toml").write_text('url = "/changed"\n')
    assert seen.next() == Seen(root)


def test_a_folder_that_goes_while_events_are_asked_for_does_not_end_them(
    start: Callable[..., Watch],
    fake: type[FakeNotifier],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    attempts = []

    def open_notifier(folders: Collection[Path], recursive: bool) -> FakeNotifier:
        attempts.append(folders)
        if len(attempts) == 1:
            raise FileNotFoundError(2, "No such file or directory")
        return FakeNotifier(folders, recursive)

    start(open_notifier, root)
    ready(fake.opened)
    assert len(attempts) == 2


def test_a_notifier_that_breaks_is_replaced_by_looking(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)

    def break_down(self: FakeNotifier) -> Collection[str]:
        raise RuntimeError("Unable to decode path")

    seen = start(fake, root)
    notifier = ready(fake.opened)
    monkeypatch.setattr(FakeNotifier, "changes", break_down)
    (root / "weekly.toml").write_text('url = "/changed"\n')
    assert seen.next() == Seen(root)
    (root / "weekly.toml").write_text('url = "/changed/again"\n')
    assert seen.next() == Seen(root)
    assert notifier.is_closed


def test_a_network_folder_is_looked_at_and_asked_for_no_events(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    looks: queue.SimpleQueue[Path],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    seen = start(fake, root, is_local=lambda device: False)
    looks.get(timeout=PATIENCE)
    (root / "new.toml").touch()
    assert seen.next() == Seen(root)
    assert fake.opened == []


def test_a_folder_that_does_not_respond_is_reported_and_again_when_it_does(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    monkeypatch.setattr(watch, "_PATIENCE", 0.01)
    config = tmp_path / "config"
    config.mkdir()
    responds = threading.Event()
    look = watch._look_at

    def hang(path: Path, *args: object) -> object:
        if path == root:
            responds.wait()
        return look(path, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(watch, "_look_at", hang)
    seen = start(fake, root, config)
    assert seen.next() == Seen(root, problem="it does not respond")
    # Another folder is followed meanwhile.
    notifier = ready(fake.opened)
    (config / "config.toml").write_text("mouse = false\n")
    notifier.events.put({str(config / "config.toml")})
    assert seen.next() == Seen(config)
    responds.set()
    assert seen.next() == Seen(root)


def test_the_empty_folder_under_a_lost_mount_is_not_taken_for_the_collection(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    looks: queue.SimpleQueue[Path],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    seen = start(fake, root, is_local=lambda device: False)
    looks.get(timeout=PATIENCE)
    look, views = watch._look_at, [watch._View(device=4711, inode=1, is_local=False)]

    def other(path: Path, *others: Any) -> object:
        return views[0] if views else look(path, *others)

    monkeypatch.setattr(watch, "_look_at", other)
    assert seen.next() == Seen(root, exists=False)
    views.clear()
    assert seen.next() == Seen(root)


def test_following_another_folder_ends_following_the_first(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    seen = start(fake, root)
    first = ready(fake.opened)
    other = tmp_path / "other"
    other.mkdir()
    seen.follow(other)
    second = ready(fake.opened, 2)
    assert first.is_closed
    assert second.folders == {other}
    (root / "weekly.toml").write_text('url = "/x"\n')
    (other / "new.toml").touch()
    second.events.put({str(other / "new.toml"), str(root / "weekly.toml")})
    assert seen.next() == Seen(other)
    assert seen.is_silent()


def test_a_link_is_followed_to_the_file_it_leads_to(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignore_age(monkeypatch)
    monkeypatch.setattr("sys.platform", "linux")
    config, dotfiles = tmp_path / "config", tmp_path / "dotfiles"
    config.mkdir()
    dotfiles.mkdir()
    (dotfiles / "mixtui.toml").write_text("mouse = true\n")
    (config / "config.toml").symlink_to(dotfiles / "mixtui.toml")
    seen = start(fake, config)
    notifier = ready(fake.opened)
    assert notifier.folders == {config, dotfiles}
    (dotfiles / "mixtui.toml").write_text("mouse = false\n")
    notifier.events.put({str(dotfiles / "mixtui.toml")})
    assert seen.next() == Seen(config)


def test_an_unexpected_error_is_handed_on(
    start: Callable[..., Watch], root: Path
) -> None:
    def fail(folders: Collection[Path], recursive: bool) -> FakeNotifier:
        raise KeyError("unexpected")

    seen = start(fail, root)
    reports = iter(lambda: seen.reports.get(timeout=PATIENCE), None)
    assert any(isinstance(report, KeyError) for report in reports)


def test_closing_waits_for_nothing(
    fake: type[FakeNotifier],
    start: Callable[..., Watch],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hangs, forever = threading.Event(), threading.Event()

    def hang(*args: object) -> object:
        hangs.set()
        forever.wait()
        return watch._View()

    monkeypatch.setattr(watch, "_look_at", hang)
    seen = start(fake, root)
    assert hangs.wait(PATIENCE)
    seen.watcher.close()
    thread = seen.watcher._thread
    assert thread is not None and thread.daemon and thread.is_alive()
    forever.set()


# With the events of the system, and real files


def test_an_editor_that_saves_by_renaming_is_noticed(
    start: Callable[..., Watch], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignore_age(monkeypatch)
    opened = threading.Event()

    def open_notifier(folders: Collection[Path], recursive: bool) -> SystemNotifier:
        notifier = SystemNotifier(folders, recursive)
        opened.set()
        return notifier

    seen = start(open_notifier, root)
    assert opened.wait(PATIENCE)
    swap = root / "Team" / ".orders.toml.swp"
    swap.write_text('url = "/new"\n')
    swap.rename(root / "Team" / "orders.toml")
    assert seen.next() == Seen(root)


def test_a_folder_made_and_filled_by_git_is_noticed(
    start: Callable[..., Watch], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignore_age(monkeypatch)
    opened = queue.SimpleQueue[Collection[Path]]()

    def open_notifier(folders: Collection[Path], recursive: bool) -> SystemNotifier:
        notifier = SystemNotifier(folders, recursive)
        opened.put(folders)
        return notifier

    seen = start(open_notifier, root)
    opened.get(timeout=PATIENCE)
    (root / "New" / "Inner").mkdir(parents=True)
    assert seen.next() == Seen(root)
    opened.get(timeout=PATIENCE)
    (root / "New" / "Inner" / "request.toml").write_text('url = "/a"\n')
    while seen.next() != Seen(root):
        pass


def test_the_local_file_system_is_known_as_such(tmp_path: Path) -> None:
    assert device_is_local(os.stat(tmp_path).st_dev) in (True, None)


@pytest.mark.parametrize(
    ("line", "is_local"),
    [
        ("36 35 0:52 / /mnt rw - nfs4 server:/export rw", False),
        ("36 35 0:52 / /mnt rw shared:1 - fuse.sshfs host: rw", False),
        ("36 35 0:52 / /mnt rw master:7 - 9p C:\\134 rw", False),
        ("36 35 0:52 / /mnt rw - tmpfs tmpfs rw", True),
        ("36 35 0:53 / /mnt rw - nfs4 server:/export rw", True),  # Not listed.
    ],
)
def test_network_file_systems_are_known_by_their_type(
    line: str, is_local: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n{line}\n")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(watch, "_MOUNTS", str(mounts))
    assert device_is_local(os.makedev(0, 52)) is is_local
