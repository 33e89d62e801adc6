"""What mixtui has stored about itself: history, quota counts, crash reports, the log."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from mixtui.cli.doctor.finding import Finding
from mixtui.cli.doctor.places import Places
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.system import absolute
from mixtui.text import pluralise, size

_MAX_CRASHES = 3


def find_records(places: Places, variables: Mapping[str, str]) -> Iterator[Finding]:
    """Report what is stored; creates and repairs nothing."""
    yield _history(places)
    yield _quota(places)
    yield from _crashes(places)
    yield _log(places, variables)


def _log(places: Places, variables: Mapping[str, str]) -> Finding:
    from mixtui import log
    from mixtui.storage.log_file import log_level, log_path

    name = variables.get(log.VARIABLE, "")
    path = log_path(places.state)
    try:
        facts = [f"level {name.strip().lower()}" if log_level(name) else "off"]
    except MixtuiError as error:
        what, _, remedy = str(error).partition(", not ")
        return Finding(
            "log", what, f"Set it to one of them, not {remedy}", ExitStatus.USAGE
        )
    if os.path.lexists(path):
        facts += [str(path), size(path.stat().st_size)]
    else:
        facts.append(f"{log.VARIABLE}=info turns it on")
    return Finding("log", " · ".join(facts))


def _history(places: Places) -> Finding:
    from mixtui.history.database import DATABASE, MIGRATIONS
    from mixtui.storage.paths import SETTINGS_FILE
    from mixtui.storage.settings import HistorySettings, load_settings

    name = "history"
    try:
        limits = load_settings(places.config / SETTINGS_FILE).history
    except MixtuiError:
        limits = HistorySettings()  # Reported among the files.
    allowed = (
        f"limits {limits.max_entries:,} entries, {limits.max_days} days, "
        f"{size(limits.max_bytes)}"
        if limits.enabled
        else "off (keep = false)"
    )
    path = places.state / DATABASE
    if not os.path.lexists(path):
        return Finding(name, f"empty · {allowed}")
    try:
        with closing(_open(path)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > len(MIGRATIONS):
                text = "written by a newer version of mixtui"
                return Finding(name, text, "Upgrade mixtui.", ExitStatus.USAGE)
            row = connection.execute(
                "SELECT count(*), coalesce(sum(kept_bytes), 0) FROM exchanges"
            ).fetchone()
    except sqlite3.Error as error:
        return _damaged(name, path, error, "It is moved aside at the next request.")
    count, used = row
    text = f"{pluralise(count, 'entry', 'entries')}, {size(used)} · {allowed}"
    return Finding(name, text)


def _quota(places: Places) -> Finding:
    from mixtui.storage.quota import DATABASE

    path = places.state / DATABASE
    if not os.path.lexists(path):
        return Finding("quota counts", "empty")
    try:
        with closing(_open(path)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM calls").fetchone()
    except sqlite3.Error as error:
        remedy = "It is discarded at the next request."
        return _damaged("quota counts", path, error, remedy)
    return Finding("quota counts", f"{pluralise(count, 'request')} counted")


def _open(path: Path) -> sqlite3.Connection:
    """Open a database, to read it only: nothing is created beside it.

    A reader of a database in WAL mode creates a file, unless one is there; where no program
    uses it, it does not change, and needs none.
    """
    in_use = os.path.lexists(f"{path}-wal")
    options = "mode=ro" if in_use else "mode=ro&immutable=1"
    return sqlite3.connect(f"{absolute(path).as_uri()}?{options}", uri=True)


def _damaged(name: str, path: Path, error: sqlite3.Error, what: str) -> Finding:
    code = getattr(error, "sqlite_errorname", type(error).__name__)
    remedy = f"{what} Check {path.parent} if it happens again."
    return Finding(name, f"cannot be read ({code})", remedy, ExitStatus.USAGE)


def _crashes(places: Places) -> Iterator[Finding]:
    from mixtui.storage.crash_report import crash_reports

    reports = crash_reports(places.state)
    if not reports:
        yield Finding("crash reports", "none")
    for path in reports[:_MAX_CRASHES]:
        remedy = "Attach it to a bug report: it contains nothing typed or received."
        yield Finding("crash report", str(path), remedy)
    if len(reports) > _MAX_CRASHES:
        more = len(reports) - _MAX_CRASHES
        yield Finding("crash reports", f"{more} older in {reports[0].parent}")
