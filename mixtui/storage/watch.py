"""Notice that files were changed by another program: an editor, git, a sync client.

The system says when to look (inotify, FSEvents, ReadDirectoryChangesW; through
watchfiles). What has changed is found by looking, so nothing depends on which events
arrive: they get lost in a burst, and none come from another computer.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from mixtui import log
from mixtui.storage.files import Stamp
from mixtui.storage.paths import COLLECTION_FILE, SUFFIX
from mixtui.storage.tree import Folder, TreeScanner
from mixtui.system import real_path

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

_PAUSE = 0.5
"""Seconds between two questions for events while there are none: each wakes two threads."""
_TICK = 0.2
"""The same in a burst of them; without any for so long, it is over."""
_LONGEST_BURST = 2.0
"""Seconds after which is looked, even if events keep coming."""
_POLL = 2.0
"""Seconds at least between two looks where no events come, and until a folder that is
deleted, or created, is noticed."""
_SLOW_POLL = 15.0
"""The same where events come, and perhaps not of changes by other computers."""
_LARGEST_BURST = 4_000
"""Events; of more, inotify may have dropped some (fs.inotify.max_queued_events)."""
_POLL_SHARE = 20
"""A look takes at most one part of so many: large network folders are polled less often."""
_PATIENCE = 5.0
"""Seconds until a folder that does not respond is reported."""
_LOCAL = frozenset(
    {"", "ext2", "ext3", "ext4", "xfs", "btrfs", "bcachefs", "f2fs", "jfs", "zfs"}
    | {"tmpfs", "ramfs", "overlay", "ecryptfs", "vfat", "exfat", "ntfs3", "fuseblk"}
)
"""File systems of Linux whose changes all come from this computer, and so as events.

A device that is not listed (a subvolume of btrfs) has no name.
"""

_MOUNTS = "/proc/self/mountinfo"
_MODIFIED = 2
"""Of `watchfiles.Change`."""


class Seen(Struct, frozen=True):
    """News of a followed folder."""

    root: Path
    exists: bool = True
    """False: it is not there, or its network folder is no longer mounted there."""
    problem: str = ""
    """Why it cannot be looked at, as the end of a sentence; empty = it can."""

    @property
    def is_readable(self) -> bool:
        """Whether its files can be read again."""
        return self.exists and not self.problem


class Notifier(Protocol):
    """Says what may have changed; the system's, or that of a test."""

    def changes(self) -> Collection[str]:
        """Return the paths that events named since the last call; does not wait.

        Raises:
            OSError, RuntimeError: It no longer works.
        """

    def close(self) -> None:
        """End it."""


OpenNotifier = Callable[[Collection[Path], bool], Notifier]
"""Opens a notifier of some folders, which exist; True = and of all that is in them.

Raises OSError or RuntimeError, such as for the limit of inotify (ENOSPC).
"""


class SystemNotifier:
    """The events of the system, through watchfiles.

    Only its lowest layer is used: `watchfiles.watch` wakes Python five times more often,
    and is deaf to a folder that is deleted and created again.
    """

    def __init__(self, folders: Collection[Path], recursive: bool) -> None:
        from watchfiles._rust_notify import RustNotify

        paths = [str(folder) for folder in folders]
        self._events: RustNotify = RustNotify(paths, False, False, 0, recursive, False)

    def changes(self) -> Collection[str]:
        changes = self._events.watch(1, 1, 1, None)  # Milliseconds.
        if isinstance(changes, str):
            return ()  # "timeout"
        # A modified file of another kind is not a folder that came or went.
        return {
            path for kind, path in changes if kind != _MODIFIED or path.endswith(SUFFIX)
        }

    def close(self) -> None:
        self._events.close()


class _View(Struct, frozen=True):
    """What a look at a folder found."""

    device: int = -1
    """-1: the folder is not there."""
    inode: int = -1
    is_local: bool | None = True
    """Whether all changes come as events; None = unknown."""
    folders: tuple[Path, ...] = ()
    """Those that hold its files, and those that links of it lead to."""
    stamps: Mapping[Path, Stamp] = field(default_factory=dict)
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        return len(self.folders) <= 1 and not self.stamps


