"""The editors of hard values, each alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from textual import events
from textual.actions import parse
from textual.app import App
from textual.widgets import OptionList, Static

from mixtui.editing.dates import Day, End, read_day
from mixtui.editing.json_value import ValueKind
from mixtui.editing.names import NameIndex
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.request.date_dialog import DateDialog, Dates
from mixtui.ui.request.expression_dialog import ExpressionDialog
from mixtui.ui.request.value_dialogs import JsonValueDialog
from mixtui.ui.widgets.code_area import CodeArea
from tests.ui.driver import type_text

TODAY = date(2026, 3, 15)
UNSET = "nothing yet"
SIZES = [(80, 24), (120, 40)]


class Host(App[None]):
    """Opens dialogs, one at first."""

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.result: object = UNSET

    def on_mount(self) -> None:
        self.open(self.dialog)

    def open(self, dialog: Dialog[Any]) -> None:
        """Show a dialog and keep its result."""
        self.dialog, self.result = dialog, UNSET

        def keep(result: object) -> None:
            self.result = result

        self.push_screen(dialog, keep)

    def text_of(self, name: str) -> str:
        return str(self.dialog.query_one(f"#{name}", Static).render())


def json_dialog(value: str, kind: ValueKind = ValueKind.LIST) -> JsonValueDialog:
    return JsonValueDialog("event", value, kind)


def expression(value: str, name: str = "where") -> ExpressionDialog:
    return ExpressionDialog(
        name, value, lambda: NameIndex(["plan", "Plan Type", "$os"])
    )


def date_dialog(dates: Dates) -> DateDialog:
    return DateDialog(dates, today=lambda: TODAY)


async def test_everything_is_on_the_screen_and_the_keys_on_the_smallest_one() -> None:
    host = Host(json_dialog('["a", "b"]'))
    async with host.run_test() as pilot:
        for dialog in (
            json_dialog('["a", "b"]'),
            expression('properties["plan"] == plan and properties["plan"] == "pro"'),
            date_dialog(WINDOW),
        ):
            host.open(dialog)
            for size in SIZES:
                await pilot.resize_terminal(*size)
                await pilot.pause()
                for shown in dialog.query(Static):
                    assert shown.region in dialog.region, (dialog, size)
                    assert shown.region.bottom <= size[1], (dialog, size)
                hints = dialog.query_one(".hints", Static)
                assert hints.size.height == 1, (dialog, size)
                assert "esc Cancel" in str(hints.render())
                assert len(str(hints.render())) <= hints.size.width, (dialog, size)
            await pilot.resize_terminal(40, 12)
            await pilot.pause()
            assert hints.size.height == 1, dialog
            assert hints.region.bottom < 12, dialog


async def test_json_is_formatted_checked_and_applied_compact() -> None:
    host = Host(json_dialog('["Sign up",  "Log in"]'))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        dialog = host.dialog
        assert isinstance(dialog, JsonValueDialog)
        assert dialog.query_one(CodeArea).text == '[\n  "Sign up",\n  "Log in"\n]'
        assert host.text_of("remark") == "✓ Valid JSON, 2 items"
        sent = "Sent as event=%5B%22Sign%20up%22%2C%22Log%20in%22%5D"
        assert host.text_of("sent") == sent
        await pilot.press("up", "end")
        await type_text(pilot, ', "é"')
        assert host.text_of("sent").endswith("%2C%22%C3%A9%22%5D")
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert host.result == '["Sign up","Log in","é"]'


@pytest.mark.parametrize("make", [json_dialog, expression])
async def test_escape_or_no_change_changes_nothing(
    make: Callable[[str], Dialog[Any]],
) -> None:
    host = Host(make('["a"]'))
    async with host.run_test() as pilot:
        await pilot.pause()
        await pilot.press("x", "escape")
        await pilot.pause()
        assert host.result is None
        host.open(make('["a"]'))
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert host.result is None


async def test_an_error_is_reported_with_its_position_and_applied_only_on_demand() -> (
    None
):
    host = Host(json_dialog('["a"'))
    async with host.run_test() as pilot:
        await pilot.pause()
        assert "line 1, column 5" in host.text_of("remark")
        await pilot.press("home", "f12")
        dialog = host.dialog
        assert isinstance(dialog, JsonValueDialog)
        assert dialog.query_one(CodeArea).cursor_location == (0, 4)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert host.result == UNSET
        assert "ctrl+s again" in host.text_of("remark")
        await pilot.press("end")
        await type_text(pilot, " ")
        await pilot.press("ctrl+s", "ctrl+s")
        await pilot.pause()
    assert host.result is None


async def test_an_encoded_value_is_decoded_when_asked() -> None:
    host = Host(json_dialog(""))
    async with host.run_test() as pilot:
        for wrapped in ("%5B%22a%20b%22%5D", '"[\\"a b\\"]"', '[\\"a b\\"]'):
            host.open(json_dialog(wrapped, ValueKind.JSON))
            await pilot.pause()
            assert "f3 decodes it" in host.text_of("remark"), wrapped
            await pilot.press("f3")
            await pilot.pause()
            assert "Valid JSON" in host.text_of("remark"), wrapped
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert host.result == '["a b"]', wrapped


async def test_a_list_is_edited_one_item_a_line() -> None:
    host = Host(json_dialog('["Sign up",5]'))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("f2")
        dialog = host.dialog
        assert isinstance(dialog, JsonValueDialog)
        assert dialog.query_one(CodeArea).text == "Sign up\n5"
        await pilot.press("enter")
        await type_text(pilot, 'say "hi"')
        assert host.text_of("remark") == "✓ 3 items"
        await pilot.press("f2")
        assert (
            dialog.query_one(CodeArea).text
            == '[\n  "Sign up",\n  5,\n  "say \\"hi\\""\n]'
        )
        await pilot.press("f2", "ctrl+s")
        await pilot.pause()
    assert host.result == '["Sign up",5,"say \\"hi\\""]'


async def test_a_bare_name_becomes_a_list_of_one() -> None:
    host = Host(json_dialog("Sign up"))
    async with host.run_test() as pilot:
        await pilot.pause()
        await pilot.press("f2", "ctrl+s")
        await pilot.pause()
    assert host.result == '["Sign up"]'


async def test_plain_text_is_applied_as_typed() -> None:
    host = Host(json_dialog("  a b ", ValueKind.TEXT))
    async with host.run_test() as pilot:
        await pilot.pause()
        await pilot.press("f2", "f3", "c", "ctrl+s")
        await pilot.pause()
    assert host.result == "  a b c"


async def test_an_expression_is_checked_and_corrected() -> None:
    host = Host(expression('properties["plan"] = "pro"'))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "column 20: use `==` instead of `=`" in host.text_of("remark")
        await pilot.press("f12", "f3")
        await pilot.pause()
        assert "No problems found" in host.text_of("remark")
        assert "%20%3D%3D%20" in host.text_of("sent")
        await pilot.press("enter")
        await pilot.pause()
    assert host.result == 'properties["plan"] == "pro"'


async def test_a_bare_property_is_wrapped() -> None:
    host = Host(expression("Plan Type", "on"))
    async with host.run_test() as pilot:
        await pilot.pause()
        assert 'properties["Plan Type"] · f3 fixes it' in host.text_of("remark")
        await pilot.press("f3", "ctrl+s")
        await pilot.pause()
    assert host.result == 'properties["Plan Type"]'


async def test_an_odd_expression_is_applied_anyway() -> None:
    host = Host(expression(""))
    async with host.run_test() as pilot:
        await pilot.pause()
        await type_text(pilot, "((")
        await pilot.press("enter")
        await pilot.pause()
    assert host.result == "(("


async def test_names_are_completed() -> None:
    host = Host(expression(""))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await type_text(pilot, "pl")
        names = host.dialog.query_one(OptionList)
        assert names.option_count == 2
        await pilot.press("down", "tab")
        await type_text(pilot, ' == 1 and user["o')
        await pilot.press("tab")
        await type_text(pilot, " == 2")
        await pilot.press("enter")
        await pilot.pause()
    assert host.result == 'properties["Plan Type"] == 1 and user["$os"] == 2'


def day(text: str) -> Day:
    day = read_day(text, TODAY)
    assert day is not None
    return day


def window(start: str, end: str) -> Dates:
    return Dates("from_date", day(start), End.FROM, start, "to_date", day(end), end)


WINDOW = window("2026-01-25", "2026-01-31")


class PressedDateDialog(DateDialog):
    """A dialog that no app shows: its keys run the actions that they are bound to."""

    def press(self, key: str) -> None:
        (action,) = (b.action for b in DateDialog.BINDINGS if key in b.key.split(","))
        _, name, arguments = parse(action)
        getattr(self, f"action_{name}")(*arguments)

    def _show(self) -> None:
        """Nothing is shown."""


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        ("right", ("2026-01-26", "2026-01-31")),
        ("left", ("2026-01-24", "2026-01-31")),
        ("up", ("2026-01-18", "2026-01-31")),
        ("pageup", ("2025-12-25", "2026-01-31")),
        ("tab right", ("2026-01-25", "2026-02-01")),
        ("tab pagedown", ("2026-01-25", "2026-02-28")),
        ("tab pagedown pagedown", ("2026-01-25", "2026-03-31")),
        ("w down", ("2026-02-01", "2026-02-07")),
        ("w pagedown", ("2026-02-25", "2026-02-28")),
        ("w pagedown pageup", ("2026-01-25", "2026-01-31")),
        ("w right w left", ("2026-01-25", "2026-02-01")),
        ("down", ("2026-02-01", "2026-01-31")),
        ("down p", ("2026-02-01", "2026-02-07")),
        ("tab pageup p", ("2025-12-25", "2025-12-31")),
        ("r", ("{{today-49d}}", "2026-01-31")),
        ("w r", ("{{today-49d}}", "{{today-43d}}")),
        ("w r r", ("2026-01-25", "2026-01-31")),
        ("tab t", ("2026-01-25", "2026-03-15")),
        ("tab w t", ("2026-03-09", "2026-03-15")),
    ],
)
def test_keys_move_the_dates(keys: str, result: tuple[str, str]) -> None:
    dialog = PressedDateDialog(WINDOW, today=lambda: TODAY)
    for key in keys.split():
        dialog.press(key)
    assert dialog.values == result


async def test_enter_hands_the_moved_dates_back() -> None:
    host = Host(date_dialog(WINDOW))
    async with host.run_test() as pilot:
        await pilot.pause()
        await pilot.press("up", "tab", "down", "pagedown", "pageup", "enter")
        await pilot.pause()
    assert host.result == ("2026-01-18", "2026-02-07")


async def test_a_window_says_its_length_and_days() -> None:
    host = Host(date_dialog(WINDOW))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = host.text_of("days")
        assert "7 days, both inclusive" in text
        assert "from_date  2026-01-25  Sunday" in text
        assert "to_date  2026-01-31  Saturday" in text
        assert "[25]·26·" in host.text_of("month").replace("\n", "")
        assert "w Move both" in host.text_of("keys")
        await pilot.press("pagedown")
        assert "p moves the other date along" in host.text_of("remark")
        await pilot.press("pageup", "tab", "pagedown")
        assert "February 2026 has no day 31" in host.text_of("remark")
        await pilot.press("escape")
        await pilot.pause()
    assert host.result is None


async def test_days_that_follow_the_clock_stay_templates() -> None:
    dates = window("{{month_start}}", "{{today}}")
    host = Host(date_dialog(dates))
    async with host.run_test() as pilot:
        await pilot.pause()
        assert "{{today}} = 2026-03-15  Sunday" in host.text_of("days")
        await pilot.press("tab", "left", "ctrl+s")
        await pilot.pause()
    assert host.result == ("{{month_start}}", "{{today-1d}}")


async def test_one_date_stands_alone() -> None:
    dates = Dates("date", day("2026-03-01"), text="2026-03-01")
    host = Host(date_dialog(dates))
    async with host.run_test() as pilot:
        await pilot.pause()
        assert "w Move both" not in host.text_of("keys")
        await pilot.press("w", "p", "tab", "left", "enter")
        await pilot.pause()
    assert host.result == ("2026-02-28", "")


async def test_an_impossible_day_is_reported() -> None:
    dates = Dates("date", day("9999-12-31"), text="9999-12-31")
    host = Host(date_dialog(dates))
    async with host.run_test() as pilot:
        await pilot.pause()
        await pilot.press("right")
        assert "year 9999" in host.text_of("remark")
        await pilot.press("r")
        assert "99,999 days" in host.text_of("remark")
        await pilot.press("enter")
        await pilot.pause()
    assert host.result == ("9999-12-31", "")


@pytest.mark.parametrize("by", ["terminal", "clipboard"])
async def test_what_is_pasted_into_an_expression_is_one_line(by: str) -> None:
    app = Host(expression("a"))
    async with app.run_test() as pilot:
        await pilot.pause()
        pasted = " == 1\n  and\rb\u2028or c\r\n"
        if by == "terminal":
            app.post_message(events.Paste(pasted))
        else:
            app.copy_to_clipboard(pasted)
            await pilot.press("ctrl+v")
        await pilot.pause()
        await pilot.press("ctrl+s")
        assert app.result == "a== 1 and b or c"
