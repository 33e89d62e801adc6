"""No text ends without “…” where it is cut, and no error before its remedy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Checkbox, Static

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import NO_ENVIRONMENT, Environments
from mixtui.session import Session
from mixtui.storage.location import Location
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.dialogs.imports import ImportPathDialog
from mixtui.ui.dialogs.location import LocationDialog
from mixtui.ui.dialogs.saving import SaveDialog
from mixtui.ui.environments.draft import EnvironmentDraft
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.request.url import ResolvedLine
from mixtui.ui.widgets.fitted import FittedText
from mixtui.ui.widgets.tabs import TabBar
from tests.ui.app import main, make_app, settled, show_draft
from tests.ui.driver import widget_lines

SIZES = [(80, 24), (100, 30), (120, 40), (200, 50)]
LONG = "a-very-long-name-of-a-path-that-nobody-types-twice"
DRAFT = Draft(
    name="Weekly sign-ups",
    method=Method.POST,
    api=Api.INGESTION,
    url=f"/import?strict=1&{LONG}={LONG}",
    query=(Pair("project_id", "1"), Pair(LONG, LONG)),
    headers=(Pair("X-Trace", "{{uuid}}"),),
    body=Body(BodyType.JSON, f'[{{"event": "{LONG}", "properties": {{"time" 1}}}}]'),
)


def shown_texts(app: App[Any]) -> Iterator[tuple[Widget, str, list[str]]]:
    """Yield each widget of text with its whole text, and the lines on the terminal."""
    compositor = app.screen._compositor
    strips = compositor.render_strips()
    for widget, (region, clip) in compositor.visible_widgets.items():
        area = region.intersection(clip)
        if not area or (area.height < region.height and is_scrolled(widget)):
            continue
        lines = [
            strips[y].crop(area.x, area.right).text for y in range(area.y, area.bottom)
        ]
        match widget:
            case FittedText():
                yield widget, widget._whole.plain, lines
            case TabBar():
                tabs = [f"{tab.label} {tab.note}" for tab in widget._tabs]
                yield widget, " ".join(tabs), lines
            case Static() | Checkbox() | TopBar():
                yield widget, getattr(widget.render(), "plain", ""), lines


def is_scrolled(widget: Widget) -> bool:
    """Whether more of a widget can be scrolled into sight."""
    return any(
        isinstance(each, Widget) and each.allow_vertical_scroll
        for each in widget.ancestors
    )


def cut_texts(app: App[Any]) -> list[str]:
    """What is cut without a mark."""
    return [
        f"{widget!r}: {text!r} is shown as {lines}"
        for widget, text, lines in shown_texts(app)
        if _letters(text) not in _letters("".join(lines))
        and not any(line.rstrip().endswith("…") for line in lines)
    ]


def _letters(text: str) -> str:
    return "".join(text.split())


async def no_environment(pilot: Pilot[int]) -> None:
    def without(session: Session) -> Session:
        return replace(
            session, environments=Environments((), ""), environment=NO_ENVIRONMENT
        )

    main(pilot).session = without(main(pilot).session)
    await show_draft(pilot, replace(DRAFT, api=Api.QUERY, url="/query/events"), "auth")


def tab(name: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def show(pilot: Pilot[int]) -> None:
        await show_draft(pilot, DRAFT, name)
        await main(pilot).request_pane.hint_line.check_now()

    return show


async def response(pilot: Pilot[int]) -> None:
    draft = Draft(url="/query/events", query=(Pair("event", '["a"]'),))
    await show_draft(pilot, draft)
    await pilot.press("f5")
    await settled(pilot)


async def failure(pilot: Pilot[int]) -> None:
    await show_draft(pilot, replace(DRAFT, url="/nowhere/{x}"))
    await pilot.press("f5")
    await settled(pilot)


def dialog(make: Callable[[Path], Any]) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def show(pilot: Pilot[int]) -> None:
        screen = main(pilot)
        pilot.app.push_screen(make(screen.session.config))
        await pilot.pause()

    return show


def environment_form(config: Path) -> EnvironmentForm:
    from mixtui.storage.environment_store import FileEnvironmentStore

    store = FileEnvironmentStore(config, config, {}, ())
    return EnvironmentForm(
        store, EnvironmentDraft(), old=None, used_names=(), notice=LONG * 20
    )


def key(name: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def show(pilot: Pilot[int]) -> None:
        main(pilot).set_focus(main(pilot).request_pane.tab_bar)
        await pilot.press(name)
        await pilot.pause()
        assert len(pilot.app.screen_stack) > 1, name

    return show


DIALOGS = {
    "environment": environment_form,
    "location": lambda path: LocationDialog(
        "Save request", Location(("Team",), "x"), ("Team",), path
    ),
    "save": lambda path: SaveDialog(f"{LONG}.json", shown="formatted"),
    "import": lambda path: ImportPathDialog(lambda path: pytest.fail("read")),
    "confirm": lambda path: ConfirmDialog(f"Delete {LONG * 4}?", dangerous=True),
}
SCREENS = ("f1", "f3", "f9", "ctrl+t", "ctrl+g")
STATES: dict[str, Callable[[Pilot[int]], Awaitable[None]]] = {
    **{name: tab(name) for name in ("query", "headers", "body", "auth", "options")},
    "response": response,
    "failure": failure,
    **{name: dialog(make) for name, make in DIALOGS.items()},
    **{name: key(name) for name in SCREENS},
    "no environment": no_environment,
}


def refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(400, json={"error": f"{LONG}: " + "this is wrong. " * 60})


@pytest.mark.parametrize("size", SIZES)
async def test_no_text_is_cut_without_a_mark(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with make_app(tmp_path, refuse).run_test(size=size) as pilot:
        await pilot.pause()
        for name, show in STATES.items():
            await show(pilot)
            await pilot.pause()
            assert not cut_texts(pilot.app), name
            if name in SCREENS:
                await pilot.press("escape")
                await pilot.pause()
                assert len(pilot.app.screen_stack) == 1, name
            if name in DIALOGS:
                hints = str(pilot.app.screen.query(".hints").last(Static).render())
                assert any(
                    hints in line for _, _, ls in shown_texts(pilot.app) for line in ls
                )
                pilot.app.pop_screen()
                await pilot.pause()


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_what_is_wrong_and_the_remedy_stand_under_the_url(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with make_app(tmp_path).run_test(size=size) as pilot:
        await no_environment(pilot)
        await pilot.pause()
        lines = widget_lines(main(pilot).query_one(ResolvedLine))
        problem = str(main(pilot).request_pane.previewed.preview.problem)
        assert "f9" in problem
        shown = _letters("".join(lines))
        assert _letters(problem) in shown or shown.endswith("…")
        assert "f9" in shown


async def test_labels_of_options_are_whole_at_80_columns(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        await show_draft(pilot, DRAFT, "options")
        await pilot.pause()
        boxes = main(pilot).query(Checkbox)
        assert boxes
        for box in boxes:
            assert str(box.label) in widget_lines(box)[0]


async def test_the_active_tab_is_in_sight_where_not_all_fit(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        bar = main(pilot).request_pane.tab_bar
        for tab_id in bar.ids:
            await main(pilot).request_pane.show_tab(tab_id)
            await pilot.pause()
            (line,) = widget_lines(bar)
            label = next(tab.label for tab in bar._tabs if tab.id == tab_id)
            assert label in line
            assert line.startswith("…") or line.endswith("…")
            region = bar.region_of(tab_id)
            x = region.x - bar.region.x
            assert label in line[x : x + region.width]