class FolderWatcher:
    """Follows folders, with the folders in them, in a thread; reports what has changed.

    Only visible folders and ``.toml`` files count, as in a collection. A folder need not
    exist: it is noticed when it appears, and again when it was deleted and comes back.

    It is a daemon thread, for which nobody waits: whoever looks into a network folder
    that is gone may be blocked for ever.

    Args:
        report: Called in the thread, with one folder at a time.
        fail: Called in the thread with an unexpected error, which ends it.
        open_notifier: Opens what says when to look.
        is_local: Whether all changes on a device come as events; None = unknown.
    """

    def __init__(
        self,
        report: Callable[[Seen], None],
        fail: Callable[[Exception], None],
        open_notifier: OpenNotifier = SystemNotifier,
        is_local: Callable[[int], bool | None] | None = None,
    ) -> None:
        self._report = report
        self._fail = fail
        self._open_notifier = open_notifier
        self._is_local = is_local or device_is_local
        self._roots: tuple[Path, ...] = ()
        self._views: dict[Path, _View] = {}
        self._good: dict[Path, _View] = {}
        """The last views without a problem."""
        self._notifier: Notifier | None = None
        self._notified: tuple[Path, ...] | None = None
        """The folders whose events were asked for; None = ask again."""
        self._has_events = True
        self._is_retrying = False
        """A folder went while events were asked for."""
        self._polled: dict[Path, float] = {}
        """When to look next, without an event; in `time.monotonic` seconds."""
        self._scanners: dict[Path, TreeScanner] = {}
        self._late: dict[Path, _Look] = {}
        """Looks at folders that have not responded yet."""
        self._since = 0
        self._wake = threading.Event()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def follow(self, *roots: Path) -> None:
        """Follow these folders from now on, and no others.

        They were read just now: older changes are not reported.
        """
        self._roots = tuple(dict.fromkeys(roots))
        self._since = time.time_ns() - 2_000_000_000
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="files", daemon=True)
            self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """End the thread soon; does not wait for it."""
        self._is_closed = True
        self._wake.set()

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # Any: in a thread, nobody else would report it.
            self._fail(error)
        finally:
            self._close_notifier()

    def _follow(self) -> None:
        while not self._is_closed:
            self._wake.clear()
            roots = self._roots
            self._has_events, self._notified = True, None
            for root in [root for root in self._views if root not in roots]:
                del self._views[root]
                for known in (self._good, self._polled, self._late, self._scanners):
                    known.pop(root, None)
            due: Collection[Path] = roots
            while roots == self._roots and not self._is_closed:
                for root in due:
                    self._look(root)
                while self._needs_events:
                    self._open()
                    for root in roots:  # What changed before there were events.
                        self._look(root)
                due = self._wait()
                if self._is_retrying:
                    self._is_retrying, self._notified = False, None

    @property
    def _needs_events(self) -> bool:
        """Whether there are other folders than those whose events were asked for."""
        is_current = self._folders == self._notified or self._is_retrying
        return self._has_events and not is_current and not self._is_closed

    @property
    def _folders(self) -> tuple[Path, ...]:
        """The folders that events are wanted of."""
        views = (v for v in self._views.values() if v.is_local is not False)
        return tuple(dict.fromkeys(path for view in views for path in view.folders))

    # Looking

    def _look(self, root: Path) -> None:
        """Look at a folder, and report what is news."""
        began = time.monotonic()
        before, view = self._views.get(root), self._view(root)
        self._views[root] = view
        now = time.monotonic()
        has_events = self._has_events and not view.problem
        if has_events and view.is_local:
            self._polled.pop(root, None)
        else:
            is_unsure = has_events and view.is_local is None
            period = _SLOW_POLL if is_unsure else _POLL
            self._polled[root] = now + max(period, _POLL_SHARE * (now - began))
        good = self._good.get(root, view)
        # Where a network folder was mounted, an empty one is left.
        unmounted = view.device != good.device and view.is_empty and not good.is_empty
        exists = bool(view.problem) or (view.device >= 0 and not unmounted)
        if exists and not view.problem:
            self._good[root] = view
        if before is None:
            is_news = bool(view.problem) or any(
                each.changed_ns > self._since for each in view.stamps.values()
            )
        else:
            is_news = view != before
        if is_news and not self._is_closed and root in self._roots:
            what = view.problem or ("changed" if exists else "does not exist")
            log.debug("files: %s: %s", root, what)
            self._report(Seen(root, exists, view.problem))

    def _view(self, root: Path) -> _View:
        """Look at a folder in a thread of its own, unless it is known to be local."""
        known, late = self._views.get(root), self._late.pop(root, None)
        if late is None and known is not None and known.is_local and not known.problem:
            return _look_at(root, self._is_local, self._scanner(root))
        look = late or _Look(root, self._is_local, self._scanner(root))
        view = look.wait(0 if late else _PATIENCE)
        if view is None:
            self._late[root] = look
            return _View(is_local=False, problem="it does not respond")
        return view

    def _scanner(self, root: Path) -> TreeScanner:
        return self._scanners.setdefault(root, TreeScanner(root))

    # Waiting

    def _wait(self) -> Collection[Path]:
        """Wait until there is something to look at, and return the roots of it."""
        dirty: set[Path] = set()
        end = next_check = time.monotonic() + _POLL
        while not self._wake.wait(_TICK if dirty else _PAUSE):
            changes = self._take_changes()
            now = time.monotonic()
            if changes:
                end = end if dirty else now + _LONGEST_BURST
                dirty.update(self._roots_of(changes))
                self._check_folders(changes)
                if now < end:
                    continue
            if dirty:
                return dirty
            due = {root for root, when in self._polled.items() if when <= now}
            if now >= next_check:
                next_check = now + _POLL
                due.update(self._replaced())
            if due:
                return due
        self._wake.clear()
        return self._roots

    def _take_changes(self) -> Collection[str]:
        if self._notifier is None:
            return ()
        try:
            return self._notifier.changes()
        except (OSError, RuntimeError):
            self._fall_back()
            return [str(root) for root in self._roots]

    def _check_folders(self, changes: Collection[str]) -> None:
        """Ask for events again if a folder has gone: one of its name may have come."""
        known = {str(path) for path in self._notified or ()}
        if len(changes) > _LARGEST_BURST or not known.isdisjoint(changes):
            self._notified = None

    def _roots_of(self, changes: Iterable[str]) -> set[Path]:
        """Return the roots in which visible files may have changed."""
        found: set[Path] = set()
        for path in changes:
            inside = {
                r: rest for r in self._roots if (rest := _rest(path, r)) is not None
            }
            if not inside:
                # A link led there, or the system spells the root otherwise.
                return set(self._roots)
            found |= {r for r, rest in inside.items() if f"{os.sep}." not in rest}
        return found

    def _replaced(self) -> set[Path]:
        """Return the roots that came, went, or are other folders now: nothing tells."""
        return {
            root
            for root, view in self._views.items()
            if root not in self._polled and _identity(root) != (view.device, view.inode)
        }

    # Events

    def _open(self) -> None:
        """Ask for the events of the folders that there are now."""
        self._close_notifier()
        self._notified = folders = self._folders
        if not folders:
            return
        # inotify takes folders one by one anyway: so hidden ones, such as .git, cost
        # nothing. Elsewhere, each would restart the stream of events.
        one_by_one = sys.platform == "linux"
        roots = [r for r in self._roots if r in folders]
        try:
            self._notifier = self._open_notifier(
                folders if one_by_one else roots, not one_by_one
            )
        except FileNotFoundError:
            # A folder has just gone: look again soon.
            self._is_retrying = True
            self._polled |= dict.fromkeys(self._roots, time.monotonic() + _POLL)
        except (OSError, RuntimeError, ValueError):
            # The limits of inotify (ENOSPC, EMFILE), no permission, no UTF-8.
            self._fall_back()

    def _fall_back(self) -> None:
        """Look from time to time, without events."""
        log.info("files: no events, so folders are polled")
        self._close_notifier()
        self._has_events = False

    def _close_notifier(self) -> None:
        if self._notifier is not None:
            self._notifier.close()
            self._notifier = None


