"""What a change shows is rendered, as Textual renders it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from mixtui.ui.compositor import SparingCompositor
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.screen import StyledOnce

SIZE = (60, 20)


class HostScreen(StyledOnce, Screen[None]):
    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="side"):
                yield Static("side\n" * 10, id="text")
            with Vertical():
                yield TextInput(id="field", compact=True)
                with Vertical(id="list"):
                    for number in range(12):
                        yield Static(f"row {number} " * 9)
        yield Static("over", id="over")


class Question(StyledOnce, ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("asked", id="asked")


class Host(App[None]):
    CSS = """
    #side { width: 20; border: round red; }
    #list { overflow-y: scroll; height: 8; }
    #list Static { width: 90; }
    #field { width: 12; border: none; height: 1; padding: 0; }
    #over { layer: above; offset: 15 3; width: 10; height: 4; background: blue; }
    Screen { layers: below above; }
    Question { align: center middle; }
    #asked { width: 30; height: 5; }
    """

    def get_default_screen(self) -> HostScreen:
        return HostScreen()


def painted(
    compositor: Compositor, regions: Iterable[Region]
) -> list[tuple[int, int, list[Any]]]:
    """The cells of a partial update."""
    compositor._dirty_regions = set(regions)
    update = compositor.render_partial_update()
    assert update is not None
    found = []
    for y, first, last in update.spans:
        x = 0
        cells: list[Any] = []
        for end, (x, strip) in zip(
            update.chop_ends[y], update.chops[y].items(), strict=True
        ):
            if strip is not None:
                cells[len(cells) :] = [(x, strip)] if x < last and end > first else []
        row = {
            x + column: (character, segment.style)
            for x, strip in cells
            for column, (character, segment) in enumerate(
                (character, segment) for segment in strip for character in segment.text
            )
        }
        found.append((y, first, [row.get(column) for column in range(first, last)]))
    return found


CHANGES = [
    [Region(21, 0, 12, 1)],
    [Region(0, 0, 60, 1), Region(30, 15, 3, 2)],
    [Region(10, 2, 10, 6)],
    [Region(20, 4, 39, 3), Region(59, 1, 1, 8)],
    [Region(0, 0, 60, 19)],
    [Region(16, 4, 2, 2)],
]


@pytest.mark.parametrize("changed", CHANGES, ids=str)
async def test_a_change_is_rendered_as_textual_renders_it(
    changed: list[Region],
) -> None:
    async with Host().run_test(size=SIZE) as pilot:
        ours = pilot.app.screen._compositor
        assert isinstance(ours, SparingCompositor)
        theirs = Compositor()
        theirs.reflow(pilot.app.screen, Size(*SIZE))
        cells = painted(ours, changed)
        assert cells == painted(theirs, changed)
        assert all(None not in row for _, _, row in cells)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Region]]:
    """The widgets that were rendered, and what of them."""
    rendered: list[tuple[str, Region]] = []
    render = Widget.render_lines

    def remember(widget: Widget, crop: Region) -> Any:
        rendered.append((widget.id or type(widget).__name__, crop))
        return render(widget, crop)

    monkeypatch.setattr(Widget, "render_lines", remember)
    return rendered


@pytest.mark.parametrize(
    ("changed", "widgets"),
    [
        ([Region(21, 0, 4, 1)], [("field", Region(0, 0, 12, 1))]),
        ([Region(16, 4, 2, 2)], [("over", Region(0, 1, 10, 2))]),
        (
            [Region(21, 0, 4, 1), Region(16, 4, 2, 2)],
            [("over", Region(0, 1, 10, 2)), ("field", Region(0, 0, 12, 1))],
        ),
    ],
    ids=str,
)
async def test_only_the_widget_in_front_and_the_changed_lines_are_rendered(
    changed: list[Region],
    widgets: list[tuple[str, Region]],
    rendered: list[tuple[str, Region]],
) -> None:
    async with Host().run_test(size=SIZE) as pilot:
        compositor = pilot.app.screen._compositor
        rendered.clear()
        painted(compositor, changed)
        assert rendered == widgets


async def test_a_change_in_a_dialog_does_not_render_the_screen_behind_it(
    rendered: list[tuple[str, Region]],
) -> None:
    async with Host().run_test(size=SIZE) as pilot:
        await pilot.app.push_screen(Question())
        await pilot.pause()
        region = pilot.app.screen.query_one("#asked").region
        rendered.clear()
        painted(pilot.app.screen._compositor, [region])
        assert [widget for widget, _ in rendered] == ["asked"]


async def test_letters_that_do_not_fit_in_a_field_arrange_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Host().run_test(size=SIZE) as pilot:
        await pilot.press(*"more than fits in")
        arranged: list[Widget] = []
        arrange = Compositor._arrange_root

        def remember(
            compositor: Compositor, root: Widget, *args: Any, **kwargs: Any
        ) -> Any:
            arranged.append(root)
            return arrange(compositor, root, *args, **kwargs)

        monkeypatch.setattr(Compositor, "_arrange_root", remember)
        await pilot.press(*" the field")
        assert pilot.app.screen.query_one("#field", TextInput).value.endswith(
            " the field"
        )
        assert arranged == []
