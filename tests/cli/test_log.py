"""MIXTUI_LOG on the command line."""

from __future__ import annotations

import logging

from mixtui import log
from mixtui.storage.log_file import log_path
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine
from tests.cli.doctor.rows import report

SEND = (
    "send",
    "GET",
    "/query/events/names?type=general&key=PLNT7q-typed",
    "--api",
    "query",
)


def test_a_command_is_logged_from_its_name_to_its_exit_status(
    online: CommandLine,
) -> None:
    online.variables["MIXTUI_LOG"] = "info"
    assert online(*SEND).status == 0
    text = log_path(state_dir()).read_text()
    assert "command send" in text
    assert "/api/query/events/names?type=••••••&key=••••••" in text
    assert "outcome accepted, exit status 0" in text
    assert text.splitlines()[-1].endswith("ended with exit status 0")
    assert "PLNT7q" not in text
    assert not log.is_on()
    assert logging.getLogger("httpx").handlers == []


def test_an_error_is_logged_by_its_type(mixtui: CommandLine) -> None:
    mixtui.variables["MIXTUI_LOG"] = "error"
    assert mixtui("show", "PLNT7q").status == 2
    text = log_path(state_dir()).read_text()
    assert "StorageError, exit status 2" in text
    assert "PLNT7q" not in text


def test_without_the_variable_no_log_is_written(online: CommandLine) -> None:
    assert online(*SEND).status == 0
    assert not log_path(state_dir()).parent.exists()


def test_a_level_that_does_not_exist_is_reported_and_stops_nothing(
    mixtui: CommandLine,
) -> None:
    mixtui.variables["MIXTUI_LOG"] = "verbose"
    result = mixtui("list")
    assert result.status == 0
    assert "MIXTUI_LOG must be one of error, info, debug, off" in result.stderr


def test_help_needs_no_log(mixtui: CommandLine) -> None:
    mixtui.variables["MIXTUI_LOG"] = "debug"
    assert mixtui("send", "--help").status == 0
    assert not log_path(state_dir()).parent.exists()


def test_doctor_names_the_log_and_works_with_a_level_that_does_not_exist(
    mixtui: CommandLine,
) -> None:
    assert report(mixtui).one("records", "log")["text"].startswith("off")
    mixtui.variables["MIXTUI_LOG"] = "debug"
    row = report(mixtui).one("records", "log")
    assert row["text"].startswith(f"level debug · {log_path(state_dir())} · ")
    mixtui.variables["MIXTUI_LOG"] = "verbose"
    found = report(mixtui)
    assert found.one("records", "log")["status"] == "problem"
    assert found.status == 2


def test_doctor_names_a_log_that_was_written_before(mixtui: CommandLine) -> None:
    mixtui.variables["MIXTUI_LOG"] = "info"
    mixtui("list")
    del mixtui.variables["MIXTUI_LOG"]
    row = report(mixtui).one("records", "log")
    assert row["text"].startswith(f"off · {log_path(state_dir())} · ")
