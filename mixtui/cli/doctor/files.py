"""Whether each file of mixtui can be read and parsed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import quote

from mixtui.cli.doctor.finding import Finding
from mixtui.cli.doctor.mask import without_quotations
from mixtui.cli.doctor.places import Places
from mixtui.model.errors import BrokenFile, ExitStatus, MixtuiError
from mixtui.storage.paths import (
    COLLECTION_FILE,
    CREDENTIALS_FILE,
    ENVIRONMENTS_FILE,
    SETTINGS_FILE,
)

_MAX_SHOWN = 5
"""Files of a kind that are named; of more, the number."""
_MISSING = "does not exist"


def find_files(places: Places) -> Iterator[Finding]:
    """Report each file that is read at the start, and all saved requests."""
    config, root = places.config, places.collection
    yield from _checked(config / SETTINGS_FILE, _check_settings)
    yield from _checked(config / ENVIRONMENTS_FILE, _check_environments)
    yield from _checked(config / CREDENTIALS_FILE, _check_credentials)
    yield from _themes(config)
    if root is not None:
        yield from _checked(root / COLLECTION_FILE, _check_environments)
        yield from _requests(root)


def _checked(
    path: Path, check: Callable[[Path], Iterator[Finding]]
) -> Iterator[Finding]:
    """Report a file, with the sentence of the error that reading it raises."""
    name = path.name
    try:
        status = os.stat(path)
    except FileNotFoundError:
        yield Finding(name, _MISSING)
        return
    except OSError as error:
        remedy = "Make the file and its folder readable."
        text = f"cannot be read: {error.strerror}"
        yield Finding(name, text, remedy, ExitStatus.USAGE)
        return
    try:
        findings = list(check(path))
    except MixtuiError as error:
        yield _problem(name, str(error))
        return
    mode = f"{stat.S_IMODE(status.st_mode):04o}"
    if not any(each.is_problem for each in findings):
        yield Finding(name, f"valid · {mode}")
    yield from findings


def _problem(name: str, sentence: str) -> Finding:
    text = without_quotations(sentence).removesuffix(".")
    return Finding(name, text, "Fix the file in an editor.", ExitStatus.USAGE)


def _note(name: str, sentence: str) -> Finding:
    text = without_quotations(sentence).removesuffix(".")
    return Finding(name, text, "Fix or remove it.")


def _check_settings(path: Path) -> Iterator[Finding]:
    from mixtui.keymap import check_keys
    from mixtui.storage.settings import load_settings

    settings = load_settings(path)
    _, problems = check_keys(settings.keys)
    for sentence in (*settings.warnings, *problems):
        yield _note(path.name, sentence)


def _check_environments(path: Path) -> Iterator[Finding]:
    from mixtui.storage.environments import EnvironmentFile
    from mixtui.storage.toml_file import TomlFile

    # Without credentials.toml, which is checked on its own.
    file = EnvironmentFile(TomlFile(path))
    for broken in file.broken:
        yield _problem(path.name, broken.problem)
    if file.default_problem:
        yield _problem(path.name, file.default_problem)
    for warning in file.warnings:
        yield _note(path.name, warning)


def _check_credentials(path: Path) -> Iterator[Finding]:
    from mixtui.storage.credentials import POSIX, StoredCredentials

    mode = stat.S_IMODE(os.stat(path).st_mode)
    if POSIX and mode & 0o077:
        remedy = (
            f"Run “chmod 600 {quote(str(path))}”, and consider rotating the secrets."
        )
        text = f"readable by other users ({mode:04o})"
        yield Finding(path.name, text, remedy, ExitStatus.CREDENTIALS)
        return
    # Reading one that does not exist checks mode and syntax.
    StoredCredentials(path).get("", "")


def _themes(config: Path) -> Iterator[Finding]:
    folder = config / "themes"
    names = sorted(folder.glob("*.toml")) if os.access(folder, os.R_OK) else []
    if not names:
        return
    from mixtui.app import theme_problems

    problems = theme_problems(config)
    for sentence in problems:
        what, _, remedy = without_quotations(sentence).partition(". ")
        remedy = remedy or "Fix the file in an editor."
        yield Finding("themes", what.removesuffix("."), remedy, ExitStatus.USAGE)
    if not problems:
        yield Finding("themes", f"{len(names)} of your own, valid")


def _requests(root: Path) -> Iterator[Finding]:
    from mixtui.storage.collection import Collection
    from mixtui.storage.tree import Folder

    collection = Collection(root)
    tree = collection.scan()

    def unreadable(folder: Folder) -> Iterator[str]:
        if folder.problem:
            yield folder.problem
        for inner in folder.folders:
            yield from unreadable(inner)

    entries = tree.all_requests()
    problems = list(unreadable(tree))
    for entry in entries:
        if isinstance(broken := collection.head(entry.path), BrokenFile):
            where = f", line {broken.line}" if broken.line else ""
            file = entry.path.relative_to(root)
            problems.append(f"{file}{where}: {broken.reason}")
    count = f"{len(entries):,}" if entries else "none"
    broken_count = f", {len(problems)} broken" if problems else ""
    yield Finding("saved requests", f"{count}{broken_count}")
    for sentence in problems[:_MAX_SHOWN]:
        yield _problem("saved requests", sentence)
    if len(problems) > _MAX_SHOWN:
        text = f"{len(problems) - _MAX_SHOWN} more are broken"
        yield Finding("saved requests", text, "List them with “mixtui list”.")
