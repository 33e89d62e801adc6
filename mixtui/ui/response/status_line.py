"""The status line: badge, outcome, size and time, then what the outcome means."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import var
from textual.timer import Timer

from mixtui.key_names import key_of
from mixtui.mixpanel.endpoints import Safety
from mixtui.text import duration, format_time, pluralise, sanitize, size
from mixtui.ui.response.next_actions import hint
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    FromHistory,
    Idle,
    InFlight,
    Queued,
    Received,
    Receiving,
    ResponseState,
    Sending,
)
from mixtui.ui.widgets.fitted import FittedText

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.outcome.outcome import Outcome

_STEP = 0.1
"""Seconds between two looks at the clock while waiting."""


class StatusLine(FittedText):
    """Shows a `ResponseState`; a clock runs only while a request is in flight."""

    DEFAULT_CSS = """
    StatusLine {
        height: auto; max-height: 6; padding: 0 1;
    }
    """

    state: var[ResponseState] = var(Idle(), always_update=True)
    received = var(0)
    """Bytes of the body received so far."""
    _clock: Timer | None = None
    _counted_down = ""

    def watch_state(self, state: ResponseState) -> None:
        self._counted_down = ""
        if self._clock is not None and not isinstance(state, InFlight):
            self._clock.stop()
            self._clock = None
        elif self._clock is None and isinstance(state, InFlight):
            self._clock = self.set_interval(_STEP, self._tick)
        self._tick()

    def _count_down(self, method: str, seconds: float, text: str) -> None:
        wait = _clock_label(seconds)
        if wait == self._counted_down:
            return  # Once a second is enough.
        self._counted_down = wait
        self.show(
            Content.assemble(
                (f" {method} ", "bold reverse $text-accent"),
                f"  sends in {wait}, when quota is available ({text})",
                (f"\n{key_of('cancel')} Cancel", "$text-muted"),
            )
        )

    def _tick(self) -> None:
        match self.state:
            case Idle():
                self.show(Content.styled("No request sent yet", "$text-muted"))
            case Queued(request, until, text):
                self._count_down(request.method, until - time.time(), text)
            case Sending(request, started):
                waited = duration(time.monotonic() - started)
                came = f" · {size(self.received)} received" if self.received else ""
                self.show(
                    Content.assemble(
                        (f" {request.method} ", "bold reverse $text-accent"),
                        f"  sending… {waited}{came}",
                        (f"\n{key_of('cancel')} Cancel", "$text-muted"),
                    )
                )
            case Receiving() as state:
                self.show(_receiving(state, self.received))
            case Received() as state:
                self.show(_received(state, hint(state)))
            case Failed(error=error, outcome=outcome):
                text = outcome.label if outcome else "not sent"
                detail = outcome.detail if outcome else str(error)
                self.show(_badge(" — ", text, "error") + _sentence(detail))
            case Cancelled(request, seconds):
                self.show(_cancelled(request.safety, seconds))
            case FromHistory() as state:
                self.show(_recalled(state))


def _clock_label(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds + 0.999), 0), 60)
    return f"{minutes}:{rest:02}"


def outcome_colour(outcome: Outcome) -> str:
    """Return the theme's colour for an outcome: success, warning or error."""
    if outcome.exit_status == 0:
        return "success"
    return "warning" if outcome.exit_status in (4, 6) else "error"


def _recalled(state: FromHistory) -> Content:
    record = state.record
    response, outcome, colour = (
        record.response,
        record.outcome,
        outcome_colour(record.outcome),
    )
    badge = f" {response.status} {sanitize(response.reason)} " if response else " — "
    path = record.sent.url.partition("://")[2].partition("/")[2].partition("?")[0]
    what = sanitize(record.name or f"/{path}")
    line = _badge(badge.replace("  ", " "), outcome.label, colour)
    facts = f"  {size(record.body_bytes)} · {duration(record.timing.total)}"
    line += Content.styled(facts, "$text-muted")
    old = f"From history: {format_time(record.timing.started)} · {record.sent.method} {what}"
    back = f"{key_of('cancel')} Back"
    line += Content("\n") + Content.styled(f"{old} · {back}", "$text-accent")
    for sentence in (outcome.detail, record.body_note, state.document.notice):
        line += _sentence(sentence)
    return line


def _receiving(state: Receiving, received: int) -> Content:
    response, document = state.exchange.response, state.document
    seconds = time.monotonic() - state.started
    body = max(seconds - state.exchange.timing.first_byte, 0.001)
    facts = [f"{size(received)}", f"{size(int(received / body))}/s"]
    if document is not None:
        facts.append(pluralise(document.line_count, "line"))
    facts.append(duration(seconds))
    return Content.assemble(
        (
            f" {response.status} {_reason(state.exchange)} ",
            "bold reverse $text-accent",
        ),
        f"  receiving… {' · '.join(facts)}",
        ("\nesc Stop (keeps the part received)", "$text-muted"),
    )


def _received(state: Received, next_step: str) -> Content:
    response, timing = state.exchange.response, state.exchange.timing
    colour = outcome_colour(state.outcome)
    badge = f" {response.status} {_reason(state.exchange)} ".replace("  ", " ")
    facts = f"  {size(response.body_bytes)} · {duration(timing.total)}"
    line = _badge(badge, state.outcome.label, colour)
    line += Content.styled(facts, "$text-muted")
    sentences = (state.outcome.detail, state.document.notice, *state.exchange.notices)
    # The outcome may explain what the document's notice explains again.
    shown = sentences[:1] + tuple(
        a for a in sentences[1:] if not _same(a, sentences[0])
    )
    if next_step:
        # Before the advice, which may be longer than there is room.
        line += Content("\n") + Content.styled(next_step, "$text-accent")
    for sentence in shown:
        line += _sentence(sentence)
    return line


def _reason(exchange: Exchange) -> str:
    return sanitize(exchange.redactor.redact(exchange.response.reason))


def _same(notice: str, detail: str) -> bool:
    """Return whether both explain a bare 1 or 0."""
    return bool(detail) and notice.startswith("A bare")


def _badge(badge: str, text: str, colour: str) -> Content:
    return Content.assemble(
        (badge, f"bold reverse $text-{colour}"), "  ", (text, f"bold $text-{colour}")
    )


def _sentence(sentence: str) -> Content:
    if not sentence:
        return Content("")
    return Content("\n") + Content.styled(sanitize(sentence), "$text-muted")


def _cancelled(safety: Safety, seconds: float) -> Content:
    sentence = (
        "The server may have processed it: check before you resend it."
        if safety.writes
        else "No response had arrived."
    )
    badge = _badge(" — ", f"cancelled after {duration(seconds)}", "warning")
    return badge + _sentence(sentence)
