"""Exports killed at random moments, and resumed, against the sandbox.

    python -m tests.jobs.export_kills [COUNT] [SEED]

A real process exports and gets SIGKILL; it is resumed and killed again, until it has had
enough time. Afterwards the file has each event of the sandbox once.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mixtui.sandbox.server import RunningSandbox
from tests.jobs.import_kills import variables_for
from tests.jobs.mixpanel import event_line

DAYS = 12
PER_DAY = 200
_LONGEST = 3.0
"""Seconds after which a process is killed; it takes about as long to finish."""
_EXPORT = (
    *("events", "export", "--from", "2025-06-15", "--to", "2025-06-28"),
    *("--concurrency", "3", "--progress", "json"),
)
_OUTPUTS = (
    ("out.ndjson",),
    ("out.ndjson", "--window", "14"),
    ("out.ndjson.gz",),
    ("out.csv",),
    ("out.parquet",),
)


def _mixtui(folder: Path, origin: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mixtui", *arguments],
        cwd=folder,
        env=variables_for(folder, origin),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def fill(folder: Path, origin: str) -> set[str]:
    """Import events; return their ids."""
    ids = [f"{day}-{n}" for day in range(DAYS) for n in range(PER_DAY)]
    lines = [
        event_line(
            40_000 + day * 86_400 + n * 400, **{"$insert_id": ids[day * PER_DAY + n]}
        )
        for day in range(DAYS)
        for n in range(PER_DAY)
    ]
    (folder / "events.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    process = _mixtui(folder, origin, "events", "import", "events.ndjson")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return set(ids)


def kill_and_resume(
    folder: Path, origin: str, output: Sequence[str], rng: random.Random, kills: int
) -> Iterator[str]:
    """Export, kill and resume so often, then let it end; yield what each process said."""
    has_begun = False
    for left in reversed(range(kills + 1)):
        more = ["--resume"] if has_begun else []
        process = _mixtui(folder, origin, *_EXPORT, "-o", *output, *more)
        try:
            _, said = process.communicate(
                timeout=rng.uniform(0.1, _LONGEST) if left else 120
            )
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            _, said = process.communicate()
        has_begun = any((folder / "state").glob("mixtui/jobs/export-*.db"))
        yield said
        if process.returncode == 0:
            return
        assert process.returncode == -signal.SIGKILL, said
    raise AssertionError(said)


def check(folder: Path, output: str, expected: set[str]) -> None:
    """Check that every event is in the file once, and nothing is left behind."""
    found = _ids(folder / output)
    assert len(found) == len(expected), len(found)
    assert set(found) == expected
    jobs = folder / "state" / "mixtui" / "jobs"
    assert [path for path in jobs.iterdir() if path.suffix == ".parts"] == []


def _ids(path: Path) -> list[str]:
    if ".ndjson" in path.name:
        content = path.read_bytes()
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        lines = text.splitlines()
        return [json.loads(line)["properties"]["$insert_id"] for line in lines]
    import duckdb

    rows = duckdb.sql(f"SELECT \"$insert_id\" FROM '{path}'").fetchall()
    return [row[0] for row in rows]


def run(count: int, seed: int) -> int:
    """Kill so many processes; return how many were."""
    rng = random.Random(seed)
    killed = 0
    with (
        RunningSandbox(with_sample=False, queries_per_hour=10**6) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        expected = fill(Path(name), sandbox.origin)
        for number in itertools.count():
            if killed >= count:
                break
            output = rng.choice(_OUTPUTS)
            folder = Path(name) / str(number)
            folder.mkdir()
            said = list(kill_and_resume(folder, sandbox.origin, output, rng, 6))
            check(folder, output[0], expected)
            killed += len(said) - 1
            print(f"{killed} killed", flush=True)
    return killed


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]] + [200, 1][len(sys.argv) - 1 :]
    print(f"{run(*arguments)} processes killed; every event exported once.")
