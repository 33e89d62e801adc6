"""What a color shows is seen without colors, too: bold, underlined or reversed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.style import Style
from textual.app import App

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


def unseen_without_colors(app: App[int], state: str) -> Iterator[str]:
    """What should be seen in a state, and is not."""
    for what, part, look in SEEN.get(state, ()):
        if not any(part in text and look(style) for text, style in segments(app)):
            shown = [(t, str(s)) for t, s in segments(app) if part in t or s.reverse]
            yield f"{state}: {what}: {shown}"
