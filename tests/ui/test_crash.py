"""Exceptions that nobody foresaw: reported without data, and the app goes on."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mixtui.app import MixtuiApp
from mixtui.storage.crash_report import EX_SOFTWARE, MAX_REPORTS, write_crash_report
from mixtui.ui.crash import CrashReporter, keep_message_pumps_running
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.response.state import Received
from tests.ui.app import main, make_app, settled
from tests.ui.driver import type_text, wait_until

TYPED = "hunter2-typed-into-a-header"


def make_reporting_app(tmp_path: Path) -> MixtuiApp:
    app = make_app(tmp_path)
    app.crashes = CrashReporter(tmp_path / "state")
    return app


def reports(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state" / "crashes").glob("*.txt"))


def fail(typed: str = TYPED) -> None:
    raise KeyError(typed)


async def fail_later() -> None:
    fail()


CAUSES: dict[str, Callable[[MainScreen], object]] = {
    "a worker": lambda screen: screen.run_worker(fail_later),
    "an action": lambda screen: screen.run_guarded(fail_later()),
    "a timer": lambda screen: screen.set_timer(0.001, fail),
    "a callback": lambda screen: screen.call_later(fail),
    "a callback of a widget": lambda screen: screen.request_pane.call_later(fail),
}
"""What makes an exception leave one of the places that run an app's code."""


async def test_an_exception_is_a_sentence_and_a_report_and_the_app_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_reporting_app(tmp_path)
    shown = []
    with keep_message_pumps_running():
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot)
            await type_text(pilot, "/query/events/names")
            for number, (kind, cause) in enumerate(CAUSES.items(), 1):
                cause(main(pilot))
                await wait_until(pilot, lambda n=number: len(reports(tmp_path)) == n)
                report = reports(tmp_path)[-1]
                messages = [each.message for each in app._notifications]
                (sentence,) = [each for each in messages if str(report) in each]
                assert "KeyError in" in sentence, kind
                text = report.read_text()
                assert "builtins.KeyError" in text, kind
                assert "test_crash.py" in text, kind
                assert stat.S_IMODE(report.stat().st_mode) == 0o600, kind
                assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700, kind
                shown += [text, sentence]
                old = main(pilot).response
                await pilot.press("f5")
                await settled(pilot)
                assert isinstance(main(pilot).response, Received), kind
                assert main(pilot).response is not old, kind
    output = capsys.readouterr()
    for each in (*shown, output.out, output.err):
        assert TYPED not in each


async def run_headless(app: MixtuiApp, *, flood: bool = False) -> None:
    async def pilot_it(pilot: Pilot[int]) -> None:
        for _ in range(10 if flood else 0):
            main(pilot).call_later(fail)

    with keep_message_pumps_running():
        async with asyncio.timeout(30):
            await app.run_async(headless=True, size=(80, 24), auto_pilot=pilot_it)


async def test_exceptions_that_do_not_stop_end_the_app_with_a_sentence(
    tmp_path: Path,
) -> None:
    app = make_reporting_app(tmp_path)
    await run_headless(app, flood=True)
    assert app.return_code == EX_SOFTWARE
    assert "KeyError in" in app.final_sentences[0]
    assert TYPED not in app.final_sentences[0]


async def test_an_app_that_cannot_start_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_reporting_app(tmp_path)
    monkeypatch.setattr(type(app._main), "compose", lambda self: fail())
    await run_headless(app)
    assert app.return_code == EX_SOFTWARE
    assert "KeyError in" in app.final_sentences[0]


async def test_without_a_reporter_a_test_fails_by_an_exception(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="hunter2"):
        async with make_app(tmp_path).run_test() as pilot:
            main(pilot).run_worker(fail_later)
            await pilot.pause()


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1)
    for number in range(MAX_REPORTS + 3):
        write_crash_report(ValueError(), tmp_path, now + timedelta(minutes=number))
    names = sorted(path.name for path in (tmp_path / "crashes").iterdir())
    assert len(names) == MAX_REPORTS
    assert names[0].startswith("2026-01-01-000300")


def test_what_led_to_an_exception_is_in_its_report(tmp_path: Path) -> None:
    try:
        try:
            fail()
        except KeyError as error:
            raise RuntimeError(TYPED) from error
    except RuntimeError as error:
        path = write_crash_report(error, tmp_path, datetime(2026, 1, 1))
    text = path.read_text()
    assert text.index("builtins.KeyError") < text.index("builtins.RuntimeError")
    assert TYPED not in text