class _Look:
    """A look at a folder, in a daemon thread: it may never end."""

    def __init__(
        self, root: Path, is_local: Callable[[int], bool | None], scanner: TreeScanner
    ) -> None:
        self._view: Future[_View] = Future()
        look = partial(_look_at, root, is_local, scanner)
        threading.Thread(target=self._run, args=(look,), daemon=True).start()

    def _run(self, look: Callable[[], _View]) -> None:
        try:
            self._view.set_result(look())
        except Exception as error:  # Any: it is raised where the view is waited for.
            self._view.set_exception(error)

    def wait(self, seconds: float) -> _View | None:
        """Return what was found; None = it is not known yet."""
        try:
            return self._view.result(seconds)
        except TimeoutError:
            return None


def _look_at(
    root: Path, is_local: Callable[[int], bool | None], scanner: TreeScanner
) -> _View:
    try:
        status = os.stat(root)
    except (FileNotFoundError, NotADirectoryError):
        return _View()
    except OSError as error:
        return _View(is_local=False, problem=error.strerror or str(error))
    view = _View(status.st_dev, status.st_ino, is_local(status.st_dev))
    tree = scanner.scan()
    if tree.problem:
        return replace(view, problem=tree.problem)
    folders, stamps = list(_paths(tree)), dict[Path, Stamp]()
    for path in (root / COLLECTION_FILE, *(e.path for e in tree.all_requests())):
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                status = os.stat(path)
                folders.append(real_path(path).parent)
        except OSError:
            continue
        stamps[path] = Stamp.of(status)
    return replace(view, folders=tuple(folders), stamps=stamps)


def _rest(path: str, root: Path) -> str | None:
    """Return what follows the root in a path, from the separator; None = it is elsewhere."""
    rest = path.removeprefix(str(root))
    is_inside = len(rest) < len(path) and (not rest or rest.startswith(os.sep))
    return rest if is_inside else None


def _paths(folder: Folder) -> Iterable[Path]:
    if not folder.problem:
        yield folder.path
    for inner in folder.folders:
        yield from _paths(inner)


def _identity(root: Path) -> tuple[int, int]:
    try:
        status = os.stat(root)
    except OSError:
        return -1, -1
    return status.st_dev, status.st_ino


def device_is_local(device: int) -> bool | None:
    """Return whether all changes of files on a device are made by this computer.

    Args:
        device: As in `os.stat_result.st_dev`.

    Returns:
        None = it cannot be told here.
    """
    if sys.platform != "linux":
        return None
    return _file_system(device) in _LOCAL


def _file_system(device: int) -> str:
    """Return the type of the file system of a device; see proc_pid_mountinfo(5)."""
    number = f"{os.major(device)}:{os.minor(device)}" if device >= 0 else ""
    try:
        with open(_MOUNTS, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                mount, _, file_system = line.partition(" - ")
                if mount.split()[2] == number:
                    return file_system.split()[0]
    except OSError:
        pass
    return ""
