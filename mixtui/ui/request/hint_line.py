"""The last line of a request: what is probably wrong with it, and quietly.

It looks once typing stops for a moment, so that nothing flickers while a word is not
whole yet; what is about the row that is being edited waits until the edit ends. The
body is looked at in a thread, unless it is small.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from mixtui.model.draft import BodyType, Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import Field
from mixtui.text import sanitize
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune

if TYPE_CHECKING:
    # Imported when there is a draft to look at: the first screen does not wait for it.
    from mixtui.hints import Hint

LOOK_AFTER = 0.4
"""Seconds without a key."""
_SOON = 0.01
"""Seconds; the key's own echo comes first."""
_SMALL = 20_000
"""Characters of a body that is looked at on the spot."""
_FIELD_OF_TAB = {
    "query": Field.QUERY,
    "headers": Field.HEADERS,
    "body": Field.BODY,
    "auth": Field.AUTH,
    "options": Field.OPTIONS,
}


@dataclass(frozen=True, slots=True)
class HintTarget:
    """What is looked at."""

    draft: Draft
    environment: Environment
    folder: Path
    reported: Field | None = None
    """The part of which it is said already that it cannot be sent."""

    def is_shaped_like(self, other: HintTarget | None) -> bool:
        """Whether only a text differs."""
        return other is not None and _shape(self.draft) == _shape(other.draft)

    @property
    def of_body(self) -> tuple[object, ...]:
        """What the checks of the body depend on."""
        draft = self.draft
        parts = (draft.method, draft.api, draft.url, draft.body, draft.options)
        return (*parts, self.environment, self.folder)


def _shape(draft: Draft) -> tuple[object, ...]:
    rows = tuple(row.enabled for row in draft.query)
    headers = tuple(row.enabled for row in draft.headers)
    kind = draft.body.type if draft.body is not None else None
    return rows, headers, kind, draft.method, draft.api, draft.options


@dataclass(frozen=True, slots=True)
class HintCheck:
    """Where the person is in the request."""

    tab: str
    row: int | None = None
    """The row under the cursor of that tab."""
    edited: int | None = None
    """The row that is being typed in."""
    in_rows: bool = False
    """Whether the rows have the focus."""


