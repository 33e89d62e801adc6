"""The last line of the request pane: what is probably wrong with the draft.

It checks once typing stops for a moment, so that nothing flickers while a word is not
complete; what is about the row that is being edited waits until the edit ends. The
body is checked in a thread, unless it is small.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct
from textual import work
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from mixtui.key_names import key_of
from mixtui.model.draft import BodyType, Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import Field
from mixtui.text import sanitize
from mixtui.ui.request.previewed import PreviewedDraft
from mixtui.ui.widgets.fitted import FittedText
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune

if TYPE_CHECKING:
    # Imported when there is a draft to look at: the first screen does not wait for it.
    from mixtui.hints import Hint

CHECK_DELAY = 0.4
"""Seconds without a key before the draft is checked."""
_SHORT_DELAY = 0.01
"""Seconds; the key's own echo comes first."""
_MAX_INLINE = 20_000
"""Characters of a body that is checked on the event loop."""
FIELDS_WITH_TABS = frozenset(
    (
        Field.PATH,
        Field.QUERY,
        Field.HEADERS,
        Field.BODY,
        Field.AUTH,
        Field.OPTIONS,
        Field.INPUTS,
    )
)
"""The fields that a tab of the same name edits."""


class HintFocus(Struct, frozen=True):
    """Where the focus is in the request."""

    tab: str
    row: int | None = None
    """The row under the cursor of that tab."""
    edited: int | None = None
    """The row that is being typed in."""
    in_rows: bool = False
    """Whether the rows have the focus."""


