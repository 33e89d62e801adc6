"""Imports killed at random moments, and resumed, against the sandbox.

    python -m tests.jobs.import_kills [COUNT] [SEED]

A real process imports a file and gets SIGKILL; it is resumed and killed again, until it has
had enough time. Afterwards the sandbox has each event once, and the account is exact.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mixtui.model.errors import ExitStatus
from mixtui.sandbox.server import RunningSandbox
from tests.jobs.mixpanel import event_line

EVENTS = 3_000
_LONGEST = 1.5
"""Seconds after which a process is killed; it takes about as long to finish."""
_IMPORT = (
    "events",
    "import",
    "events.ndjson",
    "--concurrency",
    "3",
    "--progress",
    "json",
)
_ENDS = (ExitStatus.ACCEPTED, ExitStatus.NO_RESPONSE)
"""The second one with updates of which nothing is known."""
_ACCOUNT = re.compile(r"([\d,]+) records read = ([\d,]+) stored")


def variables_for(folder: Path, origin: str) -> dict[str, str]:
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("MP_", "MIX"))},
        **{
            f"XDG_{n}_HOME": str(folder / n.lower())
            for n in ("CONFIG", "DATA", "STATE")
        },
        "MIXTUI_SANDBOX": origin,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def kill_and_resume(
    folder: Path,
    origin: str,
    rng: random.Random,
    kills: int,
    command: Sequence[str] = _IMPORT,
) -> Iterator[str]:
    """Import, kill and resume so often, then let it end; yield what each process said."""
    variables = variables_for(folder, origin)
    has_begun = False
    for left in reversed(range(kills + 1)):
        more = ["--resume"] if has_begun else []
        process = subprocess.Popen(
            [sys.executable, "-m", "mixtui", *command, *more],
            cwd=folder,
            env=variables,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _, said = process.communicate(
                timeout=rng.uniform(0.1, _LONGEST) if left else None
            )
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            _, said = process.communicate()
        has_begun = any((folder / "state").glob("mixtui/jobs/*.db"))
        yield said
        if process.returncode in _ENDS:
            return


def check(folder: Path, origin: str, said: str) -> None:
    """Check that every event is stored once, and that the account says so."""
    found = _ACCOUNT.search(said)
    assert found is not None, said
    read, stored = (int(number.replace(",", "")) for number in found.groups())
    assert (read, stored) == (EVENTS, EVENTS), said
    ids = [each["properties"]["$insert_id"] for each in _exported(folder, origin)]
    assert len(set(ids)) == EVENTS, len(set(ids))


def _exported(folder: Path, origin: str) -> list[dict[str, dict[str, str]]]:
    query = ("from_date=2025-01-01", "to_date=2026-01-01", 'event=["Imported"]')
    pairs = [word for pair in query for word in ("-q", pair)]
    result = subprocess.run(
        [sys.executable, "-m", "mixtui", "send", "GET", "--api", "export", *pairs],
        cwd=folder,
        env=variables_for(folder, origin),
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


def run(count: int, seed: int) -> int:
    """Kill so many processes; return how many were."""
    rng = random.Random(seed)
    killed = 0
    while killed < count:
        with (
            RunningSandbox(with_sample=False, queries_per_hour=10**6) as sandbox,
            tempfile.TemporaryDirectory() as name,
        ):
            folder = Path(name)
            path = folder / "events.ndjson"
            path.write_bytes(b"".join(event_line(n) + b"\n" for n in range(EVENTS)))
            said = list(kill_and_resume(folder, sandbox.origin, rng, 6))
            check(folder, sandbox.origin, said[-1])
            killed += len(said) - 1
            print(f"{killed} killed", flush=True)
    return killed


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]] + [200, 1][len(sys.argv) - 1 :]
    print(f"{run(*arguments)} processes killed; every event stored once.")
