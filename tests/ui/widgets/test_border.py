from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.geometry import Region
from textual.widgets import Static

from mixtui.ui.widgets.border import set_border_subtitle


class Host(App[None]):
    CSS = "#box { border: round red; width: 30; height: 8; padding: 1 2; }"

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static("inside")


async def test_a_text_in_the_border_paints_its_line_only() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        box = app.query_one("#box")
        assert not box._repaint_regions
        set_border_subtitle(box, "line 1 of [9]")
        assert box._repaint_regions == {Region(0, 7, 30, 1)}
        await pilot.pause()
        row = app.screen._compositor.render_strips()[7].text
        assert row.rstrip().endswith(" line 1 of [9] ─╯")
        set_border_subtitle(box, "line 1 of [9]")
        assert not box._repaint_regions
        set_border_subtitle(box, "")
        await pilot.pause()
        assert app.screen._compositor.render_strips()[7].text.strip() == f"╰{'─' * 28}╯"
