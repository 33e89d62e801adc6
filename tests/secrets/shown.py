"""Which screens and tabs there are, and which of them a drive shows."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from textual.events import ScreenResume
from textual.screen import Screen

import mixtui.ui
from mixtui.ui.widgets.tabs import TabBar

_UI = Path(mixtui.ui.__file__).parent


def every_screen() -> frozenset[str]:
    """Return the names of all screens and dialogs: what is created, or nothing is based on."""
    texts = [(name, path.read_text("utf-8")) for name, path in _files()]
    for name, _ in texts:
        import_module(name)
    created = {each for _, text in texts for each in _CALL.findall(text)}
    found: list[type] = [Screen]
    for each in found:
        found += each.__subclasses__()
    own = {each for each in found if each.__module__.startswith("mixtui.")}
    return frozenset(
        each.__name__
        for each in own
        if each.__name__ in created or not own.intersection(each.__subclasses__())
    )


_CALL = re.compile(r"(?<!class )\b([A-Z]\w+)(?:\[[^\]]*\])?\(")


def _files() -> Iterator[tuple[str, Path]]:
    """Yield the name of each module of the UI, and its file."""
    for path in sorted(_UI.rglob("*.py")):
        parts = path.relative_to(_UI).with_suffix("").parts
        yield ".".join(("mixtui.ui", *parts)).removesuffix(".__init__"), path


def every_tab() -> frozenset[str]:
    """Return all tabs of all bars of tabs, each with the first one of its bar."""
    tabs: set[str] = set()
    for name, path in _files():
        text = path.read_text("utf-8")
        if "TabBar(" not in text or name in NO_SECRETS:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "TabBar":
                bar = eval(ast.unparse(node.args[0]), vars(import_module(name)))
                tabs |= {f"{bar[0].id}…{each.id}" for each in bar}
    return frozenset(tabs)


NO_SECRETS = {"mixtui.ui.help.screen": "its pages are those of the documentation"}
"""Modules whose tabs need not be shown, and why."""


def record_shown(tell: Callable[[str], object], patch: Callable[..., object]) -> None:
    """Tell the name of each screen that comes to the front, and of each tab that is chosen.

    Args:
        tell: Called once it is drawn.
        patch: As `pytest.MonkeyPatch.setattr`.
    """
    resume, watch = Screen._on_screen_resume, TabBar.watch_active

    def on_resume(screen: Screen[Any], event: ScreenResume) -> None:
        resume(screen, event)
        screen.call_after_refresh(tell, type(screen).__name__)

    def on_active(bar: TabBar, active: str) -> None:
        watch(bar, active)
        bar.call_after_refresh(tell, f"{bar.ids[0]}…{active}")

    patch(Screen, "_on_screen_resume", on_resume)
    patch(TabBar, "watch_active", on_active)


def main() -> int:
    """Run mixtui, and write to a file what it shows: the file comes before its arguments."""
    from mixtui.__main__ import main

    with open(sys.argv.pop(1), "a", buffering=1, encoding="utf-8") as file:
        record_shown(lambda name: file.write(f"{name}\n"), setattr)
        return main()


if __name__ == "__main__":
    sys.exit(main())
