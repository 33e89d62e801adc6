"""An app that only asks."""

from __future__ import annotations

from typing import Any

from textual.screen import ModalScreen

from mixtui.ui.keys.input_queue import OrderedInputApp

NOTHING = object()
"""The answer before there is one."""


class Host(OrderedInputApp[None]):
    """Shows a dialog, and keeps the answer."""

    def __init__(self, dialog: ModalScreen[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: Any = NOTHING

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answered)

    def answered(self, answer: object) -> None:
        self.answer = answer