class HintLine(CancelsWorkersOnPrune, FittedText):
    """Checks a draft and shows the hint that matters at the focus.

    The draft comes by a call, as it matters whether it is typed or another one. Where
    the focus is, is asked when a check ends: no widget reports each of its moves.
    """

    SCOPED_CSS = False
    """The size of the terminal is a class of the screen."""
    DEFAULT_CSS = """
    HintLine { height: auto; min-height: 1; max-height: 2; padding: 0 1; color: $text-muted; }
    .-short HintLine, .-squat HintLine { display: none; height: 1; }
    .-short HintLine.-any, .-squat HintLine.-any { display: block; }
    .-short .-editing HintLine { height: auto; }
    """

    @dataclass
    class Changed(Message):
        """Posted when a check ends."""

    def __init__(self, focus: Callable[[], HintFocus]) -> None:
        super().__init__()
        self._focus = focus
        self._target: PreviewedDraft | None = None
        self._timer: Timer | None = None
        self._request_hints: tuple[Hint, ...] = ()
        self._body_hints: tuple[Hint, ...] = ()
        self._checked_body: tuple[object, ...] | None = None
        self._loaded = False
        self._shown_hint: Hint | None = None

    @property
    def hints(self) -> tuple[Hint, ...]:
        """All hints, severe ones first; none about the row being edited."""
        if not self._request_hints and not self._body_hints:
            return ()
        focus = self._focus()
        hints = (
            hint
            for hint in (*self._request_hints, *self._body_hints)
            if not (_is_in_tab(hint, focus.tab) and _is_edited(hint, focus))
            and hint.field is not self._reported
        )
        return tuple(sorted(hints, key=lambda each: not each.severe))

    @property
    def _reported(self) -> Field | None:
        """The field whose error the line under the URL repeats in full."""
        reported = None if self._target is None else self._target.reported
        return reported if reported in (Field.URL, Field.PATH) else None

    @property
    def correctable(self) -> Hint | None:
        """The hint that a key fixes in the rows: the one shown, if it is about them."""
        return (
            self._shown_hint if _is_at_focus(self._shown_hint, self._focus()) else None
        )

    @property
    def shown(self) -> Hint | None:
        """The hint on the line."""
        return self._shown_hint

    def check(self, target: PreviewedDraft, *, at_once: bool) -> None:
        """Check a draft: after a pause if it is being typed, soon if it is another.

        Args:
            target: The draft with what its hints depend on.
            at_once: Another draft: forget the hints of the one before.
        """
        before, self._target = self._target, target
        if target == before:
            return
        if self._timer is not None:
            self._timer.stop()
        if at_once:
            self._request_hints = self._body_hints = ()
            self._checked_body = None
            self.show_hint()
        # Adding, removing or moving rows is not typing: the mark would be on another row.
        # The first time the rules are still to be loaded, and keys come first.
        soon = self._loaded and (
            at_once
            or self._focus().in_rows
            or before is None
            or _shape(target.draft) != _shape(before.draft)
        )
        self._timer = self.set_timer(_SHORT_DELAY if soon else CHECK_DELAY, self._start)

    async def check_now(self) -> None:
        """Check at once, without the pause; return when the result is shown."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        await self._check()

    def show_hint(self) -> None:
        """Show the hint that matters at the focus."""
        all_hints, focus = self.hints, self._focus()
        in_tab = [hint for hint in all_hints if _is_in_tab(hint, focus.tab)]
        on_row = [a for a in in_tab if a.row is not None and a.row == focus.row]
        self._shown_hint = next(iter(on_row or in_tab or all_hints), None)
        shown, total = self._shown_hint, len(all_hints)
        self.set_class(shown is not None, "-any")
        self.show(
            _hint_text(shown, total, focus),
            _hint_text(shown, total, focus, f"{key_of('hints')} shows it all"),
        )

    @work(group="hints", exclusive=True)
    async def _start(self) -> None:
        self._timer = None
        await self._check()

    async def _check(self) -> None:
        target = self._target
        if target is None:
            return
        find_request_hints, find_body_hints = await asyncio.to_thread(_load_checks)
        self._loaded = True
        draft, environment = target.draft, target.environment
        self._request_hints = find_request_hints(draft, environment)
        body_inputs = _body_inputs(target)
        if body_inputs != self._checked_body:
            body = draft.body

            def check_body() -> tuple[Hint, ...]:
                return find_body_hints(draft, environment, folder=target.folder)

            is_small = body is None or (
                len(body.text) <= _MAX_INLINE and body.type is not BodyType.FILE
            )
            if not is_small:
                self._publish()
            hints = check_body() if is_small else await asyncio.to_thread(check_body)
            if target is not self._target:
                return
            self._body_hints, self._checked_body = hints, body_inputs
        self._publish()

    def _publish(self) -> None:
        self.show_hint()
        self.post_message(self.Changed())


def _shape(draft: Draft) -> tuple[object, ...]:
    """Return all but the texts: which rows there are, and whether they are enabled."""
    rows = tuple(
        tuple(row.enabled for row in part)
        for part in (draft.path, draft.query, draft.headers)
    )
    kind = draft.body.type if draft.body is not None else None
    return rows, kind, draft.method, draft.api, draft.options


def _body_inputs(target: PreviewedDraft) -> tuple[object, ...]:
    """Return what the checks of the body depend on."""
    draft = target.draft
    parts = (draft.method, draft.api, draft.url, draft.path, draft.body, draft.options)
    return (*parts, draft.inputs, target.environment, target.folder)


def _load_checks() -> tuple[
    Callable[[Draft, Environment], tuple[Hint, ...]],
    Callable[..., tuple[Hint, ...]],
]:
    from mixtui.hints import find_body_hints, find_request_hints

    return find_request_hints, find_body_hints


def _is_in_tab(hint: Hint, tab: str) -> bool:
    return hint.field in FIELDS_WITH_TABS and hint.field.value == tab


def _is_at_focus(hint: Hint | None, focus: HintFocus) -> bool:
    """Whether a hint is about the row under the cursor, or about its whole tab."""
    return (
        hint is not None
        and _is_in_tab(hint, focus.tab)
        and hint.row in (None, focus.row)
    )


def _is_edited(hint: Hint, focus: HintFocus) -> bool:
    return hint.row is not None and hint.row == focus.edited


def _hint_text(
    hint: Hint | None, total: int, focus: HintFocus, key: str = ""
) -> Content:
    if hint is None:
        return Content("")
    # In front of the sentence, which may be cut.
    keys = [key] if key else []
    if hint.suggestion is not None and focus.in_rows and _is_at_focus(hint, focus):
        keys.append(f"{key_of('rows.correct')} fixes it")
    if hint.line is not None and focus.tab == "body":
        keys.append(f"{key_of('body.goto_error')} jumps to it")
    where = _location(hint, focus)
    mark, style = ("! Hint", "$text-warning") if hint.severe else ("Hint", "")
    count = f" 1 of {total}" if total > 1 else ""
    what = f" ({', '.join(keys)})" if keys else ""
    text = f"{mark}{count}{what}: {where}{sanitize(hint.message)}"
    return Content.styled(text, style)


def _location(hint: Hint, focus: HintFocus) -> str:
    """Return the tab and line of a hint, so far as the focus is elsewhere."""
    tab = hint.field.value if hint.field in FIELDS_WITH_TABS else ""
    location = tab if tab and tab != focus.tab else ""
    line = "" if hint.line is None else f"line {hint.line}"
    text = ", ".join(filter(None, (location, line)))
    return f"{text}: " if text else ""
