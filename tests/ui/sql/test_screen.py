"""The screen of SQL runs a query of files, and shows its rows as a response is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from mixtui.jobs import duckdb_session
from mixtui.storage.queries import QueryStore
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.sql import screen as screen_module
from mixtui.ui.sql.path import QueryPathDialog
from mixtui.ui.sql.screen import SqlScreen
from tests.jobs.mixpanel import event_line
from tests.ui.driver import screen_text, type_text, wait_until

pytest.importorskip("duckdb")
ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "jan.ndjson"
    lines = [event_line(n, plan="pro" if n % 3 else "free") for n in range(9)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


class Host(OrderedInputApp[None]):
    def __init__(self, screen: SqlScreen) -> None:
        super().__init__()
        self.sql = screen

    def on_mount(self) -> None:
        self.push_screen(self.sql)


@asynccontextmanager
async def opened(
    file: Path, *, width: int = 120, height: int = 40
) -> AsyncIterator[tuple[Pilot[Any], SqlScreen]]:
    """Open a file whose folder is the state folder, too, and wait until it is read."""
    screen = SqlScreen([file.name], file.parent, file.parent)
    async with Host(screen).run_test(size=(width, height)) as pilot:
        await wait_until(pilot, lambda: screen.is_mounted and screen._is_loaded)
        await wait_until(pilot, lambda: screen._token is None)
        yield pilot, screen


async def see(pilot: Pilot[Any], text: str) -> None:
    await wait_until(pilot, lambda: text in screen_text(pilot.app))


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24)])
async def test_a_query_to_start_from_runs_as_it_is(
    export: Path, width: int, height: int
) -> None:
    async with opened(export, width=width, height=height) as (pilot, screen):
        await see(pilot, "Columns of events: event, time, distinct_id, $insert_id")
        assert "GROUP BY day" in screen.area.text
        await pilot.press("f5")
        await see(pilot, "1 row in")
        await see(pilot, "2025-06-15")
        assert screen.area.has_focus


async def test_the_rows_are_a_table_a_chart_and_json(export: Path) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all(
            "SELECT plan, count(*) AS n FROM events GROUP BY plan ORDER BY n DESC"
        )
        await pilot.press("ctrl+r")
        await see(pilot, "2 rows in")
        await see(pilot, "Chart 1")
        await wait_until(pilot, lambda: screen.result.table.grid.view is not None)
        await pilot.press("tab", "right")
        await wait_until(pilot, lambda: screen.result.chart.chart is not None)
        assert screen.result.chart.chart is not None
        assert screen.result.chart.chart.title == "n"
        await pilot.press("right")
        await see(pilot, '{"plan":"pro","n":6}')
        await pilot.press("tab")
        assert screen.result.body.view.has_focus


async def test_rows_are_copied_with_the_keys_of_a_table(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("SELECT 1 AS a, 'x' AS b")
        await pilot.press("f5")
        await wait_until(pilot, lambda: screen.result.table.grid.view is not None)
        await pilot.press("tab", "tab")
        assert screen.result.table.grid.has_focus
        assert "Copy cell" in screen_text(pilot.app)
        await pilot.press("C")
        await wait_until(pilot, lambda: bool(pilot.app.clipboard))
    assert pilot.app.clipboard == "a,b\r\n1,x\r\n"


async def test_a_mistake_is_said_and_marked_until_something_is_typed(
    export: Path,
) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("SELECT nope\nFROM events")
        await pilot.press("f5")
        await see(pilot, 'DuckDB: line 1, column 8: Referenced column "nope"')
        assert screen.area.mistake == (1, 8)
        assert screen.note.has_class("-error")
        await pilot.press("x")
        assert screen.area.mistake is None
        await see(pilot, "Columns of events")


async def test_escape_stops_a_query_and_then_goes_back(export: Path) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all(ENDLESS)
        await pilot.press("f5")
        await see(pilot, "Running…")
        await pilot.press("f5")
        await see(pilot, "A query is running; esc stops it.")
        await pilot.press("escape")
        await see(pilot, "Stopped.")
        screen.area.replace_all("SELECT 7 AS seven")
        await pilot.press("f5")
        await see(pilot, "1 row in")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not screen.is_attached)


async def test_a_query_that_runs_ends_with_the_screen(export: Path) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all(ENDLESS)
        await pilot.press("f5")
        await see(pilot, "Running…")
    assert screen._files._query is None
    assert not screen._files._lock.locked()


async def test_what_is_typed_is_there_again(export: Path) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("")
        await type_text(pilot, "SELECT 42")
    assert QueryStore(export.parent).load([str(export)]) == "SELECT 42"
    async with opened(export) as (pilot, screen):
        assert screen.area.text == "SELECT 42"


async def test_what_is_typed_is_stored_when_the_app_is_ended_from_outside(
    export: Path,
) -> None:
    async with opened(export) as (_, screen):
        screen.area.replace_all("SELECT 43")
        await wait_until(_, lambda: screen._text == "SELECT 43")
        await screen.store_typed()
        assert QueryStore(export.parent).load([str(export)]) == "SELECT 43"


async def test_an_example_replaces_the_query_and_ctrl_z_brings_it_back(
    export: Path,
) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("SELECT 1")
        await pilot.press("f12")
        await see(pilot, "Top events")
        await pilot.press("3")
        await wait_until(pilot, lambda: "LIMIT 20" in screen.area.text)
        assert screen.area.has_focus
        await pilot.press("ctrl+z")
        assert screen.area.text == "SELECT 1"


async def test_a_query_asked_for_while_the_files_are_read_runs_afterwards(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    may_read = threading.Event()
    columns = screen_module.QueryFiles.columns

    def slow(files: Any, token: Any) -> Any:
        may_read.wait()
        return columns(files, token)

    monkeypatch.setattr(screen_module.QueryFiles, "columns", slow)
    QueryStore(export.parent).store([str(export)], "SELECT 5 AS five")
    screen = SqlScreen([export.name], export.parent, export.parent)
    async with Host(screen).run_test(size=(120, 40)) as pilot:
        await see(pilot, "Reading jan.ndjson…")
        await pilot.press("f5")
        await see(pilot, "The query runs when the files are read")
        may_read.set()
        await see(pilot, "1 row in")


async def test_a_file_that_has_changed_is_read_anew(export: Path) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("SELECT count(*) AS n, max(extra) AS x FROM events")
        export.write_bytes(event_line(1, extra="new") + b"\n")
        await pilot.press("f5")
        await see(pilot, "new")


async def test_more_rows_than_are_shown_are_said(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (screen_module, screen_module.QueryFiles.answer.__globals__):
        if isinstance(module, dict):
            monkeypatch.setitem(module, "MAX_ROWS", 5)
        else:
            monkeypatch.setattr(module, "MAX_ROWS", 5)
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("FROM events")
        await pilot.press("f5")
        await see(pilot, "The first 5 rows in")
        await wait_until(pilot, lambda: screen.result.table.grid.view is not None)
        view = screen.result.table.grid.view
        assert view is not None
        assert view.table.row_count == 5


async def test_a_query_without_rows_says_so(export: Path) -> None:
    async with opened(export) as (pilot, screen):
        screen.area.replace_all("SELECT * FROM events WHERE event = 'nothing'")
        await pilot.press("f5")
        await see(pilot, "0 rows in")
        await see(pilot, "The query gave no rows.")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone.ndjson", "The file gone.ndjson does not exist."),
        ("s3://bucket/a.ndjson", "A query reads only files of this machine"),
    ],
)
async def test_what_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, name: str, sentence: str
) -> None:
    screen = SqlScreen([name], tmp_path, tmp_path)
    async with Host(screen).run_test(size=(120, 40)) as pilot:
        await see(pilot, sentence)
        await pilot.press("f5")
        await see(pilot, "Enter a query.")


async def test_without_duckdb_it_says_what_to_install(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(duckdb_session, "import_module", refuse)
    async with opened(export) as (pilot, _):
        await see(pilot, "A query needs DuckDB: install mixtui[data] to use it.")


async def test_the_path_of_a_file_is_asked_for(tmp_path: Path) -> None:
    chosen: list[str | None] = []
    (tmp_path / "jan.ndjson").write_text("")

    class Asking(OrderedInputApp[None]):
        def on_mount(self) -> None:
            self.push_screen(QueryPathDialog(), chosen.append)

    async with Asking().run_test() as pilot:
        await pilot.press("enter")
        await see(pilot, "Enter the path to a file.")
        await type_text(pilot, f"{tmp_path}/ja")
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: bool(chosen))
    assert chosen == [f"{tmp_path}/jan.ndjson"]
