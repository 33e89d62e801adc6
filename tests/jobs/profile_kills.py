"""Imports of profiles killed at random moments, and resumed, against the sandbox.

    python -m tests.jobs.profile_kills [COUNT] [SEED]

As `tests.jobs.import_kills`. Half of the runs set a property: afterwards each profile has what
its last update says. The others append to a list: it has each number at most once, in order,
and what is missing is in the file of unknown records.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mixtui.sandbox.server import RunningSandbox
from tests.jobs.import_kills import kill_and_resume, variables_for

UPDATES, PEOPLE = 1_500, 40
_UNKNOWN = "unknown.ndjson"
_IMPORT = ("profiles", "import", "updates.ndjson", "--batch-size", "20")
_OPTIONS = ("--concurrency", "3", "--progress", "json", "--unknown", _UNKNOWN)
_ACCOUNT = re.compile(
    r"([\d,]+) records read = ([\d,]+) stored \+ 0 rejected \+ "
    r"(?:([\d,]+) unknown \+ )?0 not sent"
)


def _update(number: int, adds: bool) -> dict[str, Any]:
    operation = {"$append": {"log": number}} if adds else {"$set": {"v": number}}
    return {"$distinct_id": f"u{number % PEOPLE}", **operation}


def _profiles(folder: Path, origin: str) -> dict[str, dict[str, Any]]:
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "mixtui",
            "send",
            "GET",
            "/query/engage",
            "--api",
            "query",
        ],
        cwd=folder,
        env=variables_for(folder, origin),
        capture_output=True,
        check=True,
    )
    rows = json.loads(result.stdout)["results"]
    return {row["$distinct_id"]: row["$properties"] for row in rows}


def check(folder: Path, origin: str, said: str, *, adds: bool) -> None:
    """Check the account, and that the profiles are what it says."""
    found = _ACCOUNT.search(said)
    assert found is not None, said
    read, stored, unknown = (int((n or "0").replace(",", "")) for n in found.groups())
    assert read == UPDATES == stored + unknown, said
    profiles = _profiles(folder, origin)
    if not adds:
        assert not unknown
        last = {_update(n, adds)["$distinct_id"]: n for n in range(UPDATES)}
        assert {key: value["v"] for key, value in profiles.items()} == last
        return
    logs = [value["log"] for value in profiles.values()]
    for log in logs:
        assert log == sorted(set(log)), log
    missing = set(range(UPDATES)) - {number for log in logs for number in log}
    lines = (folder / _UNKNOWN).read_text().splitlines() if unknown else []
    doubted = {json.loads(line)["$append"]["log"] for line in lines}
    assert len(doubted) == unknown
    assert missing <= doubted


def run(count: int, seed: int) -> int:
    """Kill so many processes; return how many were."""
    rng = random.Random(seed)
    killed, adds = 0, True
    while killed < count:
        with (
            RunningSandbox(with_sample=False, queries_per_hour=10**6) as sandbox,
            tempfile.TemporaryDirectory() as name,
        ):
            folder = Path(name)
            lines = [json.dumps(_update(n, adds)) for n in range(UPDATES)]
            (folder / "updates.ndjson").write_text("\n".join(lines))
            command = (*_IMPORT, *_OPTIONS)
            said = list(kill_and_resume(folder, sandbox.origin, rng, 6, command))
            check(folder, sandbox.origin, said[-1], adds=adds)
            killed += len(said) - 1
            adds = not adds
            print(f"{killed} killed", flush=True)
    return killed


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]] + [200, 1][len(sys.argv) - 1 :]
    print(f"{run(*arguments)} processes killed; nothing lost, doubled or out of order.")
