"""What the terminal can do, as far as variables and terminfo say; it is asked nothing.

A question to a terminal is answered on its input, where it would be taken for keys.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping

from mixtui.cli.doctor.finding import Finding
from mixtui.cli.terminal import problem_of_terminal

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from types import ModuleType

    from mixtui.cli.console import Console

_TMUX_SECONDS = 2
_LEAST = (40, 12)
"""Columns and rows below which the app shows only a message."""
_UNKNOWN = "unknown: neither terminfo nor the terminal's name says"
# Of the terminals themselves: their release notes and manuals. By TERM_PROGRAM, a part of
# TERM, or a variable that only they set.
_COPY_BY_ESCAPE = {
    "iterm.app": "yes, if “Applications in terminal may access clipboard” is on",
    "wezterm": "yes",
    "ghostty": "yes",
    "kitty": "yes",
    "alacritty": "yes",
    "foot": "yes",
    "contour": "yes",
    "rio": "yes",
    "vscode": "yes",
    "wt": "yes",
    "apple_terminal": "no: copy with the mouse, or save to a file",
    "vte": "no: copy with the mouse, or save to a file",
    "linux": "no: copy with the mouse, or save to a file",
}
_SYNCHRONIZED = {
    "iterm.app": "yes",
    "wezterm": "yes",
    "ghostty": "yes",
    "kitty": "yes",
    "alacritty": "yes",
    "foot": "yes",
    "contour": "yes",
    "rio": "yes",
    "vscode": "yes",
    "wt": "yes, since 1.23",
    "apple_terminal": "no",
    "linux": "no",
}


def find_terminal(console: Console) -> Iterator[Finding]:
    """Report what the terminal can do."""
    variables = console.variables
    term = variables.get("TERM", "")
    yield Finding("TERM", term or "not set")
    program = " ".join(
        filter(None, map(variables.get, ("TERM_PROGRAM", "TERM_PROGRAM_VERSION")))
    )
    if program:
        yield Finding("program", program)
    yield Finding("streams", _streams(console))
    yield _size()
    encoding = getattr(console.stdout, "encoding", "") or "unknown"
    problem = problem_of_terminal(variables, encoding)
    yield Finding("encoding", encoding)
    if problem:
        # Not a problem of a script, and the report may be made by one.
        what, _, remedy = problem.partition(". ")
        yield Finding("app", what, remedy)
    yield Finding("colors", _colors(variables))
    yield from _inside(variables)
    name = _terminal_name(variables)
    yield _clipboard(variables, name)
    text = _SYNCHRONIZED.get(name) or _capability(term, "Sync") or _UNKNOWN
    yield Finding("synchronized output", text)


def _streams(console: Console) -> str:
    terminals = {
        "stdin": console.can_prompt,
        "stdout": console.stdout_is_terminal,
        "stderr": console.stderr_is_terminal,
    }
    shown = [name for name, is_terminal in terminals.items() if is_terminal]
    return f"{', '.join(shown)} in a terminal" if shown else "not in a terminal"


def _size() -> Finding:
    for number in (1, 2, 0):
        try:
            columns, rows = os.get_terminal_size(number)
        except (OSError, ValueError):
            continue
        if columns < _LEAST[0] or rows < _LEAST[1]:
            remedy = f"The app needs {_LEAST[0]}×{_LEAST[1]} cells: enlarge the window."
            return Finding("size", f"{columns}×{rows}", remedy)
        return Finding("size", f"{columns}×{rows}")
    return Finding("size", "unknown: no stream is a terminal")


def _colors(variables: Mapping[str, str]) -> str:
    if variables.get("NO_COLOR"):
        return "none: NO_COLOR is set"
    if variables.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return f"16 million (COLORTERM={variables['COLORTERM']})"
    term = variables.get("TERM", "")
    if term.endswith("-direct"):
        return "16 million"
    count = _number(term, "colors")
    if count:
        return f"{count} (terminfo)"
    return "256" if "256" in term else "16 or fewer"


def _inside(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Report what lies between the terminal and the app."""
    layers = [
        name
        for name, variable in (
            ("tmux", "TMUX"),
            ("screen", "STY"),
            ("zellij", "ZELLIJ"),
            ("SSH", "SSH_CONNECTION"),
            ("mosh", "MOSH_KEY"),
            ("WSL", "WSL_DISTRO_NAME"),
        )
        # Only that they are set: the values name hosts and users.
        if variables.get(variable)
    ]
    yield Finding("inside", ", ".join(layers) or "none of tmux, screen, zellij, SSH")


def _terminal_name(variables: Mapping[str, str]) -> str:
    term = variables.get("TERM", "").lower()
    program = variables.get("TERM_PROGRAM", "").lower()
    if program in _COPY_BY_ESCAPE:
        return program
    for variable, name in (
        ("KITTY_WINDOW_ID", "kitty"),
        ("WEZTERM_PANE", "wezterm"),
        ("GHOSTTY_RESOURCES_DIR", "ghostty"),
        ("ALACRITTY_WINDOW_ID", "alacritty"),
        ("WT_SESSION", "wt"),
        ("VTE_VERSION", "vte"),
    ):
        if variables.get(variable):
            return name
    named = (name for name in _COPY_BY_ESCAPE if term.removeprefix("xterm-") == name)
    return next(named, "")


def _clipboard(variables: Mapping[str, str], name: str) -> Finding:
    """Report whether a copy reaches the clipboard through the terminal (OSC 52)."""
    if variables.get("TMUX"):
        setting = _tmux_setting("set-clipboard")
        if setting == "off":
            return Finding(
                "clipboard (OSC 52)",
                "no: tmux has set-clipboard off",
                "To copy through tmux, run: tmux set -g set-clipboard on.",
            )
        if setting:
            text = f"passed on by tmux (set-clipboard {setting}), if its terminal can"
            return Finding("clipboard (OSC 52)", text)
    if variables.get("STY"):
        return Finding("clipboard (OSC 52)", "passed on by screen 5 and newer")
    text = _COPY_BY_ESCAPE.get(name) or _capability(variables.get("TERM", ""), "Ms")
    return Finding("clipboard (OSC 52)", text or _UNKNOWN)


def _tmux_setting(name: str) -> str:
    """Ask tmux for one of its settings; empty = it does not say."""
    if shutil.which("tmux") is None:
        return ""
    try:
        done = subprocess.run(
            ["tmux", "show-options", "-gsv", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TMUX_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    setting = done.stdout.decode("ascii", "replace").strip()
    return setting if setting in ("on", "off", "external") else ""


def _capability(term: str, name: str) -> str:
    """Return “yes” if terminfo has a capability of a terminal; else nothing."""
    try:
        return "yes (terminfo)" if _terminfo(term).tigetstr(name) else ""
    except Exception:  # Any: some systems have no curses, and many terminals no entry.
        return ""


def _number(term: str, name: str) -> int:
    try:
        return max(int(_terminfo(term).tigetnum(name)), 0)
    except Exception:  # As above.
        return 0


def _terminfo(term: str) -> ModuleType:
    import curses

    # Any descriptor will do: it is asked for the speed of the line, and nothing is sent.
    curses.setupterm(term, 2)
    return curses
