"""A crash report contains types and places, and nothing typed, received or personal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from mixtui.storage.crash_report import (
    crash_location,
    crash_reports,
    report_crash,
    write_crash_report,
)

PLANTED = "PLNT7q-secret"


def raise_with_locals(error: BaseException) -> None:
    password = PLANTED  # noqa: F841  # What a traceback with variables would show.
    raise error


def in_a_folder_of_the_user(error: BaseException) -> None:
    path = f"/home/alice/{PLANTED}/jobs/query.py"
    exec(
        compile("raise_with_locals(error)", path, "exec"), {**globals(), "error": error}
    )


def with_a_cause(error: BaseException) -> None:
    try:
        raise_with_locals(ValueError(PLANTED))
    except ValueError as cause:
        raise error from cause


def with_a_note(error: BaseException) -> None:
    error.add_note(PLANTED)
    raise_with_locals(error)


def in_a_group(error: BaseException) -> None:
    try:
        raise_with_locals(error)
    except BaseException as each:
        raise BaseExceptionGroup(PLANTED, [each, ValueError(PLANTED)]) from None


def in_a_folder_named_as_ours(error: BaseException) -> None:
    path = f"/home/alice/mixtui/{PLANTED}/lib/{PLANTED}/query.py"
    exec(compile("raise error", path, "exec"), {"error": error})


WAYS: list[Callable[[BaseException], None]] = [
    raise_with_locals,
    in_a_folder_of_the_user,
    with_a_cause,
    with_a_note,
    in_a_group,
    in_a_folder_named_as_ours,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "error",
    [
        KeyError(PLANTED),
        UnicodeDecodeError("utf-8", PLANTED.encode(), 0, 1, PLANTED),
        OSError(2, PLANTED, f"/home/alice/{PLANTED}"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_planted_is_in_the_report_or_the_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[BaseException], None],
    error: Exception,
) -> None:
    monkeypatch.setenv("MP_SECRET", PLANTED)
    monkeypatch.setenv("USER", "alice")
    try:
        way(error)
    except BaseException as raised:
        sentence = report_crash(raised, tmp_path)
        assert PLANTED not in crash_location(raised)
    (report,) = crash_reports(tmp_path)
    text = report.read_text()
    assert type(error).__name__ in text
    for each in (text, sentence):
        assert "PLNT7q" not in each
        assert "alice" not in each


def test_every_exception_of_a_group_is_in_the_report(tmp_path: Path) -> None:
    inner = ExceptionGroup("inner", [OSError(), LookupError()])
    path = write_crash_report(
        ExceptionGroup("outer", [ValueError(), inner]), tmp_path, datetime(2026, 1, 1)
    )
    kinds = [line for line in path.read_text().splitlines() if line.startswith("built")]
    assert {"builtins.OSError", "builtins.LookupError", "builtins.ValueError"} <= set(
        kinds
    )
    assert len(kinds) == len(set(kinds)) + 1  # Of the groups, there are two.


def test_reports_are_listed_newest_first(tmp_path: Path) -> None:
    assert crash_reports(tmp_path) == []
    for day in (2, 3, 1):
        write_crash_report(ValueError(), tmp_path, datetime(2026, 1, day))
    assert [path.name[:10] for path in crash_reports(tmp_path)] == [
        "2026-01-03",
        "2026-01-02",
        "2026-01-01",
    ]
