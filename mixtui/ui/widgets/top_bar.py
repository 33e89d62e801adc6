"""The first line: which environment, and what a write would do there."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mixtui.core.environments import Environment
from mixtui.core.urls import is_loopback
from mixtui.core.visible import visible


class TopBar(Static):
    """Environment, region, project; a live one is named so, in words and colour."""

    DEFAULT_CSS = """
    TopBar {
        height: 1; padding: 0 1; background: $panel; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    _environment = Content("")
    _elsewhere = 0

    def show_activity(self, elsewhere: int) -> None:
        """Show how many requests are on their way that are not looked at."""
        if elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            self._show()

    def show(self, environment: Environment, *, declared: bool) -> None:
        """Show an environment; `declared` is False when there is none at all."""
        if not declared:
            parts = [Content.styled("no environment yet: f9 adds one", "$text-warning")]
        else:
            parts = [
                Content.styled(visible(environment.name), "bold"),
                Content(str(environment.region)),
                Content(f"project {visible(environment.project_id) or '(none)'}"),
                _writes(environment),
            ]
        self._environment = Content("  ").join(parts)
        self._show()

    def _show(self) -> None:
        parts = [Content.styled("mixtui", "bold $text-primary"), self._environment]
        if self._elsewhere:
            # Before what may be cut off in a narrow terminal.
            words = f"{self._elsewhere} more on the way: ctrl+b"
            parts.insert(1, Content.styled(words, "bold $text-accent"))
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
