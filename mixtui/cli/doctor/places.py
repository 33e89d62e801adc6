"""The folders of mixtui: where they are, who can use them, and how much space is left."""

from __future__ import annotations

import os
import shutil
import stat
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from msgspec import Struct

from mixtui.cli.console import Console
from mixtui.cli.doctor.finding import Finding, split_sentence
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.storage.paths import (
    NO_HOME,
    config_dir,
    data_dir,
    find_collection,
    state_dir,
)
from mixtui.text import size

_LEAST_SPACE = 50_000_000
"""Bytes; with less, a large response or the history may not fit."""
_VARIABLES = {
    "config": "XDG_CONFIG_HOME",
    "data": "XDG_DATA_HOME",
    "state": "XDG_STATE_HOME",
}


class Places(Struct, frozen=True):
    """The folders of this run."""

    config: Path
    data: Path
    state: Path
    collection: Path | None
    """None = it cannot be found."""
    problem: str = ""
    """Why the collection cannot be found, in a sentence."""

    @property
    def are_known(self) -> bool:
        """Whether there is a home folder, or variables say where the folders are."""
        folders = (self.config, self.data, self.state)
        return not any(folder.is_relative_to(NO_HOME) for folder in folders)


def find_places(arguments: Namespace, console: Console) -> Places:
    """Find the folders, without creating any."""
    config, data, state = config_dir(), data_dir(), state_dir()
    option = Path(arguments.collection) if arguments.collection else None
    try:
        root = find_collection(option, console.folder, console.variables)
    except (MixtuiError, OSError) as error:
        return Places(config, data, state, None, str(error))
    return Places(config, data, state, root)


def find_folders(places: Places) -> Iterator[Finding]:
    """Report each folder, its mode, and its file system."""
    yield _folder("config", places.config)
    yield _folder("data", places.data)
    yield _folder("state", places.state, private=True)
    if places.collection is None:
        what, remedy = split_sentence(places.problem)
        yield Finding("collection", what, remedy, ExitStatus.USAGE)
    else:
        yield _folder("collection", places.collection)


def _folder(name: str, path: Path, *, private: bool = False) -> Finding:
    if path.is_relative_to(NO_HOME):
        remedy = f"Set HOME, or {_VARIABLES.get(name, 'HOME')}, to an absolute path."
        return Finding(name, "no home folder is known", remedy, ExitStatus.USAGE)
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return _absent(name, path)
    except OSError as error:
        return _problem(name, path, f"cannot be used ({error.strerror})", "Fix it.")
    if not stat.S_ISDIR(status.st_mode):
        return _problem(name, path, "is not a folder", "Move the file away.")
    if not os.access(path, os.R_OK | os.X_OK):
        return _problem(name, path, "is not readable", _chmod("u+rwx", path))
    if not os.access(path, os.W_OK):
        return _problem(name, path, "is not writable", _chmod("u+w", path))
    return _usable(name, path, status, private)


def _usable(name: str, path: Path, status: os.stat_result, private: bool) -> Finding:
    from mixtui.storage.watch import device_is_local

    mode = stat.S_IMODE(status.st_mode)
    facts = [str(path), f"{mode:04o}"]
    free = shutil.disk_usage(path).free
    facts.append(f"{size(free)} free")
    remedy = ""
    if device_is_local(status.st_dev) is False:
        facts.append("network or unknown file system")
        remedy = (
            "Changes by other computers are noticed after up to 15 s, and locks may not "
            "work."
        )
    if private and os.name == "posix" and mode & 0o077:
        remedy = f"Other users can read it. {_chmod('700', path)}"
    text = " · ".join(facts)
    if free < _LEAST_SPACE:
        remedy = f"Free at least {size(_LEAST_SPACE)} for responses and history."
        return Finding(name, text, remedy, ExitStatus.USAGE)
    return Finding(name, text, remedy)


def _absent(name: str, path: Path) -> Finding:
    """Report a folder that does not exist: it is created when something is stored."""
    parent = next((each for each in path.parents if os.path.lexists(each)), None)
    if parent is None or not os.access(parent, os.W_OK | os.X_OK):
        what = f"does not exist, and cannot be created in {parent}"
        return _problem(name, path, what, "Create it, or make that folder writable.")
    return Finding(name, f"{path} · does not exist yet, is created when needed")


def _problem(name: str, path: Path, what: str, remedy: str) -> Finding:
    return Finding(name, f"{path} {what}", remedy, ExitStatus.USAGE)


def _chmod(mode: str, path: Path) -> str:
    return f"Run “chmod {mode} {quote(str(path))}”."
