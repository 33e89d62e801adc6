"""What the report says of the terminal: what it replies, else what variables and tmux say."""

from __future__ import annotations

import os
import pty
import select
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mixtui.cli.console import Console
from mixtui.cli.doctor import terminal
from mixtui.cli.doctor.replies import Replies, ask, parse_replies
from mixtui.cli.doctor.terminal import find_terminal
from tests.cli.conftest import CommandLine, Terminal
from tests.cli.doctor.rows import report
from tests.terminal import Terminal as RealTerminal
from tests.terminal import clean_environment, mixtui_command

QUESTION = b"\x1b[c"
"""The last one."""
KITTY = (
    b"\x1b[?2026;2$y\x1b[?2004;1$y\x1bP>|kitty(0.43.1)\x1b\\\x1b[?0u"
    b"\x1bP1$r48:2:1:2:3m\x1b\\\x1b[?62;52;c"
)
XTERM = b"\x1b[?2026;0$y\x1b[?2004;2$y\x1bP>|XTerm(390)\x1b\\\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?64;1;2c"
TMUX = b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c"
FEW_COLORS = b"\x1bP1$r0;48:5:16m\x1b\\\x1b[?6c"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            KITTY,
            Replies(
                name="kitty(0.43.1)",
                modes=((2026, 2), (2004, 1)),
                writes_clipboard=True,
                reads_kitty_keys=True,
                has_true_color=True,
            ),
        ),
        (
            XTERM,
            Replies(
                name="XTerm(390)", modes=((2026, 0), (2004, 2)), has_true_color=True
            ),
        ),
        (TMUX, Replies(name="tmux 3.3a")),
        (FEW_COLORS, Replies()),
        (b"", Replies("it does not reply")),
        (b"\x1b[?2026;1$y", Replies("it does not reply")),
        (b"ls\r" + KITTY[:20] + b"\x03\x1b[A\x1b[?1;2c", Replies(modes=((2026, 2),))),
        (b"\x1bP>|" + b"x" * 99 + b"\x1b\\\x1b[?c", Replies(name="x" * 60)),
    ],
)
def test_replies_are_read(data: bytes, expected: Replies) -> None:
    assert parse_replies(data) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [("0", False), ("1", True), ("2", True), ("3", True), ("4", False)],
)
def test_a_mode_that_is_unknown_or_always_reset_is_not_there(
    state: str, expected: bool
) -> None:
    replies = parse_replies(f"\x1b[?2026;{state}$y\x1b[?1c".encode())
    assert replies.has_mode(2026) is expected
    assert replies.has_mode(2004) is None


@contextmanager
def replying(reply: bytes) -> Iterator[tuple[int, int]]:
    """A terminal that replies once the last question is asked: both ends of its pty."""
    screen, program = pty.openpty()

    def respond() -> None:
        asked = b""
        while not asked.endswith(QUESTION):
            asked += os.read(screen, 1024)
        os.write(screen, reply)

    thread = threading.Thread(target=respond, daemon=True)
    thread.start()
    try:
        yield screen, program
        thread.join()
    finally:
        os.close(program)
        os.close(screen)


def is_waiting(descriptor: int) -> bool:
    """Return whether there is something to read."""
    return bool(select.select([descriptor], [], [], 0)[0])


@pytest.mark.parametrize("reply", [KITTY, XTERM, TMUX], ids=["kitty", "xterm", "tmux"])
def test_nothing_of_a_reply_stays_in_the_input_and_modes_are_as_before(
    reply: bytes,
) -> None:
    with replying(reply) as (screen, program):
        before = termios.tcgetattr(program)
        assert ask(program, program) == parse_replies(reply)
        assert termios.tcgetattr(program) == before
        assert b"\x1b8\x1b[K" in os.read(screen, 1024), "what it showed is erased"
        termios.tcsetattr(program, termios.TCSANOW, [*before[:3], 0, *before[4:]])
        assert not is_waiting(program)


def test_a_part_of_a_reply_that_comes_too_late_is_discarded() -> None:
    with replying(b"\x1b[?2026;1$y\x1b[?6") as (_, program):
        before = termios.tcgetattr(program)
        assert ask(program, program, seconds=0.2) == Replies("it does not reply")
        assert termios.tcgetattr(program) == before
        termios.tcsetattr(program, termios.TCSANOW, [*before[:3], 0, *before[4:]])
        assert not is_waiting(program)


def test_keys_that_were_typed_ahead_stay_where_they_are() -> None:
    screen, program = pty.openpty()
    try:
        os.write(screen, b"ls\n")
        assert "typed" in ask(program, program).silence
        assert os.read(program, 10) == b"ls\n"
    finally:
        os.close(program)
        os.close(screen)


def test_the_program_asks_a_real_terminal_and_leaves_no_trace(tmp_path: Path) -> None:
    env = clean_environment(tmp_path)
    script = " ".join([*mixtui_command(), "doctor; stty -a; head -c1 | od -c"])
    with RealTerminal(["/bin/sh", "-c", script], env, tmp_path, (80, 60)) as terminal:
        terminal.wait_until(lambda: QUESTION in terminal.bytes)
        terminal.type(KITTY.decode())
        terminal.wait_for("calls itself", "kitty(0.43.1)", "icanon", " echo ")
        for ability in (
            "synchronized output",
            "bracketed paste    ",
            "kitty keyboard     ",
        ):
            assert f"{ability}  yes" in terminal.text
        terminal.type("z\n")
        terminal.wait_for("0000000   z")


