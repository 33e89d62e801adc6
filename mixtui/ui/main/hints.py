"""What a person does about hints: list them, go to one, correct one, undo it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from mixtui.key_names import key_of
from mixtui.model.draft import Draft
from mixtui.ui.request.hint_line import FIELDS_WITH_TABS
from mixtui.ui.rows.editor import RowsEditor

if TYPE_CHECKING:
    from mixtui.hints import Hint
    from mixtui.ui.main.host import PaneHost


class HintController:
    """Lists hints, goes to what they are about, applies and undoes corrections."""

    def __init__(self, host: PaneHost) -> None:
        self._host = host
        self._last: tuple[Draft, Draft] | None = None
        """Before and after the last correction."""

    async def browse(self) -> None:
        """List all hints; go to the one chosen, or apply its correction."""
        from mixtui.ui.dialogs.hints import HintsDialog

        line = self._host.request_pane.hint_line
        await line.check_now()
        dialog = HintsDialog(line.hints)
        chosen = await self._host.ask(dialog)
        if chosen is None:
            return
        if chosen.correct:
            await self._correct(chosen.hint)
        await self._go_to(chosen.hint)

    async def correct(self) -> None:
        """Apply the correction of the hint shown, or of the first that has one."""
        line = self._host.request_pane.hint_line
        await line.check_now()
        shown = line.shown
        if shown is None or shown.suggestion is None:
            shown = next((each for each in line.hints if each.suggestion), None)
        if shown is None:
            self._host.notify_text("No hint has an automatic fix.")
        else:
            await self._correct(shown)

    async def correct_row(self) -> None:
        """Apply the correction of the row under the cursor."""
        line = self._host.request_pane.hint_line
        await line.check_now()
        shown = line.correctable
        if shown is None:
            self._host.notify_text("No hints for this row.")
        elif shown.suggestion is None:
            self._host.notify_text(
                "This hint has no automatic fix. Press "
                f"{key_of('rows.edit')} to edit the row."
            )
        else:
            await self._correct(shown)

    async def undo(self) -> None:
        """Undo the last correction, if nothing was changed since."""
        if self._last is None or self._host.draft != self._last[1]:
            self._host.notify_text(
                "Nothing to undo: the request has changed since the last fix."
            )
            return
        before, self._last = self._last[0], None
        await self._apply(before)

    async def _correct(self, hint: Hint) -> None:
        before = self._host.draft
        after = await asyncio.to_thread(partial(self._suggested, before, hint))
        if after is None or self._host.draft != before:
            return
        await self._apply(after)
        self._last = (before, after)

    def _suggested(self, draft: Draft, hint: Hint) -> Draft | None:
        """Correct the draft as it is now: an older correction would undo later edits."""
        from mixtui.hints import find_hints

        if hint.suggestion is None:
            return None
        folder = self._host.request_pane.folder
        hints = find_hints(draft, self._host.environment, folder=folder)
        same = (a for a in hints if (a.field, a.row) == (hint.field, hint.row))
        fresh = next((a for a in same if a.message == hint.message), None)
        return fresh.suggestion if fresh is not None else None

    async def _apply(self, draft: Draft) -> None:
        """Change the draft through its editors, which can undo it."""
        pane, before = self._host.request_pane, self._host.draft
        for tab in ("path", "query", "headers"):
            if (rows := getattr(draft, tab)) != getattr(before, tab):
                editor = await pane.show_tab(tab)
                assert isinstance(editor, RowsEditor)
                editor.change_to(rows)
                return
        if _same_but_text(before, draft) and draft.body is not None:
            editor = await pane.show_tab("body")
            from mixtui.ui.request.body_editor import BodyEditor

            assert isinstance(editor, BodyEditor)
            editor.set_text(draft.body.text)
        else:
            self._host.draft = draft

    async def _go_to(self, hint: Hint) -> None:
        pane = self._host.request_pane
        await pane.focus_field(hint.field)
        if hint.field not in FIELDS_WITH_TABS:
            return
        from mixtui.ui.request.body_editor import BodyEditor
        from mixtui.ui.request.inputs_editor import InputsEditor

        editor = await pane.show_tab(hint.field.value)
        if isinstance(editor, RowsEditor | InputsEditor) and hint.row is not None:
            editor.go_to(hint.row)
        elif isinstance(editor, BodyEditor) and hint.line is not None:
            editor.go_to(hint.line, 1)


def _same_but_text(before: Draft, after: Draft) -> bool:
    one, other = before.body, after.body
    return (
        one is not None
        and other is not None
        and (one.type, one.path) == (other.type, other.path)
        and one.text != other.text
    )
