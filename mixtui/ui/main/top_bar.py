"""The first line: environment, what a write would do there, quota, activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from textual.content import Content
from textual.reactive import Reactive
from textual.widget import Widget

from mixtui.key_names import key_of
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.text import sanitize

if TYPE_CHECKING:
    from mixtui.model.quota import QuotaStatus
    from mixtui.session import Session

_NEARLY = 0.8
"""The share of a quota from which on it is a warning."""
_NARROW = 64
"""Columns below which the end of the line is cut off."""
_ROOMY = 110
"""Columns from which on the quota is shown in full."""


class QuotaLabel(Struct, frozen=True):
    """How the first line shows a quota."""

    text: str = ""
    short: str = ""
    """For a narrow terminal."""
    colour: str = "muted"
    """A text colour of the theme."""


def quota_label(status: QuotaStatus | None, now: float) -> QuotaLabel:
    """Describe a quota.

    Args:
        status: None = nothing that is counted.
        now: Unix seconds.
    """
    text = status.label(now) if status is not None else ""
    if status is None or not text:
        return QuotaLabel()
    if status.free_at(now) > now:
        colour = "error"
    else:
        colour = "warning" if status.used / status.limit >= _NEARLY else "muted"
    return QuotaLabel(text, f"{status.left}/{status.limit} left", colour)


class TopBar(Widget):
    """Environment, region, project; a live one is named so, in words and colour."""

    DEFAULT_CSS = """
    TopBar {
        height: 1; padding: 0 1; background: $panel; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    session: Reactive[Session | None] = Reactive(None)
    in_flight: Reactive[int] = Reactive(0)
    """Requests in flight that the response pane does not show."""
    quota: Reactive[QuotaLabel] = Reactive(QuotaLabel())

    def render(self) -> Content:
        parts = [Content.styled("mixtui", "bold $text-primary")]
        if self.in_flight:
            # Before what may be cut off in a narrow terminal.
            label = f"{self.in_flight} more in flight ({key_of('activity')})"
            parts.append(Content.styled(label, "bold $text-accent"))
        if self.session is not None:
            parts.append(_environment(self.session, self.size.width))
        if text := self.quota.text:
            if self.size.width < _ROOMY:
                text = self.quota.short
            parts.append(Content.styled(text, f"$text-{self.quota.colour}"))
        return Content("  ").join(parts)


def _environment(session: Session, width: int) -> Content:
    if not session.environments.all:
        text = f"no environment: press {key_of('environments')} to add one"
        return Content.styled(text, "$text-warning")
    environment = session.environment
    if environment == NO_ENVIRONMENT:
        text = f"no environment in use: press {key_of('environments')} to choose one"
        return Content.styled(text, "$text-warning")
    writes = _writes(session)
    parts = [
        Content.styled(sanitize(environment.name), "bold"),
        Content(str(environment.region)),
        Content(f"project {sanitize(environment.project_id) or '(none)'}"),
    ]
    # What a write does must not be what is cut off.
    parts.insert(1 if width < _NARROW else len(parts), writes)
    return Content("  ").join(parts)


def _writes(session: Session) -> Content:
    """Return what a write would do, in words; a host of one's own may be anybody's."""
    environment = session.environment
    if environment.read_only:
        return Content.styled(environment.write_label, "bold $text-success")
    if session.is_in_sandbox:
        if session.runs_sandbox:
            return Content.styled("sandbox (local)", "$text-success")
        return Content.styled(
            f"sandbox at {sanitize(session.sandbox)}", "$text-warning"
        )
    return Content.styled(
        f" LIVE: {environment.write_label} ", "bold reverse $text-error"
    )
