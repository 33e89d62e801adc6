"""The editor of the body: its type, its text or file, and the line of its check."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widgets import Input

from mixtui.actions import Scope
from mixtui.document.document import Language
from mixtui.key_names import key_of
from mixtui.model.draft import Body, BodyType, Draft
from mixtui.model.errors import Field
from mixtui.request.additions import body_addition
from mixtui.request.body import BodyCheck, guess_body_type, not_a_file_reason
from mixtui.text import size
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.request.generated_body import GeneratedBodyLine
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.widgets.field import TextInput, one_line
from mixtui.ui.widgets.fitted import FittedText
from mixtui.ui.widgets.tabs import Tab, TabBar

if TYPE_CHECKING:
    # Imported when there is a text: its editor is slow to load. So Textual finds the
    # handler of its message by name.
    from textual.widgets import TextArea

    from mixtui.editing.reformat import Reformat, Reformatted
    from mixtui.hints import Hint
    from mixtui.jsontext import Mistake
    from mixtui.ui.request.body_search import EditorSearch
    from mixtui.ui.widgets.code_area import CodeArea
    from mixtui.ui.widgets.search_bar import SearchBar


CHECK_DELAY = 0.15
"""Seconds without a key."""
MAX_CHECKED = 1_000_000
"""Characters; a longer body is checked when it is sent."""
_NO_BODY = "none"
_JSON_STARTS = ("{", "[")
_LANGUAGES = {
    BodyType.JSON: Language.JSON,
    BodyType.NDJSON: Language.JSON_LINES,
    BodyType.CSV: Language.CSV,
}
_PLACEHOLDERS = {
    BodyType.JSON: '{"event": "Sign up", "properties": { … }}',
    BodyType.NDJSON: "one JSON object per line",
    BodyType.FORM: "name=value, one per line",
    BodyType.CSV: "$distinct_id,plan",
    BodyType.TEXT: "any text",
}


class BodyEditor(Vertical):
    """Edit a body; "none" is one of its types."""

    SCOPED_CSS = False
    """The size of the terminal is a class of the screen."""
    DEFAULT_CSS = """
    BodyEditor { height: 1fr; }
    BodyEditor > CodeArea { height: 1fr; }
    BodyEditor > TextInput { width: 1fr; margin: 1 1 0 1; background: $background; }
    BodyEditor > Static {
        height: 1; padding: 0 1; color: $text-muted;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    BodyEditor > FittedText { height: auto; max-height: 2; text-wrap: wrap; }
    /* The tab names the type, too: where rows are few, the text gets this one. */
    .-short BodyEditor.-text > TabBar { display: none; }
    .-short BodyEditor > CodeArea { scrollbar-size-horizontal: 0; }
    .-short .-editing BodyEditor.-text > TabBar { display: block; }
    .-short .-editing BodyEditor > CodeArea { scrollbar-size-horizontal: 1; }
    """
    BINDINGS = [
        *bindings(Scope.BODY),
        Binding("enter", "focus_content", "Body", show=False),
        Binding("escape", "close_search", "Close", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Posted when the body is edited."""

        editor: BodyEditor
        body: Body | None

        @property
        def control(self) -> BodyEditor:
            """The editor."""
            return self.editor

    @dataclass
    class ValueRequested(Message):
        """Posted to edit the value on the form's line under the cursor."""

        editor: BodyEditor

    draft: var[Draft] = var(Draft(), init=False, always_update=True)
    folder: var[Path] = var(Path(), init=False)
    """What a relative file path is relative to."""
    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    hints: var[tuple[Hint, ...]] = var((), init=False)

    def __init__(self, *, check: Callable[[Body], BodyCheck]) -> None:
        super().__init__()
        self._check = check
        """Checks a body in the draft as it is at that moment."""
        self._body = Body()
        """The body; retained while the type is "none"."""
        self._is_absent = True
        self._timer: Timer | None = None
        self._checked: BodyCheck | None = None
        self._type_tabs = TabBar([Tab(t, t) for t in (_NO_BODY, *BodyType)])
        self._area: CodeArea | None = None
        self._path: TextInput | None = None
        self._search: EditorSearch | None = None
        """None = nothing was searched for in this text area."""
        self._status_line = FittedText()
        self._generated_line = GeneratedBodyLine()

    def compose(self) -> ComposeResult:
        """Lay out types and status; text or path are mounted when needed."""
        yield self._type_tabs
        yield self._status_line
        yield self._generated_line

    def on_mount(self) -> None:
        self._show_type()

    def watch_draft(self, draft: Draft) -> None:
        self.body = draft.body

    def watch_previewed(self, before: PreviewedDraft, after: PreviewedDraft) -> None:
        """Show what is added; check again if the check may come out otherwise."""
        self._generated_line.addition = body_addition(after.preview.additions)
        if not after.has_values_of(before):
            self._show_values()
        if self.is_mounted and _check_inputs(before) != _check_inputs(after):
            self._check_soon()

    @property
    def body(self) -> Body | None:
        """The body; None = there is none."""
        return None if self._is_absent else self._body

    @body.setter
    def body(self, body: Body | None) -> None:
        if body == self.body:
            return
        self._is_absent = body is None
        self._body = body or Body()
        self._end_search()
        for shown in (self._area, self._path):
            if shown is not None:
                shown.remove()
        self._area = self._path = self._search = None
        if self.is_mounted:
            self._show_type()

    def _show_values(self) -> None:
        """Tell the text fields where templates get their values."""
        for field in (self._area, self._path):
            if field is not None:
                field.values = self.previewed.values

    @property
    def area(self) -> CodeArea | None:
        """The text area; None = there has been no text yet."""
        return self._area

    def set_body(self, body: Body) -> None:
        """Set another body as if it had been typed: undoable, if there is a text area."""
        if self._area is None:
            self.body = body
            self._notify_changed()
        else:
            self.set_text(body.text)

    def update_body(self, body: Body | None) -> None:
        """Show a newer version of the body; cursor, focus and undo stay."""
        area, before = self._area, self.body
        if body is None or before is None or area is None or body.type != before.type:
            self.body = body
        elif body.text != before.text:
            self._body = body
            selection, scrolled = area.selection, area.scroll_offset
            self.set_text(body.text)
            area.selection = selection._replace(
                start=area.clamp_visitable(selection.start),
                end=area.clamp_visitable(selection.end),
            )
            area.scroll_to(*scrolled, animate=False, force=True)

    def focus_content(self) -> None:
        """Focus the text or the path; the types when there is no body."""
        content = self._path if self._body.type is BodyType.FILE else self._area
        if self._is_absent or content is None:
            self._type_tabs.focus()
        else:
            content.focus()

    def action_focus_content(self) -> None:
        self.focus_content()

    def action_goto_error(self) -> None:
        """Move the cursor to the mistake; in a form without one, edit the value."""
        self._check_text()
        body_check = self._checked
        is_form = not self._is_absent and self._body.type is BodyType.FORM
        if is_form and body_check is not None and body_check.ok:
            self.post_message(self.ValueRequested(self))
        elif body_check is not None and body_check.line is not None:
            self.go_to(body_check.line, body_check.column or 1)
        elif (line := self._hinted_line) is not None:
            self.go_to(line, 1)

    @property
    def _hinted_line(self) -> int | None:
        """The first line of the text that a hint is about, from 1."""
        lines = (hint.line for hint in self.hints if hint.field is Field.BODY)
        return next(filter(None, lines), None)

    def go_to(self, line: int, column: int) -> None:
        """Move the cursor to a line and a column of the text, both from 1."""
        if self._area is not None:
            self._area.focus()
            self._area.move_cursor((line - 1, column - 1), center=True)

    def set_text(self, text: str) -> None:
        """Replace the text as if it had been typed: the text area can undo it."""
        if self._area is not None:
            end = self._area.document.end
            self._area.replace(text, (0, 0), end, maintain_selection_offset=False)

    # Formatting

    def action_format(self) -> None:
        """Indent the JSON."""
        from mixtui.editing.reformat import Reformat

        self._reformat(Reformat.FORMAT)

    def action_minify(self) -> None:
        """Remove the white space between the tokens of the JSON."""
        from mixtui.editing.reformat import Reformat

        self._reformat(Reformat.MINIFY)

    def action_sort_keys(self) -> None:
        """Sort the keys of every object."""
        from mixtui.editing.reformat import Reformat

        self._reformat(Reformat.SORT_KEYS)

    def _reformat(self, how: Reformat) -> None:
        """Reformat the text; a long one in a thread."""
        from mixtui.editing.reformat import reason_against, reformat

        area, kind = self._area, self._body.type
        if area is None or not area.display:
            return
        if reason := reason_against(how, kind):
            self._show_status(_status_content(False, reason))
            return
        text = area.text
        work = partial(reformat, how, kind, text, *area.cursor_location)
        if len(text) <= MAX_CHECKED:
            self._show_reformatted(how, text, work())
        else:
            self._show_status(Content("Formatting…"))
            self._reformat_in_thread(how, text, work)

    @work(group="reformat", exclusive=True)
    async def _reformat_in_thread(
        self, how: Reformat, text: str, work: Callable[[], Reformatted | Mistake]
    ) -> None:
        self._show_reformatted(how, text, await asyncio.to_thread(work))

    def _show_reformatted(
        self, how: Reformat, text: str, result: Reformatted | Mistake
    ) -> None:
        """Replace the text as one step of undo, or show why it cannot be reformatted."""
        from mixtui.jsontext import Mistake

        area = self._area
        if area is None or area.text != text:
            return  # It was edited since.
        if isinstance(result, Mistake):
            message = f"Not {how.value}: {result}"
            check = BodyCheck(False, message, result.line, result.column)
            self._show_status(_status_text(check), check)
        elif result.text == text:
            self._show_status(_status_content(True, f"Already {how.value}."))
        else:
            self.set_text(result.text)
            area.move_cursor((result.row, result.column), center=True)

    # Search

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to the screen where no search is open."""
        is_searching = self._search is not None and self._search.is_open
        return action != "close_search" or is_searching

    async def action_search(self) -> None:
        """Search the text."""
        if (search := self._searcher) is not None:
            await search.ask()

    async def action_next_match(self) -> None:
        """Go to the next match; search first if nothing was searched for."""
        await self._step(1)

    async def action_previous_match(self) -> None:
        """Go to the previous match; search first if nothing was searched for."""
        await self._step(-1)

    async def action_close_search(self) -> None:
        """Close the search line."""
        if self._search is not None:
            await self._search.close()

    async def _step(self, by: int) -> None:
        search = self._searcher
        if search is not None and search.is_open:
            search.step(by)
        elif search is not None:
            await search.ask()

    @property
    def _searcher(self) -> EditorSearch | None:
        """The search of the text; None = there is no text."""
        area = self._area
        if area is None or not area.display:
            return None
        if self._search is None:
            from mixtui.ui.request.body_search import EditorSearch

            self._search = EditorSearch(self, area)
        return self._search

    def _end_search(self) -> None:
        if self._search is not None and self._search.is_open:
            self.call_next(self._search.remove)

    def on_search_bar_changed(self, event: SearchBar.Changed) -> None:
        event.stop()
        if self._search is not None:
            self._search.changed(event)

    def on_search_bar_submitted(self, event: SearchBar.Submitted) -> None:
        event.stop()
        if self._search is not None:
            self._search.step(1)

    def on_search_bar_stepped(self, event: SearchBar.Stepped) -> None:
        event.stop()
        if self._search is not None:
            self._search.step(event.by)

    async def on_search_bar_closed(self, event: SearchBar.Closed) -> None:
        event.stop()
        await self.action_close_search()

    # What is typed

    def on_paste(self, event: events.Paste) -> None:
        """Insert what is pasted over the types; a first text has the type it looks like."""
        event.stop()
        self.insert(event.text)

    def on_key(self, event: events.Key) -> None:
        """Begin a JSON body where its first bracket is typed over the types."""
        if self._type_tabs.has_focus and event.character in _JSON_STARTS:
            event.stop()
            event.prevent_default()
            self.insert(event.character, closes=True)

    def insert(self, text: str, *, closes: bool = False) -> None:
        """Insert a text as if it had been pasted into the body, and put the focus there.

        Args:
            text: If there is no body, it chooses the type.
            closes: Whether it is a bracket that is typed, and closes itself.
        """
        if self._is_absent:
            kind = self._body.type if self._body.text else guess_body_type(text)
            self._body = Body(kind, self._body.text, self._body.path)
            self._is_absent = False
            self._show_type()
            self._notify_changed()
        if self._body.type is BodyType.FILE:
            if self._path is not None:
                self._path.focus()
                self._path.insert_text_at_cursor(one_line(text))
        elif self._area is not None:
            self._area.focus()
            if closes:
                self._area.type_character(text)
            else:
                self._area.insert(text)

    @on(TabBar.Activated)
    def _type_chosen(self, event: TabBar.Activated) -> None:
        event.stop()
        self._is_absent = event.tab == _NO_BODY
        if not self._is_absent:
            kind = BodyType(event.tab)
            self._body = Body(kind, self._body.text, self._body.path)
        self._show_type()
        self._notify_changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Apply what is typed at once."""
        event.stop()
        self._typed(Body(self._body.type, event.text_area.text, self._body.path))

    @on(Input.Changed)
    def _path_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed(Body(self._body.type, self._body.text, event.value))

    def _typed(self, body: Body) -> None:
        if body != self._body:
            self._body = body
            self._notify_changed()
            self._check_soon()

    def _notify_changed(self) -> None:
        self.post_message(self.Changed(self, self.body))

    # What is shown

    def _show_type(self) -> None:
        """Show the editor of the type."""
        kind = None if self._is_absent else self._body.type
        with self.prevent(TabBar.Activated):
            self._type_tabs.active = kind or _NO_BODY
        is_text = kind is not None and kind is not BodyType.FILE
        self.set_class(is_text, "-text")
        if is_text and self._area is None:
            from mixtui.ui.widgets.code_area import CodeArea

            self._area = CodeArea(self._body.text)
            self.mount(self._area, before=self._status_line)
        if kind is BodyType.FILE and self._path is None:
            self._path = TextInput(
                self._body.path, placeholder="Path to a file", compact=True
            )
            self.mount(self._path, before=self._status_line)
        self._show_values()
        if self._area is not None:
            self._area.display = is_text
            self._area.code = _LANGUAGES.get(self._body.type, Language.TEXT)
            self._area.placeholder = _PLACEHOLDERS.get(self._body.type, "")
        if not is_text:
            self._end_search()
        if self._path is not None:
            self._path.display = kind is BodyType.FILE
        self._check_text()

    def _check_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(CHECK_DELAY, self._check_text)

    def _check_text(self) -> None:
        """Check the body, and show the result."""
        if self._search is not None:
            self._search.again()
        check = None
        if self._is_absent:
            line = Content("No body. Press ← → to choose a type.")
        elif self._body.type is BodyType.FILE:
            line = self._file_line()
        elif len(self._body.text) > MAX_CHECKED:
            text = f"{size(len(self._body.text))}: validated on send"
            line = Content(text)
        else:
            check = self._check(self._body)
            line = _status_text(check)
        self._show_status(line, check)

    def _show_status(self, line: Content, check: BodyCheck | None = None) -> None:
        """Show the line below the text, and mark the mistake of a check in it."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._checked = check
        if self._area is not None:
            self._area.mistake = (
                (check.line, check.column or 1) if check and check.line else None
            )
        self._status_line.show(line)

    def _file_line(self) -> Content:
        typed = self._body.path
        if not typed:
            return Content("Path relative to the request's folder")
        path = Path(typed)
        try:
            path = self.folder / os.path.expanduser(path)
            if path.is_file():
                return _status_content(True, f"{size(path.stat().st_size)}, sent as is")
            reason = not_a_file_reason(path)
        except (OSError, ValueError, RuntimeError):
            reason = "cannot be read"
        # The whole path comes last: it may be cut.
        where = "" if str(path) == typed else f": {path}"
        return _status_content(False, f"{typed} {reason}{where}")


def _check_inputs(previewed: PreviewedDraft) -> tuple[object, ...]:
    """Return what the check of a body depends on, besides the body."""
    draft = previewed.draft
    leave_out = draft.options.leave_out
    route = draft.method, draft.api, draft.url, draft.path, draft.inputs
    return route, leave_out, previewed.environment


def _status_text(check: BodyCheck) -> Content:
    if not check.message:
        return Content("")
    status = _status_content(check.ok, check.message)
    if check.line is None:
        return status
    return status + Content(f"  {key_of('body.goto_error')} jumps to it")


def _status_content(ok: bool, text: str) -> Content:
    style = "$text-success" if ok else "$text-error"
    return Content.styled(f"{'✓' if ok else '✗'} {text}", style)