def test_a_report_into_a_pipe_asks_nothing(tmp_path: Path) -> None:
    env = clean_environment(tmp_path)
    script = " ".join([*mixtui_command(), "doctor | cat"])
    with RealTerminal(["/bin/sh", "-c", script], env, tmp_path, (80, 60)) as terminal:
        assert terminal.wait_for_exit() == 0
        assert b"\x1b[" not in terminal.bytes
        assert b"kitty keyboard" in terminal.bytes
        assert b"not known: it is only asked if" in terminal.bytes


ALL = parse_replies(KITTY)


@pytest.mark.parametrize(
    ("variables", "replies", "name", "text"),
    [
        ({"TERM": "dumb"}, ALL, "app", "The app cannot be drawn with TERM=dumb"),
        ({"COLORTERM": "truecolor"}, ALL, "colors", "16 million (COLORTERM=truecolor)"),
        ({"NO_COLOR": "1"}, ALL, "colors", "none: NO_COLOR is set"),
        ({"TERM": "xterm-direct"}, Replies(), "colors", "16 million"),
        ({"TERM": "x-256"}, ALL, "colors", "256; the terminal has 16 million"),
        ({"TERM": "x-256"}, Replies(), "colors", "256"),
        ({}, ALL, "clipboard (OSC 52)", "yes"),
        ({}, Replies(), "clipboard (OSC 52)", "not known: the terminal does not say"),
        ({}, Replies("it is gone"), "clipboard (OSC 52)", "not known: it is gone"),
        (
            {"TERM_PROGRAM": "iTerm.app"},
            Replies(),
            "clipboard (OSC 52)",
            "yes, if “Applications",
        ),
        (
            {"TERM": "linux"},
            Replies(),
            "clipboard (OSC 52)",
            "no: copy with the mouse, or",
        ),
        ({"STY": "1.pts-0.host"}, Replies(), "clipboard (OSC 52)", "not known: screen"),
        ({}, ALL, "synchronized output", "yes"),
        ({}, parse_replies(XTERM), "synchronized output", "no"),
        ({}, Replies(), "synchronized output", "not known: the terminal does not say"),
        (
            {"TERM_PROGRAM": "Apple_Terminal"},
            Replies("x"),
            "synchronized output",
            "no",
        ),
        ({}, ALL, "kitty keyboard", "yes"),
        ({}, Replies(), "kitty keyboard", "no"),
        ({}, Replies("it is gone"), "kitty keyboard", "not known: it is gone"),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, ALL, "inside", "SSH"),
        ({"TMUX": "/tmp/t,1,0", "SSH_CONNECTION": "x"}, ALL, "inside", "tmux, SSH"),
        ({}, Replies(name="a\x1b[2Jb"), "calls itself", "a"),
    ],
)
def test_the_terminal_is_described(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    replies: Replies,
    name: str,
    text: str,
) -> None:
    monkeypatch.setattr(terminal, "_ask_tmux", lambda *_: "")
    monkeypatch.setattr(terminal, "ask_terminal", lambda _: replies)
    console = Console(Terminal(), Terminal(), Terminal(), variables)
    found = {each.name: each for each in find_terminal(console)}
    assert found[name].text.startswith(text)
    assert "\x1b" not in str(found)
    assert not any(each.is_problem for each in found.values())  # A script has none.


@pytest.mark.parametrize("program", ["Apple_Terminal", "other"])
def test_terminal_app_which_would_show_the_questions_is_not_asked(
    tmp_path: Path, program: str
) -> None:
    env = {**clean_environment(tmp_path), "TERM_PROGRAM": program}
    argv = [*mixtui_command(), "doctor"]
    with RealTerminal(argv, env, tmp_path, (80, 60)) as terminal:
        if program == "other":
            terminal.wait_until(lambda: QUESTION in terminal.bytes)
            terminal.type(TMUX.decode())
        terminal.wait_for_exit()
        assert (QUESTION in terminal.bytes) == (program == "other")


@pytest.mark.parametrize(
    ("setting", "features", "text", "remedy"),
    [
        ("off", "clipboard", "no: tmux has set-clipboard off", "set-clipboard on"),
        ("external", "clipboard", "no: tmux has set-clipboard ext", "set-clipboard on"),
        ("on", "bpaste,clipboard,title", "yes, through tmux", ""),
        ("on", "bpaste,title", "no: tmux does not know", "terminal-features"),
        ("on", "", "not known: tmux does not say", ""),
        ("", "", "not known: tmux does not say", ""),
    ],
)
def test_tmux_is_asked_whether_it_passes_on_copies(
    mixtui: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    features: str,
    text: str,
    remedy: str,
) -> None:
    script = tmp_path / "bin" / "tmux"
    script.parent.mkdir()
    script.write_text(
        "#!/bin/sh\n"
        f"case $1 in show-options) echo '{setting}';; *) echo '{features}';; esac\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    mixtui.variables["TMUX"] = "/tmp/tmux-0/default,1,0"
    row = report(mixtui).one("terminal", "clipboard (OSC 52)")
    assert row["text"].startswith(text)
    assert remedy in row["remedy"]
