"""The ways out of a body: the clipboard, a file, the pager, an editor.

What does it is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Coroutine

from textual.containers import Vertical

from mixtui.ui.acting_screen import CommandScreen
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.answer_view import AnswerView

_OWN = ("copy", "copy_path", "copy_line", "copy_body", "save", "pager", "editor")


class BodyOutputActions(Vertical):
    """Something with a viewer in it, on an `ActingScreen`."""

    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)

    suggestion = ""
    """What the body is called, for the name of a file."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.view = AnswerView()
        """The viewer."""

    @property
    def acting(self) -> CommandScreen:
        """The screen around it."""
        screen = self.screen
        assert isinstance(screen, CommandScreen)
        return screen

    async def action_copy(self) -> None:
        """Copy the value under the cursor."""
        from mixtui.ui.copying import copy_value

        if (document := self.view.document) is not None and document.line_count:
            line = self.view.cursor_line
            await self._do(copy_value(self.acting, document, line, self.suggestion))

    async def action_copy_path(self) -> None:
        """Copy the path of the value under the cursor."""
        from mixtui.ui.copying import copy_path

        steps = self.view.path
        if steps is None:
            self.acting.notify_text("Only values of indented JSON have a path.")
        else:
            await self._do(copy_path(self.acting, steps))

    async def action_copy_line(self) -> None:
        """Copy the line under the cursor."""
        from mixtui.ui.copying import copy_line

        if (document := self.view.document) is not None and document.line_count:
            line = self.view.cursor_line
            await self._do(copy_line(self.acting, document, line, self.suggestion))

    async def action_copy_body(self) -> None:
        """Copy all that is shown."""
        from mixtui.ui.copying import copy_body

        if (document := self.view.document) is not None:
            await self._do(copy_body(self.acting, document, self.suggestion))

    async def action_save(self) -> None:
        """Save what is shown in a file."""
        from mixtui.ui.saving import save

        if (document := self.view.document) is not None:
            await self._do(save(self.acting, document, self.suggestion))

    async def action_pager(self) -> None:
        """Open what is shown in $PAGER."""
        from mixtui.ui.external_viewer import page

        if (document := self.view.document) is not None:
            await self._do(page(self.acting, document))

    async def action_editor(self) -> None:
        """Open a copy of what is shown in $VISUAL or $EDITOR."""
        from mixtui.ui.external_viewer import open_copy

        if (document := self.view.document) is not None:
            await self._do(open_copy(self.acting, document))

    async def _do(self, work: Coroutine[None, None, None]) -> None:
        await self.acting.run_command(work)
