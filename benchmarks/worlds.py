"""Work that has grown: saved requests, history entries, variables and names, any number.

Everything is generated, the same in every run, and written as mixtui would have written it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.drivers import Mixtui, Saved

NEEDLE = "zebra"
"""In the name of one saved request and one history entry, and nowhere else."""
_PER_FOLDER = 50
_PER_LOOK_UP = 500
"""Names; at most 1,000 of a look-up are stored, of 200 look-ups."""
_PATHS = ("/query/events", "/query/insights", "/query/funnels", "/query/retention")

SETTINGS = """\
[history]
count = 5000000
days = 36000
bytes = 500000000000
"""
"""Of config.toml: limits that no history here exceeds."""


def write_requests(folder: Path, count: int) -> None:
    """Write saved requests, fifty per folder, a hundred folders in each of those above.

    Args:
        folder: The root of the collection.
        count: The number of requests; the needle is in the middle.
    """
    driver, parent = Mixtui(), folder
    for number in range(count):
        if number % _PER_FOLDER == 0:
            group = number // _PER_FOLDER
            parent = folder / f"area-{group // 100:02d}" / f"group-{group:04d}"
            parent.mkdir(parents=True)
        name = f"req-{number:06d}"
        if number == count // 2:
            name = f"{NEEDLE} report"
        url = f"{_PATHS[number % 4]}?number={number}"
        request = Saved("", "", name, "POST" if number % 4 else "GET", url, ())
        (parent / f"{name}.toml").write_text(driver.text(request))


def write_history(state: Path, count: int) -> None:
    """Write history entries, a minute apart, without bodies; the newest is of now.

    Args:
        state: The state folder of mixtui.
        count: The number of entries; the needle is the oldest.
    """
    from mixtui.history.database import DATABASE, migrate

    state.mkdir(parents=True, exist_ok=True)
    path = state / DATABASE
    newest = datetime.now(UTC) - timedelta(minutes=1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("PRAGMA synchronous = OFF")
        migrate(database, path)
        database.execute("BEGIN")
        database.execute(
            _ENTRIES, {"count": count, "newest": int(newest.timestamp() * 1e6)}
        )
        database.execute(_DETAILS, {"record": _record(newest)})
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    path.chmod(0o600)
    state.chmod(0o700)


_ENTRIES = f"""
WITH RECURSIVE numbers(i) AS (
    SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :count
), rows AS (
    SELECT i,
        iif(i = 1, '{NEEDLE}', 'report ' || (i * 7919 % 499)) AS name,
        '/query/events/' || (i % 97) AS path,
        iif(i % 50 = 0, 429, iif(i % 31 = 0, 500, 200)) AS status
    FROM numbers
)
INSERT INTO exchanges (started, name, file, method, url, path, environment, status,
    outcome, exit_status, seconds, body_bytes, incomplete_draft, searched, named, body,
    kept_bytes)
SELECT :newest - (:count - i) * 60000000, name,
    '/home/somebody/requests/' || name || '.toml', 'GET',
    'https://mixpanel.com/api' || path || '?number=' || i, path,
    iif(i % 10, 'prod-eu', 'staging'), status, iif(status = 200, 'accepted', 'rejected'),
    iif(status = 200, 0, 1), 0.2 + i % 13 / 10.0, 1000 + i % 997, 0,
    name || char(10) || 'https://mixpanel.com/api' || path || '?number=' || i || char(10)
    || 'https://mixpanel.com/api' || path || '?number=' || i,
    name || char(10) || '/home/somebody/requests/' || name || '.toml', NULL, 1500
FROM rows
"""
_DETAILS = """
INSERT INTO details (id, record, sent_body) SELECT id, :record, X'' FROM exchanges
"""


def _record(started: datetime) -> str:
    """Return the details of an entry, as JSON."""
    from mixtui.history.entries import to_json
    from mixtui.history.record import HistoryRecord
    from mixtui.mixpanel.apis import Api, Region
    from mixtui.model.draft import Draft, Pair
    from mixtui.model.exchange import Response, SentRequest, Timing
    from mixtui.outcome.outcome import Outcome, OutcomeKind

    headers = (("Accept", "application/json"), ("User-Agent", "mixtui"))
    url = "https://mixpanel.com/api/query/events"
    return to_json(
        HistoryRecord(
            draft=Draft(
                name="report",
                api=Api.QUERY,
                url="/query/events",
                query=(Pair("event", '["Sign up"]'), Pair("unit", "day")),
            ),
            file=None,
            environment="prod-eu",
            region=Region.EU,
            project_id="1",
            writes=False,
            sent=SentRequest("GET", url, "HTTP/1.1", headers, b"", None),
            response=Response(
                200, "OK", "HTTP/1.1", headers, b"", wire_bytes=1000, written=1000
            ),
            outcome=Outcome(OutcomeKind.ACCEPTED, "accepted", "", 0),
            timing=Timing(started, 0.2, 0.3),
        )
    )


def write_variables(config: Path, count: int) -> None:
    """Give the environment of `Mixtui.prepare` variables."""
    with (config / "environments.toml").open("a") as file:
        file.write("[environments.bench.variables]\n")
        file.writelines(
            f'variable_{number:06d} = "value {number}"\n' for number in range(count)
        )
        file.write(f'{NEEDLE} = "stripes"\n')


def write_names(state: Path, project: str, count: int) -> None:
    """Write names of properties as if they had been looked up, of 500 at a time.

    Args:
        state: The state folder of mixtui.
        project: Identifies the project; see `NameStore`.
        count: The number of names.
    """
    from mixtui.storage.recent import NameStore

    asked = datetime.now(UTC).isoformat(timespec="seconds")
    rows = []
    for event, first in enumerate(range(0, count, _PER_LOOK_UP)):
        numbers = range(first, min(count, first + _PER_LOOK_UP))
        names = [[f"property_{number:06d}", ""] for number in numbers]
        row = {"kind": "property", "event": f"Event {event}", "property": ""}
        rows.append({**row, "asked": asked, "names": names})
    # The store itself reads and writes the whole file for each look-up.
    path = NameStore(state / "names")._path(project)
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_text(json.dumps({"project": project, "names": rows}) + "\n")
    path.chmod(0o600)
