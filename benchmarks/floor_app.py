"""The smallest Textual HTTP client: the baseline, without any optimisation for size.

An Input, httpx in a worker, the entire body parsed, indented and displayed at once. It
is the reference that mixtui is compared with, so it stays deliberately naive.
"""

from __future__ import annotations

import argparse
import contextlib
import json

import httpx
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Input, Label, TextArea

VIEWS = ("textarea", "none")
"""A read-only TextArea; no view at all: an empty app."""


class FloorApp(App[None]):
    """An Input and a view of the response."""

    CSS = "#area { height: 1fr; }"
    BINDINGS = [
        Binding("ctrl+l", "focus_url", priority=True),
        Binding("ctrl+r", "focus_body", priority=True),
        Binding("ctrl+g", "bottom", priority=True),
        Binding("ctrl+t", "top", priority=True),
        Binding("ctrl+q", "quit", priority=True),
    ]

    def __init__(self, view: str) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        """Yield the Input, the view, a status line."""
        yield Input(id="url")
        if self._view == "textarea":
            yield TextArea(id="area", read_only=True, soft_wrap=False)
        yield Label("ready", id="status")

    def on_mount(self) -> None:
        """Focus the Input."""
        self.query_one("#url").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Send the request."""
        self.run_worker(self._fetch(event.value), exclusive=True)

    async def _fetch(self, url: str) -> None:
        status = self.query_one("#status", Label)
        status.update("sending")
        async with httpx.AsyncClient(timeout=None, trust_env=False) as client:
            answer = await client.get(url)
        text = answer.text
        with contextlib.suppress(ValueError):  # not JSON: displayed unchanged
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        if self._view == "textarea":
            self._area().text = text
        status.update(f"{answer.status_code} {len(answer.content)} bytes")

    def _area(self) -> TextArea:
        return self.query_one("#area", TextArea)

    def action_focus_url(self) -> None:
        self.query_one("#url").focus()

    def action_focus_body(self) -> None:
        self._area().focus()

    def action_bottom(self) -> None:
        self._area().move_cursor(self._area().document.end)

    def action_top(self) -> None:
        self._area().move_cursor((0, 0))


def main() -> None:
    """Run the app."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--view", default="textarea", choices=VIEWS)
    options = parser.parse_args()
    FloorApp(options.view).run()


if __name__ == "__main__":
    main()
