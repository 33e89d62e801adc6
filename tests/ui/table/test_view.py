from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mixtui.actions import ACTIONS, Scope, in_scope
from mixtui.charts.model import Unit
from mixtui.document.document import Language
from mixtui.document.source import BytesSource
from mixtui.keymap import check_keys
from mixtui.tables.cells import json_cell
from mixtui.tables.finder import Body
from mixtui.tables.view import Sort
from mixtui.ui.table.layout import cell_text
from mixtui.ui.table.view import TableView
from mixtui.ui.themes import load_themes, shipped_folder
from mixtui.ui.widgets.field import TextInput
from tests.tables.bodies import json_body, text_body
from tests.ui.driver import OutputMeter, wait_for_workers

CITIES = ["Berlin", "São Paulo", "東京", "Zürich 🎉", None]
EVENTS = [
    {
        "event": ["Sign up", "Purchase"][n % 2],
        "properties": {
            "time": 1795392000 + n,
            "$city": CITIES[n % 5],
            "price": n * 7 % 10 / 4,
            "items": [n],
            "note": "[bold]not markup[/bold] \x1b[31m" + "long " * 20,
        },
    }
    for n in range(60)
]


class Host(App[None]):
    CSS = "TableView { border: round $primary; }"

    def __init__(self, body: Body | None) -> None:
        super().__init__()
        self.body = body
        self.table = TableView()
        self.copied: list[tuple[str, str]] = []
        self.opened: list[tuple[str, bytes]] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        for theme in load_themes(shipped_folder())[0].values():
            self.register_theme(theme)
        self.theme = "mixtui-dark"
        self.table.body = self.body
        self.table.grid.focus()

    def on_table_view_copy(self, message: TableView.Copy) -> None:
        self.copied.append((message.what, "".join(message.chunks)))

    def on_table_view_open_value(self, message: TableView.OpenValue) -> None:
        self.opened.append((message.path, message.text))

    def lines(self) -> list[str]:
        """The header and the rows on the screen."""
        height = self.table.grid.size.height
        return [self.table.grid.render_line(y).text.rstrip() for y in range(height)]

    def column(self) -> list[str]:
        """The first word of each row, behind its number."""
        return [line[4:].split("  ")[0] for line in self.lines()[1:]]

    def line(self, name: str) -> str:
        return str(self.table.query_one(f"#table-{name}").render()).strip()


def press(*keys: str) -> Callable[[Pilot[None]], Any]:
    async def pressed(pilot: Pilot[None]) -> None:
        await wait_for_workers(pilot)
        for key in keys:
            await pilot.press(key)
            await wait_for_workers(pilot)

    return pressed


async def test_records_are_rows_under_a_header_that_stays() -> None:
    app = Host(json_body({"results": EVENTS}))
    async with app.run_test(size=(78, 12)) as pilot:
        await wait_for_workers(pilot)
        assert app.lines()[0].split() == [
            "event",
            "time",
            "$city",
            "price",
            "items",
            "note",
        ]
        assert app.lines()[1].startswith(" 1▸ Sign up ")
        await pilot.press("G")
        assert app.lines()[0].split()[0] == "event"
        assert app.lines()[-1].startswith("60▸ Purchase")


@pytest.mark.parametrize(
    "keys",
    [
        ["j", "j", "l"],
        ["l", "s", "s", "j"],
        ["x", "x", "G"],
        ["f", *"purchase", "enter", "j"],
        ["t", "j"],
    ],
    ids=["a cursor", "a sort", "hidden columns", "a filter", "another table"],
)
async def test_a_body_is_looked_at_again_as_it_was_left(keys: list[str]) -> None:
    body = json_body({"results": EVENTS, "others": [{"a": 1}, {"a": 2}, {"a": 3}]})
    app = Host(body)
    async with app.run_test(size=(78, 12)) as pilot:
        await press(*keys)(pilot)
        left = app.lines(), app.line("detail"), app.line("status")
        app.table.body = json_body([{"b": n} for n in range(9)])
        await wait_for_workers(pilot)
        assert app.line("status") == "9 rows · ."
        app.table.body = body
        await wait_for_workers(pilot)
        assert (app.lines(), app.line("detail"), app.line("status")) == left


async def test_every_row_fills_the_width_whatever_its_characters() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(60, 14)) as pilot:
        await wait_for_workers(pilot)
        widths = {cell_len(app.table.grid.render_line(y).text) for y in range(8)}
        assert len(widths) == 1
        assert "\x1b" not in "".join(app.lines())


