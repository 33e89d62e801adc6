"""The man page has every command and option, and is valid roff."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import mixtui
from generate.man import man_page
from mixtui.cli.commands import load_command
from mixtui.cli.commands.names import COMMANDS
from mixtui.model.errors import ExitStatus

PAGE = man_page()
PLAIN = re.sub(r"\\f[A-Z]|\\&", "", PAGE).replace(r"\-", "-")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_section_with_its_options(name: str) -> None:
    _, heading, rest = PLAIN.partition(f".SS mixtui {name}\n")
    assert heading
    section = re.split(r"^\.S[SH] ", rest, flags=re.MULTILINE)[0]
    parser, _ = load_command(name)
    for option in parser._option_string_actions.keys() - {"-h", "--help"}:
        assert option in section.replace(",", "").split(), option


def test_every_exit_status_is_explained() -> None:
    statuses = [
        value for name, value in vars(ExitStatus).items() if not name.startswith("_")
    ]
    section = PLAIN.partition(".SH EXIT STATUS\n")[2].partition(".SH")[0]
    assert re.findall(r"^(\d+)$", section, re.MULTILINE) == list(map(str, statuses))


def test_every_variable_that_mixtui_reads_is_explained() -> None:
    sources = Path(mixtui.__file__).parent.rglob("*.py")
    read = {
        name
        for path in sources
        if "sandbox" not in path.parts
        for name in re.findall(
            r'^[^#]*"(MIXTUI_[A-Z]+|MP_[A-Z_]+|XDG_[A-Z_]+)"',
            path.read_text("utf-8"),
            re.M,
        )
    }
    assert len(read) > 5
    assert not {name for name in read if name not in PLAIN}


def test_characters_that_roff_would_act_on_are_escaped() -> None:
    lines = PAGE.splitlines()
    assert not [line for line in lines if re.search(r"[^\x20-\x7e]|^'", line)]
    macros = {line.split()[0] for line in lines if line.startswith(".")}
    known = {
        ".TH",
        ".SH",
        ".SS",
        ".TP",
        ".PP",
        ".RS",
        ".RE",
        ".nf",
        ".fi",
        ".br",
        '.\\"',
    }
    assert macros <= known


@pytest.mark.parametrize(
    "command",
    [
        ("mandoc", "-T", "lint", "-W", "warning"),
        ("groff", "-man", "-Tutf8", "-ww", "-z"),
    ],
    ids=lambda command: command[0],
)
def test_a_formatter_finds_nothing_to_complain_about(command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, input=PAGE, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
