from __future__ import annotations

import pytest

from mixtui.cli.commands.names import COMMANDS
from mixtui.model.errors import ExitStatus
from mixtui.request.templates import BUILT_IN_NAMES
from mixtui.topics import TOPICS
from tests.cli.conftest import CommandLine


def test_without_a_name_topics_and_commands_are_listed(mixtui: CommandLine) -> None:
    result = mixtui("help")
    assert result.status == 0
    for topic in TOPICS:
        assert f"  {topic.id} " in result.text
    for command in COMMANDS:
        assert f"  {command} " in result.text


@pytest.mark.parametrize("topic", [topic.id for topic in TOPICS])
def test_a_topic_fits_80_columns(mixtui: CommandLine, topic: str) -> None:
    result = mixtui("help", topic)
    assert result.status == 0
    lines = result.text.splitlines()
    assert len(lines) > 8
    assert all(len(line) <= 80 or "/" in line for line in lines)  # A long path.


def test_keys_are_marked_as_those_of_the_app(mixtui: CommandLine) -> None:
    assert "f3 in the app" in mixtui("help", "quota").text


def test_every_template_and_exit_status_is_explained(mixtui: CommandLine) -> None:
    templates = mixtui("help", "templates").text
    for name in BUILT_IN_NAMES:
        assert f"{{{{{name}}}}} " in templates
    lines = mixtui("help", "outcomes").text.splitlines()
    for status in (v for k, v in vars(ExitStatus).items() if k.isupper()):
        assert any(line.startswith(f"  {status} ") for line in lines), status


@pytest.mark.parametrize(
    ("name", "shown"),
    [("send", "usage: mixtui send"), ("env add", "usage: mixtui env add")],
)
def test_the_help_of_a_command_is_its_own(
    mixtui: CommandLine, name: str, shown: str
) -> None:
    assert mixtui("help", *name.split()).text.startswith(shown)


def test_a_group_lists_its_commands(mixtui: CommandLine) -> None:
    assert "env check" in mixtui("help", "env").text


def test_a_misspelt_name_is_corrected(mixtui: CommandLine) -> None:
    result = mixtui("help", "offlin")
    assert result.status == 2
    assert "Did you mean offline?" in result.stderr


def test_the_help_of_a_command_has_no_color(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By itself, argparse of Python 3.14 colors it.
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in mixtui("send", "--help").text
