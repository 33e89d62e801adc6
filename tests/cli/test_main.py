"""The entry point: help, suggestions, options in front of a command, and the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui import __version__
from mixtui.cli import main
from mixtui.cli.commands.names import COMMANDS
from mixtui.cli.commands.send import APIS, AUTH, BODY_TYPES
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, BodyType
from mixtui.model.errors import ExitStatus
from mixtui.storage.crash_report import EX_SOFTWARE
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_a_help_with_examples(
    mixtui: CommandLine, command: str
) -> None:
    for option in ("--help", "-h"):
        result = mixtui(*command.split(), option)
        assert (result.status, result.stderr) == (0, "")
        assert result.text.startswith(f"usage: mixtui {command}".rstrip())
        explanation, _, example = result.text.partition("examples:")
        assert max(map(len, explanation.split("\n"))) <= 80
        assert f"mixtui {command}".strip() in example
        assert max(map(len, result.text.split("\n"))) <= 88


def test_the_help_of_a_group_lists_its_commands(mixtui: CommandLine) -> None:
    for arguments in (("env",), ("env", "--help")):
        result = mixtui(*arguments)
        assert result.status == 0
        assert "env check" in result.text


def test_version_prints_the_version(mixtui: CommandLine) -> None:
    assert mixtui("--version").text == f"mixtui {__version__}\n"


USAGE_ERRORS = [
    (("sned",), "Unknown command “sned”. Did you mean send?"),
    (("xyzzy",), "Unknown command “xyzzy”. See"),
    (("env", "chek"), "Unknown command “env chek”. Did you mean env check?"),
    (("--thme", "x"), "Unknown option --thme. Did you mean --theme?"),
    (("list", "extra"), "Unexpected argument “extra”"),
    (("show",), "Missing argument: NAME"),
    (("--sandbox", "send", "x"), "--sandbox applies to the app"),
    (("--theme", "x", "list"), "--theme applies to the app"),
    (("--env",), "--env needs a value"),
    (("sandbox", "--port", "x"), "--port must be a whole number, not “x”"),
    (("sandbox", "--fail", "teapot"), "--fail must be one of 401, 402,"),
    (("sandbox", "--fail", "429:api"), "“429:api” must start with /"),
]


@pytest.mark.parametrize(("arguments", "sentence"), USAGE_ERRORS)
def test_a_usage_error_is_one_line_with_a_suggestion(
    mixtui: CommandLine, arguments: tuple[str, ...], sentence: str
) -> None:
    result = mixtui(*arguments)
    assert (result.status, result.stdout) == (2, b"")
    assert result.stderr.startswith("mixtui: ")
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_entry_point_has_the_exit_statuses_of_the_model() -> None:
    assert main._USAGE == ExitStatus.USAGE
    assert main._INTERRUPTED == ExitStatus.INTERRUPTED


def test_the_choices_in_the_help_are_those_of_the_model() -> None:
    assert tuple(Api) == APIS
    assert tuple(BodyType) == BODY_TYPES
    assert tuple(AuthChoice) == AUTH


def test_options_in_front_of_a_command_apply_to_it(
    mixtui: CommandLine, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "here.toml").write_text('name = "Here"\n')
    assert "Here" in mixtui("--collection", str(other), "list").text
    result = mixtui(f"--collection={other}", "--env", "nope", "env", "list")
    assert "The environment “nope”" in result.stderr
    overridden = mixtui("--env", "first", "env", "list", "--env", "second")
    assert "The environment “second”" in overridden.stderr


def test_without_a_command_the_app_starts(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []

    def run(
        collection: Path | None,
        environment: str | None,
        theme: str | None,
        *,
        sandbox: bool,
    ) -> int:
        calls.append((collection, environment, theme, sandbox))
        return 0

    monkeypatch.setattr("mixtui.app.run", run)
    assert mixtui(terminal=True).status == 0
    arguments = ("--collection", "/c", "--env", "e", "--theme", "t", "--sandbox")
    assert mixtui(*arguments, terminal=True).status == 0
    assert calls == [(None, None, None, False), (Path("/c"), "e", "t", True)]


@pytest.mark.parametrize("arguments", [(), ("--sandbox",), ("--env", "e")])
def test_without_a_terminal_the_app_does_not_start(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr("mixtui.app.run", None)
    result = mixtui(*arguments)
    assert result.status == ExitStatus.USAGE
    assert result.stderr.startswith("mixtui: The app needs a terminal")
    assert result.stderr.count("\n") == 1


def test_an_interruption_is_one_line_and_status_130(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("mixtui.cli.commands.requests.run_list", interrupted)
    result = mixtui("list")
    assert (result.status, result.stderr) == (130, "mixtui: Interrupted.\n")


def test_a_fault_of_mixtui_is_one_line_and_a_report_without_data(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError("typed-secret")

    monkeypatch.setattr("mixtui.cli.commands.keys.run_keys", fail)
    result = mixtui("keys")
    assert result.status == EX_SOFTWARE
    assert result.stderr.startswith("mixtui: Internal error in mixtui: KeyError in ")
    assert result.stderr.count("\n") == 1
    (report,) = (state_dir() / "crashes").iterdir()
    assert "typed-secret" not in result.output + report.read_text()
