"""The app in terminals that can do little: it works, or says in a sentence what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mixtui.cli.terminal import problem_of_terminal
from mixtui.ui.themes import DEFAULT, NO_COLORS, TERMINAL, default_theme
from tests.terminal import Terminal, clean_environment, mixtui_command

SGR = re.compile(rb"\x1b\[([\d;]*)m")
NOT_COLORS = {
    "",
    "0",
    "1",
    "3",
    "4",
    "7",
    "9",
    "39",
    "49",
    "22",
    "23",
    "24",
    "27",
    "29",
}
SIXTEEN = {str(n) for base in (30, 40, 90, 100) for n in range(base, base + 8)}


@pytest.mark.parametrize(
    ("term", "variables", "allowed"),
    [
        ("linux", {}, NOT_COLORS | SIXTEEN),
        ("vt100", {"LANG": "C", "LC_ALL": "C"}, NOT_COLORS),
        ("xterm-256color", {"NO_COLOR": "1"}, NOT_COLORS),
    ],
    ids=["linux", "vt100 in the C locale", "NO_COLOR"],
)
def test_the_app_uses_the_colors_that_the_terminal_has(
    tmp_path: Path, term: str, variables: dict[str, str], allowed: set[str]
) -> None:
    env = clean_environment(tmp_path) | variables
    with Terminal(mixtui_command(), env, tmp_path, term=term) as terminal:
        terminal.wait_for("mixtui", "╭─", "f1 Help")
        terminal.press("ctrl+t")
        terminal.wait_for("Mixpanel operations")
        codes = b";".join(SGR.findall(terminal.bytes)).decode().split(";")
    assert set(codes) <= allowed
    assert "7" in codes, "nothing is reversed"


@pytest.mark.parametrize(
    ("term", "variables", "remedy"),
    [
        ("dumb", {}, "Set TERM to"),
        ("xterm", {"PYTHONIOENCODING": "iso8859-1"}, "Set LC_ALL=C.UTF-8"),
    ],
    ids=["dumb", "Latin 1"],
)
def test_the_app_says_what_to_do_where_it_cannot_be_drawn(
    tmp_path: Path, term: str, variables: dict[str, str], remedy: str
) -> None:
    env = clean_environment(tmp_path) | variables
    with Terminal(mixtui_command(), env, tmp_path, term=term) as terminal:
        assert terminal.wait_for_exit() == 2
        assert remedy in " ".join(terminal.text.split())
        assert "Traceback" not in terminal.text


def test_the_variable_that_decides_is_named() -> None:
    variables = {"TERM": "xterm", "LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"}
    problem = problem_of_terminal(variables, "ISO-8859-1")
    assert "LC_CTYPE=de_DE.ISO-8859-1" in problem
    for encoding in ("utf-8", "UTF-8", "utf8", None):
        assert not problem_of_terminal(variables, encoding)


@pytest.mark.parametrize(
    ("variables", "theme"),
    [
        ({"TERM": "xterm-256color"}, DEFAULT),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, DEFAULT),
        ({"TERM": "xterm-kitty"}, DEFAULT),
        ({}, DEFAULT),
        ({"TERM": "linux"}, TERMINAL),
        ({"TERM": "xterm"}, TERMINAL),
        ({"TERM": "vt220"}, NO_COLORS),
    ],
)
def test_the_default_theme_fits_the_terminal(
    variables: dict[str, str], theme: str
) -> None:
    assert default_theme(variables) == theme
