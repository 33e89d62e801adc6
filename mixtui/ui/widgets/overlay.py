"""A line of hints over a screen that stays visible, and the keys it explains."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

from mixtui.ui.widgets.screen import StyledOnce

T = TypeVar("T")


class Overlay(StyledOnce, ModalScreen[T]):
    """Takes the keys of the screen below, which stays visible.

    A subclass yields a `Static` of the class ``hint`` for the last line.
    """

    DEFAULT_CSS = """
    Overlay { background: transparent; }
    Overlay > .hint {
        dock: bottom; height: 1; background: $panel; color: $text-muted; padding: 0 1;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
