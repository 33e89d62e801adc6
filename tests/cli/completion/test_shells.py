"""Completion in real shells: what is typed, completed and passed to the program."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from mixtui.cli.completion.shells import SHELLS
from mixtui.storage.toml_values import to_toml
from tests.cli.conftest import CommandLine, mixtui
from tests.processes import PATIENCE

__all__ = ["mixtui"]

AWKWARD = {
    "space": "Weekly sign-ups",
    "quote": 'Ada\'s "best" one',
    "dollar": "Cost in $HOME `x`",
    "backslash": "Back\\slash",
    "umlaut": "Übergröße 😀",
    "breaks": "Time: 5=five@home",
    "exclamation": "Wow! really",
    "glob": "Glob *?[a]{b,c}~#",
    "operators": "Op (a) & b | c; <d>",
    "percent": "Percent 100% %s",
}
"""Names of saved requests, by the first word that is typed of each."""
STARTS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        'eval "$(mixtui completions bash)"',
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -u -D; eval "$(mixtui completions zsh)"',
    ),
    "fish": (["fish", "--no-config", "-i"], "mixtui completions fish | source"),
}
PROGRAM = """\
#!{python}
import json, os, sys
if "completions" not in sys.argv:
    with open(os.environ["PASSED"], "w") as file:
        json.dump(sys.argv[1:], file)
    sys.exit()
from mixtui.__main__ import main
sys.exit(main())
"""


class Shell:
    """A shell in a terminal with our completion, and a mixtui that notes its arguments."""

    def __init__(self, name: str, command_line: CommandLine) -> None:
        command, setup = STARTS[name]
        folder = command_line.folder
        self._passed = folder.parent / "passed.json"
        programs = folder.parent / "bin"
        programs.mkdir()
        program = programs / "mixtui"
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        variables = {
            **os.environ,
            **command_line.variables,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PASSED": str(self._passed),
            "TERM": "dumb" if name != "fish" else "xterm",
            "LC_ALL": "C.UTF-8",
            "HOME": str(folder.parent),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "HISTFILE": "",
        }
        self._child = pexpect.spawn(
            command[0],
            command[1:],
            cwd=folder,
            env=variables,
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(40, 200),
        )
        self._child.sendline(f"{setup}; echo re''ady")
        self._child.expect("ready\r\n")

    def complete(self, line: str, tabs: int = 1) -> list[str]:
        """Type a line and tabs, press enter, and return the arguments of mixtui."""
        self._passed.unlink(missing_ok=True)
        self._child.send(line + "\t" * tabs)
        # The shell reads on when the completion is done.
        self._child.send("\r")
        self._child.sendline("echo do''ne")
        self._child.expect("done\r\n")
        return json.loads(self._passed.read_text("utf-8"))

    def close(self) -> None:
        self._child.close(force=True)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, mixtui: CommandLine) -> Iterator[Shell]:
    """Each shell that is installed, in a collection of awkward names."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    for file, name in AWKWARD.items():
        mixtui.write_request(f"a/{file}", f"name = {to_toml(name)}\nurl = '/x'\n")
    (mixtui.folder / "da ta.json").touch()
    (mixtui.folder / "folder").mkdir()
    mixtui.write_environments("[environments.'prod eu']\n[environments.test]\n")
    running = Shell(request.param, mixtui)
    yield running
    running.close()


LINES = (
    ("mixtui oper", "operations"),
    ("mixtui hist\tli", "history list"),
    ("mixtui send --body-type=nd", "send --body-type=ndjson"),
    ("mixtui env show prod", "env|show|prod eu"),
    ("mixtui quota --env=prod", "quota|--env=prod eu"),
    ("mixtui show a/wEEK", "show|a/Weekly sign-ups"),
    ("mixtui show 'a/Week", "show|a/Weekly sign-ups"),
    ('mixtui show "a/Week', "show|a/Weekly sign-ups"),
    ("mixtui show a/Weekly\\ s", "show|a/Weekly sign-ups"),
    ("mixtui show Tim", "show|Time: 5=five@home"),
    ("mixtui show Time\\:\\ 5", "show|Time: 5=five@home"),
    ("mixtui send --file da", "send|--file|da ta.json"),
    ("mixtui send a/x -d @da", "send|a/x|-d|@da ta.json"),
    ("mixtui send a/x --data=@da", "send|a/x|--data=@da ta.json"),
    ("mixtui trust fol", "trust folder"),
    ("mixtui show Time:\\ 5=five@h", "show|Time: 5=five@home"),
    ("mixtui export py\ta/Cost", "export|python|a/Cost in $HOME `x`"),
)
"""What is typed, and the arguments that mixtui gets, parted by ``|`` or else by spaces."""


def arguments_of(text: str) -> list[str]:
    return text.split("|") if "|" in text else text.split()


def test_what_is_completed_is_passed_exactly(shell: Shell) -> None:
    for name in AWKWARD.values():
        typed = name.partition(" ")[0].rstrip("!:")[:4].replace("\\", "\\\\")
        expected = name.replace("\\", "\\\\")
        assert shell.complete(f"mixtui show a/{typed}") == ["show", f"a/{expected}"]


def test_each_argument_is_completed_as_what_it_is(shell: Shell) -> None:
    passed = {line: shell.complete(line) for line, _ in LINES}
    for arguments in passed.values():
        arguments[-1] = arguments[-1].removesuffix("/")  # Some shells remove it.
    assert passed == {line: arguments_of(text) for line, text in LINES}


def test_a_folder_is_completed_before_the_requests_in_it(shell: Shell) -> None:
    assert shell.complete("mixtui show a\tGlob") == ["show", f"a/{AWKWARD['glob']}"]