async def test_what_a_server_wrote_is_neither_markup_nor_an_escape() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(100, 12)) as pilot:
        await press("end")(pilot)
        assert "[bold]not markup[/bold] ␛[31" in app.lines()[1]
        assert app.lines()[1].endswith("…")
        assert app.line("detail").startswith(".[0].properties.note  [bold]not markup")


KEYS_AND_PLACES = [
    ("down", (1, 0)),
    ("j j k", (1, 0)),
    ("up left", (0, 0)),
    ("right l h", (0, 1)),
    ("end", (0, 5)),
    ("end right", (0, 5)),
    ("end home", (0, 0)),
    ("pagedown", (6, 0)),
    ("pagedown space pageup", (6, 0)),
    ("G", (59, 0)),
    ("G down", (59, 0)),
    ("G g", (0, 0)),
    ("ctrl+end ctrl+home", (0, 0)),
    ("pagedown G pageup", (53, 0)),
]


async def test_keys_move_the_cursor() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(78, 11)) as pilot:
        await wait_for_workers(pilot)
        grid = app.table.grid
        for keys, place in KEYS_AND_PLACES:
            grid.go_to(0, 0)
            await pilot.press(*keys.split())
            assert (grid.row, grid.column) == place, keys
            assert sum("▸" in line for line in app.lines()) == 1, keys


async def test_columns_scroll_beside_the_first_one() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(40, 10)) as pilot:
        await press("end")(pilot)
        header = app.lines()[0].split()
        assert header == ["event", "‹", "note"]
        await pilot.press("home", "right")
        assert app.lines()[0].split()[:2] == ["event", "time"]
        assert app.lines()[0].endswith("›")


async def test_a_column_is_made_wider_and_narrower() -> None:
    app = Host(json_body([{"a": "x" * 100, "b": 1}]))
    async with app.run_test(size=(78, 8)) as pilot:
        await wait_for_workers(pilot)
        before = app.lines()[1].index("1", 4)
        await pilot.press(">")
        assert app.lines()[1].index("1", 4) == before + 4
        await pilot.press(*"<<<<<<<<<<<<<<")
        assert app.lines()[1] == "1▸ xx…    1"


async def test_a_column_is_sorted_up_down_and_back_even_by_quick_keys() -> None:
    app = Host(json_body([{"n": n, "s": "x"} for n in (3, 1, 2)]))
    async with app.run_test(size=(78, 8)) as pilot:
        await wait_for_workers(pilot)
        seen = []
        for _ in range(3):
            await press("s")(pilot)
            rows = [line.split()[1] for line in app.lines()[1:4]]
            seen.append((app.lines()[0].strip().split("  ")[0], rows))
        assert seen == [
            ("n ↑", ["1", "2", "3"]),
            ("n ↓", ["3", "2", "1"]),
            ("n", ["3", "1", "2"]),
        ]
        await pilot.press("s", "s")
        await wait_for_workers(pilot)
        assert app.line("status") == "3 rows · sorted by n ↓ · ."
        assert [row.split()[1] for row in app.lines()[1:4]] == ["3", "2", "1"]


async def test_a_filter_acts_while_it_is_typed_and_letters_are_not_commands() -> None:
    app = Host(json_body({"results": EVENTS}))
    async with app.run_test(size=(78, 14)) as pilot:
        await press("f", *"purchase")(pilot)
        assert isinstance(app.focused, TextInput)
        status = "30 of 60 rows match purchase · .results"
        assert app.line("status") == status
        await press("enter")(pilot)
        assert app.focused is app.table.grid
        assert set(app.column()) == {"Purchase"}
        await press("s", "s")(pilot)
        assert app.line("status") == (
            "30 of 60 rows match purchase · sorted by event ↓ · .results"
        )
        await press("escape")(pilot)
        assert app.line("status") == "60 rows · sorted by event ↓ · .results"


async def test_escape_leaves_the_filter_and_removes_it() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(78, 14)) as pilot:
        await press("f", *"nothing like it")(pilot)
        assert "No matching rows. Press esc to show all." in app.lines()[1]
        await press("escape")(pilot)
        assert app.focused is app.table.grid
        assert app.line("status") == "60 rows · ."
        assert app.table.check_action("stop", ()) is False


async def test_columns_are_hidden_and_shown_again_but_never_the_last() -> None:
    app = Host(json_body([{"a": 1, "b": 2}]))
    async with app.run_test(size=(78, 8)) as pilot:
        await press("x", "x")(pilot)
        assert app.lines()[0].split() == ["b"]
        assert app.line("status") == "1 row · 1 column hidden · ."
        await press("u")(pilot)
        assert app.lines()[0].split() == ["a", "b"]


