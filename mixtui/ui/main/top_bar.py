"""The first line: which environment, and what a write would do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from mixtui.mixpanel.limits import Bucket
from mixtui.model.environment import Environment
from mixtui.request.urls import is_loopback
from mixtui.text import sanitize

if TYPE_CHECKING:
    from mixtui.model.quota import QuotaStatus

_NEARLY = 0.8
"""Of a quota: from here on it is worth a thought."""
_ROOMY = 110
"""Columns from which on the quota is said in full."""
_CALLS = {
    Bucket.QUERY: "queries",
    Bucket.JQL: "scripts",
    Bucket.EXPORT: "exports",
    Bucket.LEXICON: "Lexicon calls",
    Bucket.LOOKUP_REPLACE: "tables",
    Bucket.WAREHOUSE_SYNC: "syncs",
}


class TopBar(Static):
    """Environment, region, project; a live one is named so, in words and colour."""

    DEFAULT_CSS = """
    TopBar {
        height: 1; padding: 0 1; background: $panel; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    _environment = Content("")
    _in_flight = 0
    _quota = ("", "", "")

    def show_quota(self, standing: QuotaStatus | None, now: float) -> None:
        """Show how a quota stands; None = nothing that is counted."""
        text = standing.label(now) if standing is not None else ""
        quota = ("", "", "")
        if standing is not None and text:
            share = standing.used / standing.limit
            full = standing.free_at(now) > now
            colour = "error" if full else "warning" if share >= _NEARLY else "muted"
            quota = (_CALLS.get(standing.account.bucket, "calls"), text, colour)
        if quota != self._quota:
            self._quota = quota
            self._show()

    def on_resize(self) -> None:
        """What fits is another at another width."""
        if any(self._quota):
            self._show()

    def show_activity(self, in_flight: int) -> None:
        """Show how many requests are on their way that are not looked at."""
        if in_flight != self._in_flight:
            self._in_flight = in_flight
            self._show()

    def show(self, environment: Environment, *, declared: bool) -> None:
        """Show an environment; `declared` is False when there is none at all."""
        if not declared:
            parts = [Content.styled("no environment yet: f9 adds one", "$text-warning")]
        else:
            parts = [
                Content.styled(sanitize(environment.name), "bold"),
                Content(str(environment.region)),
                Content(f"project {sanitize(environment.project_id) or '(none)'}"),
                _writes(environment),
            ]
        self._environment = Content("  ").join(parts)
        self._show()

    def _show(self) -> None:
        parts = [Content.styled("mixtui", "bold $text-primary"), self._environment]
        if self._in_flight:
            # Before what may be cut off in a narrow terminal.
            label = f"{self._in_flight} more on the way: ctrl+b"
            parts.insert(1, Content.styled(label, "bold $text-accent"))
        name, quota, colour = self._quota
        if quota:
            if self.size.width < _ROOMY:
                name, quota = "", quota.partition(" ")[0]
            text = f"{name} {quota}".strip()
            parts.append(Content.styled(text, f"$text-{colour}"))
        self.update(Content("  ").join(parts))


def is_live(environment: Environment) -> bool:
    """Whether a write changes a real project."""
    local = bool(environment.hosts) and all(
        map(is_loopback, environment.hosts.values())
    )
    return not local and not environment.read_only


def _writes(environment: Environment) -> Content:
    if environment.read_only:
        return Content.styled("read-only", "bold $text-success")
    if not is_live(environment):
        return Content.styled("sandbox: stays on this machine", "$text-success")
    asks = ", asks first" if environment.confirm_writes else ""
    return Content.styled(f" LIVE: writes are real{asks} ", "bold reverse $text-error")
