"""The relative URL: enter sends, a paste never does; a curl command is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.timer import Timer

from mixtui.interchange.recognising import is_absolute_url, is_curl
from mixtui.mixpanel.apis import Api
from mixtui.ui.widgets.completing_field import CompletingField
from mixtui.ui.widgets.handing_over import forward_if_unfocused

if TYPE_CHECKING:
    from mixtui.core.completing import Suggestion
    from mixtui.mixpanel.operations import Operation
    from mixtui.ui.url_completer import UrlCompleter

_EXAMPLES = {
    Api.INGESTION: "/import",
    Api.QUERY: "/query/events",
    Api.EXPORT: "nothing is needed here",
    Api.CONNECTORS: "nothing is needed here",
    Api.PIPELINES: "/pipeline/jobs",
    Api.LEXICON: "/{projectId}/schemas",
    Api.APP: "/me",
}
"""What an empty field shows, dim."""
PASTE_GAP = 0.03
"""Seconds. Keys that follow each other faster come from a paste, not from fingers."""


class UrlField(CompletingField):
    """An input whose enter waits a moment to see whether it was part of a paste.

    A terminal without bracketed paste delivers a paste as keys, line ends as enter. So
    enter sends only when no text follows at once, and not at the end of such a burst.
    """

    class SendRequested(Message):
        """Enter was pressed by a person."""

    @dataclass
    class Completed(Message):
        """The URL of an operation was taken."""

        url: str
        operation: Operation

    lists_while_typing = False
    completer: UrlCompleter | None = None
    """Knows what may be meant; None = nothing does."""

    @dataclass
    class ImportRequested(Message):
        """What was pasted is a curl command, or a whole URL in place of all."""

        text: str

    _pending: Timer | None = None
    _in_burst = False
    _calm: Timer | None = None

    async def _on_key(self, event: events.Key) -> None:
        if forward_if_unfocused(self, event):
            return
        if self.takes_for_list(event.key):
            event.stop()
            event.prevent_default()
            return
        if event.key in ("tab", "shift+tab"):
            # At once: what is typed right behind it is not for this field.
            event.stop()
            event.prevent_default()
            if event.key == "tab":
                self.screen.focus_next()
            else:
                self.screen.focus_previous()
            return
        if event.key in ("enter", "ctrl+j"):
            event.stop()
            event.prevent_default()
            self._enter()
            return
        if self._pending is not None and event.is_printable:
            self._pending.stop()
            self._pending = None
            self._in_burst = True
            self._join_lines()
        await super()._on_key(event)

    def show_example(self, api: Api) -> None:
        """Show what may stand here for an API, while nothing does."""
        self.placeholder = _EXAMPLES[api]

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Paths of the catalogue."""
        if self.completer is None:
            return ()
        return self.completer.suggestions(self, typed)

    def ghost_of(self, suggestions: Sequence[Suggestion], typed: str) -> str:
        """A path for the method and the API that are chosen."""
        if self.completer is None:
            return ""
        return self.completer.ghost(suggestions, typed)

    def take(self, suggestion: Suggestion) -> None:
        """Make it the URL; the method and the API follow."""
        super().take(suggestion)
        if suggestion.operation is not None:
            message = self.Completed(suggestion.value, suggestion.operation)
            self.post_message(message)

    def _on_paste(self, event: events.Paste) -> None:
        # Some terminals paste a line end as a carriage return.
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        # A URL that was broken over lines is one URL. Textual calls the handler of the
        # base class next.
        event.text = "".join(line.strip() for line in text.splitlines())
        replaces_all = self.selected_text == self.value or not self.value.strip(" /")
        if is_curl(text):
            event.text = ""
            self.post_message(self.ImportRequested(text))
        elif replaces_all and is_absolute_url(event.text):
            self.post_message(self.ImportRequested(event.text))
            event.text = ""

    def _enter(self) -> None:
        if self._in_burst:
            self._join_lines()
            if self._calm is not None:
                self._calm.stop()
            self._calm = self.set_timer(PASTE_GAP, self._end_burst)
            return
        if self._pending is not None:
            self._pending.stop()
        self._pending = self.set_timer(PASTE_GAP, self._send)

    def _join_lines(self) -> None:
        """A line of a curl command ended, pasted key by key: the next is part of it."""
        if is_curl(self.value):
            self.value = self.value.removesuffix("\\") + " "
            self.cursor_position = len(self.value)

    def _end_burst(self) -> None:
        self._in_burst = False

    def _send(self) -> None:
        self._pending = None
        self.post_message(self.SendRequested())