async def test_another_list_of_the_body_is_a_key_away() -> None:
    app = Host(json_body({"one": [{"a": 1}], "two": [{"b": 1}] * 2, "n": 0}))
    async with app.run_test(size=(78, 8)) as pilot:
        await wait_for_workers(pilot)
        assert app.line("status") == "2 rows · .two · table 1 of 2"
        await press("t")(pilot)
        assert app.line("status") == "1 row · .one · table 2 of 2"
        await press("t")(pilot)
        assert app.lines()[0].split() == ["b"]


async def test_cells_rows_tables_and_paths_are_copied() -> None:
    rows = [{"a": "x\ty", "b": {"c": [1, 2]}}, {"a": 'q"', "b": None}]
    app = Host(json_body({"results": rows}))
    async with app.run_test(size=(78, 8)) as pilot:
        await press("y", "Y", "right", "y", "p", "c", "C")(pilot)
        assert app.copied == [
            ("Cell a", "x\ty"),
            ("row as TSV", 'a\tb\nx y\t{"c":[1,2]}\n'),
            ("Cell b", '{"c":[1,2]}'),
            ("path", ".results[0].b"),
            ("2 rows as TSV", 'a\tb\nx y\t{"c":[1,2]}\nq"\t\n'),
            ("2 rows as CSV", 'a,b\r\nx\ty,"{""c"":[1,2]}"\r\n"q""",\r\n'),
        ]


async def test_enter_opens_the_nested_value_or_the_record() -> None:
    app = Host(text_body(json.dumps(EVENTS[0]).encode()))
    async with app.run_test(size=(78, 8)) as pilot:
        await press("enter", "right", "right", "right", "right", "enter")(pilot)
        (record, value) = app.opened
        assert record == (".", json.dumps(EVENTS[0]).encode())
        assert value == (".properties.items", b"[0]")


async def test_the_line_below_says_path_value_and_date() -> None:
    app = Host(json_body({"results": EVENTS}))
    async with app.run_test(size=(78, 8)) as pilot:
        await press("right")(pilot)
        assert app.line("detail") == (
            ".results[0].properties.time  1795392000  2026-11-23 00:00:00 UTC"
        )


async def test_rows_are_added_while_the_body_comes() -> None:
    body = text_body(b'{"a":1}\n{"a":', Language.JSON_LINES)
    body.complete = False
    app = Host(body)
    async with app.run_test(size=(78, 10)) as pilot:
        await wait_for_workers(pilot)
        assert app.line("status") == "1 row · ."
        await press("s")(pilot)
        longer = text_body(b'{"a":1}\n{"a":0}\n{"a":-1,"b":2}')
        body.source.__dict__.update(longer.source.__dict__)
        body.complete = True
        app.table.follow()
        await wait_for_workers(pilot)
        assert app.line("status") == "3 rows · sorted by a ↑ · ."
        assert app.lines()[0].split() == ["a", "↑", "b"]
        assert [line.split()[1] for line in app.lines()[1:4]] == ["-1", "0", "1"]


async def test_the_best_table_replaces_the_first_one_found() -> None:
    days = {f"2026-11-{day:02}": day for day in range(1, 31)}
    body = json_body({"data": {"series": [*days], "values": {"A": days}}}, size=100)
    body.complete = False
    whole, body.layout.text = body.layout.text, body.layout.text[:300]
    app = Host(body)
    async with app.run_test(size=(78, 10)) as pilot:
        await wait_for_workers(pilot)
        assert ".data.series" in app.line("status")
        body.complete, body.layout.text = True, whole
        app.table.follow()
        app.table.follow()
        await wait_for_workers(pilot)
        assert app.line("status") == "30 rows · .data.values · table 1 of 2"
        assert app.lines()[1].split() == ["1▸", "2026-11-01", "1"]


async def test_long_work_shows_how_far_it_is_and_escape_stops_it() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(78, 10)) as pilot:
        await wait_for_workers(pilot)
        app.table.order_rows("sorting", Sort(("event",)), "")
        assert app.line("status").startswith("sorting 0% · esc Stop · 60 rows")
        app.table.action_stop()
        await wait_for_workers(pilot)
        assert app.line("status") == "60 rows · ."


async def test_a_body_that_cannot_be_read_is_reported() -> None:
    class Broken(BytesSource):
        def read(self, start: int, end: int) -> bytes:
            raise OSError(5, "Input/output error")

    body = text_body(b'{"a":1}')
    body.source = Broken(b'{"a":1}')
    app = Host(body)
    async with app.run_test(size=(78, 10)) as pilot:
        await wait_for_workers(pilot)
        assert "Cannot read the body: Input/output error." in app.lines()[1]


