"""The app in a real terminal, ended, stopped and continued by signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from tests.cli.conftest import environments_toml, silent_server
from tests.processes import PATIENCE
from tests.terminal import Terminal, clean_environment, mixtui_command

__all__ = ["silent_server"]

MODES = {"?1049", "?1000", "?1003", "?1006", "?1004", "?2004"}
"""Alternate screen, mouse, focus, bracketed paste."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "temporary").mkdir(parents=True)
    return home


class App:
    """The app in a terminal whose modes are known."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        program: Sequence[str] = tuple(mixtui_command()),
        **variables: str,
    ) -> None:
        self.home = home
        env = {**clean_environment(home), "TMPDIR": str(home / "temporary")}
        argv = ["sh", "-c", 'stty sane; echo ready; read go; exec "$@"', "sh"]
        command = [*argv, *program, *arguments]
        self.terminal = Terminal(command, {**env, **variables}, home)

    def __enter__(self) -> App:
        self.terminal.wait_for("ready")
        self.modes_before = self.modes
        self.terminal.type("\n")
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.process.close(force=True)

    @property
    def modes(self) -> list[object]:
        return termios.tcgetattr(self.terminal.process.child_fd)

    def signal(self, number: int) -> None:
        os.kill(self.terminal.process.pid, number)

    @property
    def modes_set(self) -> set[str]:
        """What the program has switched on in the terminal and not off again."""
        on: set[str] = set()
        for mode, letter in re.findall(r"\x1b\[(\?\d+)([hl])", self.written):
            (on.add if letter == "h" else on.discard)(mode)
        # The cursor and wrapping are on at first; synchronised output is a pair.
        keys = self.written.count("\x1b[>") - self.written.count("\x1b[<u")
        off = {m for m in ("?25", "?7") if m not in on}
        return (on & MODES) | off | ({"kitty keys"} if keys else set())

    @property
    def written(self) -> str:
        return self.terminal.bytes.decode(errors="replace")

    def wait_until_stopped(self) -> None:
        """Wait until the process has stopped; what it wrote is read meanwhile."""
        status = Path(f"/proc/{self.terminal.process.pid}/stat")
        self.terminal.wait_until(lambda: status.read_text().split()[2] == "T")

    def assert_terminal_is_as_before(self) -> None:
        assert self.modes_set == set()
        assert self.modes == self.modes_before


def test_what_was_typed_and_what_was_in_flight_survives_a_signal(
    home: Path, silent_server: tuple[str, Event]
) -> None:
    origin, arrived = silent_server
    config = home / "config" / "mixtui"
    config.mkdir(parents=True)
    (config / "environments.toml").write_text(environments_toml(origin))
    collection = home / "requests"
    collection.mkdir()
    (collection / "mixtui.toml").touch()
    (collection / "import.toml").write_text(
        'method = "POST"\napi = "ingestion"\nurl = "/import"\n'
        '[body]\ntype = "json"\ntext = "[]"\n'
    )
    with App(home, "--collection", str(collection), MP_SECRET="hunter2") as app:
        app.terminal.wait_for("POST  import")
        app.terminal.press("ctrl+g")
        app.terminal.type("import\r")
        app.terminal.wait_for("POST ▾", "/import?")
        assert app.modes_set >= MODES
        app.terminal.press("f5")
        assert arrived.wait(PATIENCE)
        app.terminal.press("ctrl+l")
        app.terminal.type("/typed")
        app.terminal.wait_for("/import/typed")
        app.signal(signal.SIGTERM)
        assert app.terminal.wait_for_exit() == 128 + signal.SIGTERM
        app.assert_terminal_is_as_before()
    (draft,) = (home / "state" / "mixtui" / "drafts").glob("*/*.toml")
    assert "/import/typed" in draft.read_text()
    shown = subprocess.run(
        [*mixtui_command(), "history", "show", "1"],
        env=clean_environment(home),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "The server may have processed it" in shown.stdout


def test_a_stopped_app_gives_the_terminal_back_and_reclaims_it(home: Path) -> None:
    with App(home, "--sandbox") as app:
        app.terminal.wait_for("project 3000001")
        for number, expected in (
            (signal.SIGTSTP, "/query/eventsx"),
            (signal.SIGSTOP, "/query/eventsxx"),
        ):
            app.signal(number)
            app.wait_until_stopped()
            if number == signal.SIGTSTP:
                app.terminal.wait_until(lambda: not app.modes_set)
                app.assert_terminal_is_as_before()
            else:
                # Nothing can be done about that one; a shell sets its own modes.
                fd = app.terminal.process.child_fd
                termios.tcsetattr(fd, termios.TCSANOW, app.modes_before)
            app.signal(signal.SIGCONT)
            app.terminal.wait_until(lambda: app.modes != app.modes_before)
            app.terminal.press("ctrl+l", "x")
            # Stopped before it has read a key, it would come back without it.
            app.terminal.wait_for(expected)
        assert app.modes_set >= MODES
        app.signal(signal.SIGINT)
        assert app.terminal.wait_for_exit() == 128 + signal.SIGINT
        app.assert_terminal_is_as_before()


def test_an_app_whose_terminal_is_closed_ends(home: Path) -> None:
    with App(home, "--sandbox") as app:
        app.terminal.wait_for("project 3000001")
        app.terminal.press("ctrl+l", "x")
        app.terminal.wait_for("/query/eventsx")
        app.terminal.process.ptyproc.fileobj.close()
        assert app.terminal.process.wait() == 128 + signal.SIGHUP
    assert list((home / "state" / "mixtui" / "drafts").glob("*/*.toml"))


def test_an_app_that_ignores_hang_ups_ends_when_its_terminal_is_closed(
    home: Path,
) -> None:
    deaf = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh", *mixtui_command())
    with App(home, "--sandbox", program=deaf) as app:
        app.terminal.wait_for("project 3000001")
        app.terminal.press("ctrl+l", "x")
        app.terminal.wait_for("/query/eventsx")
        app.terminal.process.ptyproc.fileobj.close()
        assert app.terminal.process.wait() == 128 + signal.SIGHUP
    assert list((home / "state" / "mixtui" / "drafts").glob("*/*.toml"))


LOST_INTERRUPT = """
import signal, sys
from mixtui.__main__ import main
from mixtui.end_signals import EndSignals
EndSignals.first = signal.SIGHUP  # Its interrupt was raised where Python drops it.
sys.exit(main())
"""


def test_a_signal_whose_interrupt_was_lost_at_the_start_ends_the_app(
    home: Path,
) -> None:
    with App(home, program=[sys.executable, "-c", LOST_INTERRUPT]) as app:
        assert app.terminal.wait_for_exit() == 128 + signal.SIGHUP
        app.assert_terminal_is_as_before()


EDITOR = """#!/bin/sh
echo '{"edited": true}' > "$1"
stty raw -echo
echo editing
exec sleep 600  # It dies without a word, and leaves the terminal like that.
"""


def test_an_editor_ends_with_the_app_and_what_it_wrote_is_kept(home: Path) -> None:
    editor = home / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    with App(home, "--sandbox", EDITOR=str(editor)) as app:
        app.terminal.wait_for("project 3000001")
        app.terminal.press("f4")
        app.terminal.wait_for("editing")
        app.signal(signal.SIGQUIT)
        assert app.terminal.wait_for_exit() == 128 + signal.SIGQUIT
        app.assert_terminal_is_as_before()
        (kept,) = (home / "temporary").glob("*/*")
        assert kept.read_text() == '{"edited": true}\n'
        assert f"Your edits are in {kept}." in app.written
