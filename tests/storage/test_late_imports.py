"""Reading does not import what only writing needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

READING = """
import os, sys
from pathlib import Path
from mixtui.storage import paths
from mixtui.storage.collection import Collection
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import load_environments
from mixtui.storage.settings import load_settings

root = paths.find_collection(None, Path.cwd(), os.environ)
collection = Collection(root)
(entry,) = collection.scan().all_requests()
assert collection.head(entry.path).name == "Weekly"
assert collection.open(entry.path).warnings
assert collection.find("weekly") == entry.path
config = paths.config_dir()
credentials = StoredCredentials(config / "credentials.toml")
assert load_environments(config, root, credentials, os.environ).names == ("a", "b")
load_settings(config / "config.toml")
heavy = ("tomlkit", "textual", "rich", "httpx", "platformdirs", "asyncio")
print(*(name for name in heavy if name in sys.modules))
"""


def test_reading_imports_nothing_heavy(tmp_path: Path) -> None:
    root = tmp_path / "collection"
    root.mkdir()
    (root / "mixtui.toml").write_text("[environments.b]")
    (root / "weekly.toml").write_text("name = 'Weekly'\nowner = 'ann'")
    config = tmp_path / "config" / "mixtui"
    config.mkdir(parents=True)
    (config / "environments.toml").write_text("[environments.a]")
    (config / "config.toml").write_text("mouse = true")
    completed = subprocess.run(
        [sys.executable, "-c", READING],
        cwd=root,
        env={
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "PYTHONPATH": ":".join(path for path in sys.path if path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.returncode, completed.stdout.strip(), completed.stderr) == (
        0,
        "",
        "",
    )