async def test_without_records_it_says_so_and_no_key_harms() -> None:
    app = Host(None)
    async with app.run_test(size=(78, 8)) as pilot:
        keys = [
            key for action in in_scope(Scope.TABLE) for key in action.keys if key != "f"
        ]
        for body in (None, json_body({"status": "ok"}), json_body(1)):
            app.table.body = body
            await press(*keys, "escape")(pilot)
            text = "No records in this response."
            assert (text in "".join(app.lines())) is (body is not None)
            assert app.copied == app.opened == []


async def test_another_body_starts_at_its_top() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(78, 12)) as pilot:
        await press("G", "end", "s")(pilot)
        app.table.body = json_body([{"z": 1}])
        await wait_for_workers(pilot)
        assert app.lines()[0].split() == ["z"]
        assert app.line("status") == "1 row · ."


async def test_only_rows_on_the_screen_are_read() -> None:
    app = Host(text_body(b'{"a":1}\n' * 5000))
    async with app.run_test(size=(78, 12)) as pilot:
        await wait_for_workers(pilot)
        table = app.table.tables[0]
        read: list[int] = []
        text = table.records.text

        def counted(number: int) -> bytes:
            read.append(number)
            return text(number)

        table.records.text = counted
        await pilot.press("G", "pageup")
        await pilot.pause()
        assert read
        assert len(set(read)) < 30


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (b"1234567", None, "1234567"),
        (b"1234567", Unit.NUMBER, "1,234,567"),
        (b"-1234.50", Unit.NUMBER, "-1,234.50"),
        (b"999", Unit.NUMBER, "999"),
        (b"86.54545454545455", Unit.NUMBER, "86.54545454545455"),
        (b"12345e400", Unit.NUMBER, "12,345e400"),
        (b"0.41379", Unit.FRACTION, "41.4 %"),
        (b"55312.96", Unit.SECONDS, "15 h 22 min"),
        (b'"1234"', Unit.NUMBER, "1234"),
        (b"null", Unit.FRACTION, "null"),
    ],
)
def test_a_figure_is_shown_in_its_unit_and_an_id_as_it_is_written(
    number: bytes, unit: Unit | None, shown: str
) -> None:
    assert cell_text(json_cell(number), unit) == shown


async def test_a_copied_figure_is_exact() -> None:
    days = {"2026-11-01": 12345, "2026-11-02": 1}
    app = Host(json_body({"data": {"values": {"Sign up": days}}}))
    async with app.run_test(size=(78, 12)) as pilot:
        await wait_for_workers(pilot)
        assert app.lines()[1].endswith("12,345")
        await press("right", "y", "c")(pilot)
    assert [text for _, text in app.copied] == [
        "12345",
        "date\tSign up\n2026-11-01\t12345\n2026-11-02\t1\n",
    ]


async def test_the_mouse_moves_the_cursor_sorts_and_opens() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(78, 12)) as pilot:
        await wait_for_workers(pilot)
        grid = app.table.grid
        await pilot.click(grid, offset=(20, 3))
        assert (grid.row, grid.column) == (2, 1)
        await pilot.click(grid, offset=(20, 0))
        await wait_for_workers(pilot)
        assert app.line("status") == "60 rows · sorted by time ↑ · ."
        await pilot.click(grid, offset=(6, 2), times=2)
        await wait_for_workers(pilot)
        assert app.opened[0][0] == ".[1]"


async def test_moving_the_cursor_writes_two_rows_only() -> None:
    app = Host(json_body(EVENTS))
    async with app.run_test(size=(78, 12)) as pilot:
        await wait_for_workers(pilot)
        top = app.table.grid.region.y
        meter = OutputMeter(app)
        await pilot.press("down")
        await pilot.pause()
        assert {row - top for row in meter.rows} >= {1, 2}
        assert not {row - top for row in meter.rows} & {0, 3, 4, 5, 6}


def test_keys_clash_with_no_other() -> None:
    others = [action for action in ACTIONS if action.scope is not Scope.TABLE]
    every = {action.id: list(action.keys) for action in in_scope(Scope.TABLE)}
    assert check_keys(every, [*others, *in_scope(Scope.TABLE)])[1] == ()


def test_the_screen_looks_as_it_did(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await press("right", "right", "right", "s", "down")(pilot)

    app = Host(json_body({"results": EVENTS}))
    assert snap_compare(app, terminal_size=(80, 14), run_before=before)
