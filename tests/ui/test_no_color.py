"""What a color shows is seen without colors, too: bold, underlined or reversed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.style import Style
from textual.app import App

from mixtui.ui.themes import NO_COLORS
from tests.ui import screens
from tests.ui.app import make_app

Look = Callable[[Style], object]


def segments(app: App[int]) -> Iterator[tuple[str, Style]]:
    """What is on the screen, with its style."""
    for strip in app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if text:
                yield text, style or Style()


def reversed_(style: Style) -> object:
    return style.reverse


def underlined(style: Style) -> object:
    return style.underline and not style.reverse


SEEN: dict[str, list[tuple[str, str, Look]]] = {
    "query tab": [
        ("the focused pane", "Weekly", reversed_),
        ("the row of the cursor", "event", reversed_),
        ("a disabled row", "limit", lambda style: style.strike),
        ("the active tab", "Query", lambda style: style.bold and style.underline),
    ],
    "rows with cursor on a disabled row": [("its cursor", "limit", reversed_)],
    "body editor with selection": [("the selection", "[", reversed_)],
    "search in the body editor": [("a match", "time", lambda style: style.underline)],
    "body with a mistake": [("the mistake", "t", reversed_)],
    "URL selected": [("the selection", "import", reversed_)],
    "URL placeholder": [("the placeholder", "query/events", lambda s: s.italic)],
    "URL completion": [("the suggestion", "entation", lambda s: s.italic)],
    "rejected records": [("the status", " 400", reversed_)],
    "response": [
        ("the focused pane", "Response", reversed_),
        ("the row of the cursor", "{", reversed_),
    ],
    "search in the response": [("the match", "Sign", underlined)],
    "table with cursor": [("the cell of the cursor", "1", reversed_)],
    "tree with cursor": [("the cursor", "post", reversed_)],
    "jump labels": [("a label", "u", reversed_)],
    "f3 cursor": [("the cursor", "›", reversed_)],
    "f9 cursor": [("the cursor", "prod", reversed_)],
    "ctrl+t cursor": [("the cursor", "› GET", reversed_)],
    "ctrl+p cursor": [("the cursor", "Theme", reversed_)],
}


async def test_without_colors_everything_is_seen_that_a_color_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = screens.make(tmp_path, "fjord")
    states, unseen = set(), []
    async with app.run_test(size=screens.SIZE) as pilot:
        assert list(app.available_themes) == [NO_COLORS]
        async for state in screens.states(pilot):
            states.add(state)
            for text, style in segments(app):
                assert not (style.color and not style.color.is_default), (state, text)
                assert not (style.bgcolor and not style.bgcolor.is_default), state
                assert not style.dim, (state, text)
            for what, part, look in SEEN.get(state, ()):
                if not any(
                    part in text and look(style) for text, style in segments(app)
                ):
                    shown = [
                        (t, str(s)) for t, s in segments(app) if part in t or s.reverse
                    ]
                    unseen.append(f"{state}: {what}: {shown}")
    assert not SEEN.keys() - states
    assert not unseen, "\n".join(unseen)


async def test_the_theme_without_colors_looks_as_with_no_color(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    for variable in ("NO_COLOR", "ANOTHER"):
        monkeypatch.setenv(variable, "1")
        app = make_app(tmp_path, theme=NO_COLORS)
        async with app.run_test(size=screens.SIZE) as pilot:
            await pilot.pause()
            looks.append(
                [
                    (text, style.reverse, style.bold, style.underline)
                    for text, style in segments(app)
                ]
            )
            assert not any(s.color and not s.color.is_default for _, s in segments(app))
        monkeypatch.delenv(variable, raising=False)
    assert looks[0] == looks[1]
