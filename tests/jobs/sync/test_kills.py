"""A push that is killed at every request: repeated, it does the rest, and nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import environments_toml
from tests.cli.server import http_response, serve

ROOT = Path(__file__).parents[3]
COUNT = 3


class Killer:
    """Stores annotations and schemas, and kills the sender when it has done so."""

    def __init__(self) -> None:
        self.stored: list[dict[str, Any]] = []
        self.process: subprocess.Popen[str] | None = None
        self.kills = 0

    def respond(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            return http_response(json.dumps({"results": self.stored}).encode())
        value = json.loads(body)
        if "entries" in value:
            self.stored += value["entries"]
        else:
            self.stored.append({"id": 10 + len(self.stored), **value, "tags": []})
        if self.kills < COUNT:
            self.kills += 1
            assert self.process is not None
            self.process.kill()
            self.process.wait()
            return b""
        return http_response(json.dumps({"results": self.stored[-1]}).encode())


def push_until_done(folder: Path, kind: str, killer: Killer) -> int:
    """Push, killed and repeated; return how often."""
    variables = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("MP_", "MIX"))},
        **{f"XDG_{n}_HOME": str(folder / n) for n in ("CONFIG", "DATA", "STATE")},
        "PYTHONPATH": str(ROOT),
        "MP_SECRET": "x",
    }
    config = folder / "CONFIG" / "mixtui"
    config.mkdir(parents=True)
    with serve(killer.respond) as server:
        (config / "environments.toml").write_text(environments_toml(server.origin))
        for attempt in range(1, COUNT + 3):
            command = [sys.executable, "-m", "mixtui", kind, "push", "--yes"]
            killer.process = subprocess.Popen(
                [*command, "--env", "prod"],
                cwd=folder,
                env=variables,
                stderr=subprocess.PIPE,
                text=True,
            )
            _, said = killer.process.communicate(timeout=50)
            if killer.process.returncode == 0:
                return attempt
            assert killer.process.returncode < 0, said
    raise AssertionError("it was not done")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_each_annotation_is_created_once(tmp_path: Path) -> None:
    entries = [
        {"date": f"2026-01-31 12:00:0{n}", "description": "v"} for n in range(COUNT + 1)
    ]
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(entries))
    killer = Killer()
    assert push_until_done(tmp_path, "annotations", killer) == COUNT + 1
    stored = [{k: each[k] for k in ("date", "description")} for each in killer.stored]
    assert stored == entries
    written = [each["id"] for each in json.loads(path.read_text())]
    assert written == [each["id"] for each in killer.stored]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_was_stored_when_it_was_killed_is_not_sent_again(tmp_path: Path) -> None:
    folder = tmp_path / "schemas" / "event"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        entry = {"entityType": "event", "name": name, "schemaJson": {}}
        (folder / f"{name}.json").write_text(json.dumps(entry))
    killer = Killer()
    assert push_until_done(tmp_path, "schemas", killer) == 2
    assert [each["name"] for each in killer.stored] == ["a", "b"]
