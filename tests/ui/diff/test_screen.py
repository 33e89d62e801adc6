from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace
from textual.app import App
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.actions import ACTIONS, Scope, in_scope
from mixtui.diff.comparison import ComparedSide, Comparison
from mixtui.ui.diff.screen import DiffScreen
from mixtui.ui.diff.text_diff import TextDiffView
from tests.ui.driver import press, screen_lines, wait_for_workers

OLD = {
    "status": "ok",
    "results": [{"$distinct_id": f"u{i}", "visits": i} for i in range(30)],
    "gone": True,
}
NEW = {
    "status": "ok",
    "results": [
        {"$distinct_id": "first", "visits": 9},
        *({"$distinct_id": f"u{i}", "visits": i + i // 10} for i in range(30)),
    ],
    "esc": "\x1b[31mred\u202e",
}


def side(body: object, **changes: Any) -> ComparedSide:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = ComparedSide(
        "today", "prod", "200 OK", "accepted", len(data), 0.2, lambda: data
    )
    return replace(made, **changes)


class Host(App[None]):
    """Shows a comparison."""

    def __init__(self, old: object = OLD, new: object = NEW) -> None:
        super().__init__()
        sides = [s if isinstance(s, ComparedSide) else side(s) for s in (old, new)]
        self.comparison = Comparison(*sides)
        self.copied: list[tuple[str, str]] = []
        self.closed = False

    def on_mount(self) -> None:
        screen = DiffScreen(self.comparison, lambda *what: self.copied.append(what))
        self.push_screen(screen, self.done)

    def done(self, result: None) -> None:
        self.closed = True


def lines(pilot: Pilot[None]) -> list[str]:
    """The lines of the screen, without the border."""
    return [line[1:-1].rstrip() for line in screen_lines(pilot.app)]


def shows(pilot: Pilot[None], *expected: str) -> bool:
    text = "\n".join(lines(pilot))
    return all(word in text for word in expected)


async def test_changes_are_listed_by_path_with_signs() -> None:
    app = Host()
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_workers(pilot)
        rows = [line.strip() for line in lines(pilot)]
        assert "- old  today · prod · 200 OK · accepted · 1.2 KB · 200 ms" in rows
        assert "2 added, 1 removed, 20 changed" in rows
        assert any(r.startswith("› + .results[0]  ") and '"first"' in r for r in rows)
        changed = next(r for r in rows if r.startswith("~ .results[11].visits"))
        assert changed.split() == [
            "~", ".results[11].visits", "10", "→", "11", "+1", "+10", "%",
        ]  # fmt: skip


async def test_the_row_under_the_cursor_is_shown_in_full() -> None:
    app = Host()
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_workers(pilot)
        await press(pilot, "j")
        assert shows(
            pilot, ".results[11].visits  +1  +10 %  was at .results[10].visits"
        )
        assert shows(pilot, "old  10", "new  11")
        await press(pilot, "G")
        assert shows(pilot, "› + .esc", "new  ")
        await press(pilot, "k")
        assert shows(pilot, "› - .gone", "old  true")


async def test_what_a_server_wrote_never_acts_on_the_terminal() -> None:
    app = Host({"a": 1}, {"\x1b[2J": "\x1b[31m", "b": "\u202e"})
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        for keys in ((), ("t",)):
            await press(pilot, *keys)
            text = "\n".join(lines(pilot))
            assert "\x1b" not in text
            assert "\u202e" not in text


async def test_t_shows_lines_and_paths_again() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_workers(pilot)
        await press(pilot, "t")
        assert shows(
            pilot, "@@ -2,6 +2,10 @@", "       7 +    },", "n Next", "t By path"
        )
        assert not shows(pilot, "f Filter")
        await press(pilot, "n")
        second = lines(pilot)
        await press(pilot, "N", "n")
        assert lines(pilot) == second
        await press(pilot, "G", "l", "pageup", "home")
        await press(pilot, "f", "p", "Y")
        assert app.copied == []
        await press(pilot, "y")
        text, what = app.copied[0]
        assert text.startswith('@@ -2,6 +2,10 @@\n   "status": "ok",\n')
        assert what == "diff"
        await press(pilot, "t")
        assert shows(pilot, "› + .results[0]")


async def test_a_filter_shows_paths_that_hold_every_word() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        await press(pilot, "f", *"VISITS 20")
        assert shows(pilot, "20 changed · 1 row shown", "› ~ .results[20].visits")
        await press(pilot, "enter", "p")
        assert app.copied == [(".results[20].visits", "path")]
        await press(pilot, "escape")
        assert not app.closed
        assert not shows(pilot, "shown")
        assert not app.screen.query_one(Input).display
        assert shows(pilot, "› ~ .results[20].visits")
        await press(pilot, "escape")
        assert app.closed


async def test_letters_are_typed_into_the_filter_and_command_nothing() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        await press(pilot, "f", *"tsypYjkg")
        assert app.screen.query_one(Input).value == "tsypYjkg"
        assert app.copied == []


async def test_changes_are_copied() -> None:
    app = Host({"a": 4, "b": "x"}, {"a": 5, "c": 1})
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        await press(pilot, "y", "p", "Y")
        assert app.copied == [
            ("~ .a: 4 → 5 (+1, +25 %)", "change"),
            (".a", "path"),
            ('~ .a: 4 → 5 (+1, +25 %)\n- .b: "x"\n+ .c: 1', "3 changes"),
        ]


async def test_a_long_value_is_cropped_and_copied_in_full() -> None:
    app = Host({"a": "x" * 9_000}, {"a": "y" * 9_000})
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_workers(pilot)
        assert shows(pilot, "x… → ", "y…")
        await press(pilot, "y")
        assert app.copied[0][0].count("x") == app.copied[0][0].count("y") == 9_000


async def test_the_sides_are_swapped() -> None:
    app = Host({"a": 4}, side({"a": 5}, when="yesterday"))
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        await press(pilot, "s")
        assert shows(pilot, "- old  yesterday", "5 → 4", "-1  -20 %")
        await press(pilot, "t", "s")
        assert shows(pilot, "- old  today", '   2 +  "a": 5')


async def test_status_and_headers_come_before_the_body() -> None:
    app = Host({"a": 4}, side({"a": 4}, status="500 Oh", outcome="server error"))
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        assert shows(pilot, "2 changed · Bodies are equal")
        assert shows(pilot, "› ~ status", "200 OK → 500 Oh")
        await press(pilot, "p")
        assert app.copied == []


async def test_nothing_differs() -> None:
    app = Host(b'{"a": 1.0}', b'{"a":1}')
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        assert shows(
            pilot, "Bodies are equal · 1 value equal but formatted differently"
        )
        await press(pilot, "y", "p", "Y", "j", "G", "pagedown", "f", "x", "escape")
        assert app.copied == []
        await press(pilot, "t", "n", "N")
        assert shows(pilot, "1 line added, 1 removed, in 1 place")


async def test_what_is_not_json_is_compared_as_text_with_a_sentence() -> None:
    app = Host({"a": 1}, b"<html>\n</html>")
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        assert shows(pilot, "The new body is not valid JSON", "   1 +<html>")
        await press(pilot, "t")
        assert shows(pilot, "The new body is not valid JSON")


async def test_a_body_that_is_gone_is_a_sentence() -> None:
    def load() -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    app = Host({"a": 1}, replace(side({}), load=load))
    async with app.run_test() as pilot:
        await wait_for_workers(pilot)
        assert shows(pilot, "Not compared", "can no longer be read")
        assert (
            lines(pilot).count(
                " A body can no longer be read: No such file or directory."
            )
            == 1
        )


async def test_leaving_stops_a_comparison_that_still_runs() -> None:
    started, left = threading.Event(), threading.Event()

    def load() -> bytes:
        started.set()
        left.wait(20)
        return b"{}"

    app = Host({"a": 1}, replace(side({}), load=load))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shows(pilot, "Comparing…")
        await pilot.press("escape")
        await pilot.pause()
        assert app.closed
        left.set()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_it_fits_the_screen(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        await wait_for_workers(pilot)
        region = app.screen.region
        # The values, then the texts, then the values with a filter.
        for keys in ((), ("t",), ("t", "f", "x")):
            await press(pilot, *keys)
            for widget in app.screen.query("*"):
                if widget.display and widget.region and widget.is_on_screen:
                    assert widget.region.offset >= Offset(0, 0)
                    assert widget.region.right <= region.right
                    assert widget.region.bottom <= region.bottom


def test_no_key_means_two_things_in_the_comparison() -> None:
    everywhere = [action for action in ACTIONS if action.scope is Scope.APP]
    for one, other in combinations([*in_scope(Scope.DIFF), *everywhere], 2):
        if Scope.DIFF in (one.scope, other.scope) and one.id != other.id:
            assert not set(one.keys) & set(other.keys), (one.id, other.id)


def test_every_action_has_its_method() -> None:
    homes: tuple[type, ...] = (DiffScreen, TextDiffView)
    for action in in_scope(Scope.DIFF):
        methods: list[Callable[[], None]] = [
            getattr(home, f"action_{action.name}")
            for home in homes
            if hasattr(home, f"action_{action.name}")
        ]
        assert methods, action.id
