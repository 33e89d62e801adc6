"""The smallest Textual HTTP client: the baseline, without any optimisation for size.

An Input, httpx in a worker, the entire body parsed, indented and displayed at once. It
is the reference that mixtui is compared with, so it stays deliberately naive.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tomllib
from pathlib import Path

import httpx
from rich.syntax import Syntax
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, Static, TextArea, Tree

VIEWS = ("static", "textarea", "none")
"""Syntax in a Static; a read-only TextArea; no view at all: an empty app."""


class FloorApp(App[None]):
    """An Input and a view of the response."""

    CSS = """
    Tree { width: 34; }
    #body, #area { height: 1fr; }
    """
    BINDINGS = [
        Binding("ctrl+l", "focus_url", priority=True),
        Binding("ctrl+r", "focus_body", priority=True),
        Binding("ctrl+g", "bottom", priority=True),
        Binding("ctrl+t", "top", priority=True),
        Binding("ctrl+q", "quit", priority=True),
    ]

    def __init__(self, view: str, collection: Path | None) -> None:
        super().__init__()
        self._view, self._collection = view, collection

    def compose(self) -> ComposeResult:
        """Yield the tree if there is a collection, the Input, the view, a status
        line.
        """
        with Horizontal():
            if self._collection:
                yield _tree(self._collection)
            with Vertical():
                yield Input(id="url")
                if self._view == "static":
                    with VerticalScroll(id="body"):
                        yield Static(id="text")
                elif self._view == "textarea":
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
        if self._view == "static":
            self.query_one("#text", Static).update(Syntax(text, "json"))
        elif self._view == "textarea":
            self.query_one("#area", TextArea).text = text
        status.update(f"{answer.status_code} {len(answer.content)} bytes")

    def _body(self) -> Widget:
        return self.query_one("#body" if self._view == "static" else "#area")

    def action_focus_url(self) -> None:
        self.query_one("#url").focus()

    def action_focus_body(self) -> None:
        self._body().focus()

    def action_bottom(self) -> None:
        body = self._body()
        if isinstance(body, TextArea):
            body.move_cursor(body.document.end)
        else:
            body.scroll_end(animate=False)

    def action_top(self) -> None:
        body = self._body()
        if isinstance(body, TextArea):
            body.move_cursor((0, 0))
        else:
            body.scroll_home(animate=False)


def _tree(collection: Path) -> Tree[None]:
    tree: Tree[None] = Tree("collection")
    tree.root.expand()
    for folder in sorted(path for path in collection.iterdir() if path.is_dir()):
        branch = tree.root.add(folder.name, expand=True)
        for path in sorted(folder.glob("*.toml")):
            data = tomllib.loads(path.read_text())
            branch.add_leaf(f"{data['method']} {data['name']}")
    return tree


def main() -> None:
    """Run the app."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--view", default="static", choices=VIEWS)
    parser.add_argument("--collection", type=Path)
    options = parser.parse_args()
    FloorApp(options.view, options.collection).run()


if __name__ == "__main__":
    main()