class HintLine(CancelsWorkersOnPrune, Static):
    """Looks at a draft and shows the sentence that matters where the person is."""

    SCOPED_CSS = False
    """The size of the terminal is a class of the screen."""
    DEFAULT_CSS = """
    HintLine {
        display: none; height: auto; max-height: 2; padding: 0 1; color: $text-muted;
        text-overflow: ellipsis;
    }
    HintLine.-any { display: block; }
    .-short HintLine, .-squat HintLine { height: 1; text-wrap: nowrap; }
    .-short.-editing HintLine { height: auto; text-wrap: wrap; }
    """

    @dataclass
    class Found(Message):
        """What is said of the draft is different."""

    def __init__(self, looking: Callable[[], HintCheck]) -> None:
        super().__init__()
        self._looking = looking
        self._subject: HintTarget | None = None
        self._timer: Timer | None = None
        self._of_request: tuple[Hint, ...] = ()
        self._of_body: tuple[Hint, ...] = ()
        self._body_seen: tuple[object, ...] | None = None
        self._loaded = False
        self._shown: Hint | None = None
        self._said: Content | None = None

    @property
    def hints(self) -> tuple[Hint, ...]:
        """All that is said, what is grave first; not of the row being edited."""
        if not self._of_request and not self._of_body:
            return ()
        looking = self._looking()
        hints = (
            advice
            for advice in (*self._of_request, *self._of_body)
            if not (_is_in(advice, looking.tab) and _is_edited(advice, looking))
            and not (advice.field is Field.URL and self._url_is_reported)
        )
        return tuple(sorted(hints, key=lambda each: not each.severe))

    @property
    def _url_is_reported(self) -> bool:
        return self._subject is not None and self._subject.reported is Field.URL

    @property
    def correctable(self) -> Hint | None:
        """What `c` corrects in the rows: what the line says of the row or its tab."""
        return self._shown if _is_here(self._shown, self._looking()) else None

    @property
    def shown(self) -> Hint | None:
        """The one that the line shows."""
        return self._shown

    def check(self, subject: HintTarget, *, at_once: bool) -> None:
        """Look at a draft: soon, as it may be typed on, or at once if it is another."""
        before, self._subject = self._subject, subject
        if subject == before:
            return
        if self._timer is not None:
            self._timer.stop()
        if at_once:
            self._of_request = self._of_body = ()
            self._body_seen = None
            self.place()
        # Rows that come, go or move are no typing: what is marked would be another.
        # The first time the rules are still to be loaded, and keys come first.
        soon = self._loaded and (
            at_once or self._looking().in_rows or not subject.is_shaped_like(before)
        )
        self._timer = self.set_timer(_SOON if soon else LOOK_AFTER, self._start)

    async def settled(self) -> None:
        """Look now, and wait until all is looked at."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        await self._check()

    def place(self) -> None:
        """Show what matters where the person is now."""
        found, looking = self.hints, self._looking()
        hints = [advice for advice in found if _is_in(advice, looking.tab)]
        under = [a for a in hints if a.row is not None and a.row == looking.row]
        self._shown = next(iter(under or hints or found), None)
        content = _hint_text(self._shown, len(found), looking)
        if content != self._said:
            self._said = content
            self.set_class(self._shown is not None, "-any")
            self.update(content)

    def _start(self) -> None:
        self._timer = None
        _: Worker[None] = self.run_worker(self._check, group="hints", exclusive=True)

    async def _check(self) -> None:
        subject = self._subject
        if subject is None:
            return
        of_request, of_body = await asyncio.to_thread(_rules)
        self._loaded = True
        draft, environment = subject.draft, subject.environment
        self._of_request = of_request(draft, environment)
        if subject.of_body != self._body_seen:
            body, seen = draft.body, subject.of_body

            def look() -> tuple[Hint, ...]:
                return of_body(draft, environment, folder=subject.folder)

            small = body is None or (
                len(body.text) <= _SMALL and body.type is not BodyType.FILE
            )
            if not small:
                self._publish()
            hints = look() if small else await asyncio.to_thread(look)
            if subject is not self._subject:
                return
            self._of_body, self._body_seen = hints, seen
        self._publish()

    def _publish(self) -> None:
        self.place()
        self.post_message(self.Found())


def _rules() -> tuple[
    Callable[[Draft, Environment], tuple[Hint, ...]],
    Callable[..., tuple[Hint, ...]],
]:
    from mixtui.hints import find_body_hints, find_request_hints

    return find_request_hints, find_body_hints


def _is_in(advice: Hint, tab: str) -> bool:
    return advice.field is _FIELD_OF_TAB.get(tab)


def _is_here(advice: Hint | None, looking: HintCheck) -> bool:
    """Whether it is about the row under the cursor, or about its tab as a whole."""
    return (
        advice is not None
        and _is_in(advice, looking.tab)
        and advice.row in (None, looking.row)
    )


def _is_edited(advice: Hint, looking: HintCheck) -> bool:
    return advice.row is not None and advice.row == looking.edited


def _hint_text(advice: Hint | None, total: int, looking: HintCheck) -> Content:
    if advice is None:
        return Content("")
    keys = []
    if advice.suggestion is not None and looking.in_rows and _is_here(advice, looking):
        keys.append("c corrects")
    if advice.line is not None and looking.tab == "body":
        keys.append("f12 goes there")
    if total > 1:
        keys.append(f"1 of {total}")
    where = _location(advice, looking)
    mark, style = ("! Hint: ", "$text-warning") if advice.severe else ("Hint: ", "")
    sentence = Content.styled(f"{mark}{where}{sanitize(advice.message)}", style)
    return sentence + Content.styled(f"  {' · '.join(keys)}" if keys else "", "dim")


def _location(advice: Hint, looking: HintCheck) -> str:
    """Where it is, if that is not where the person is."""
    tab = next((t for t, field in _FIELD_OF_TAB.items() if field is advice.field), "")
    location = tab if tab and tab != looking.tab else ""
    line = "" if advice.line is None else f"line {advice.line}"
    text = ", ".join(filter(None, (location, line)))
    return f"{text}: " if text else ""
