"""The field of the relative URL, its completion, and the line of what it resolves to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textual import events, work
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widgets import Static

from mixtui.interchange.sniff import is_absolute_url, is_curl
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.endpoints import Safety
from mixtui.request.additions import needed_omission_notice
from mixtui.text import sanitize
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.widgets.completing_field import CompletingField
from mixtui.ui.widgets.fitted import fit_lines

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.ui.request.completers import CompletionContext


_EXAMPLES = {
    Api.INGESTION: "/import",
    Api.QUERY: "/query/events",
    Api.EXPORT: "(no path needed)",
    Api.CONNECTORS: "(no path needed)",
    Api.PIPELINES: "/pipeline/jobs",
    Api.LEXICON: "/{projectId}/schemas",
    Api.APP: "/me",
}
"""Placeholder of the empty field, by API."""
BURST_GAP = 0.03
"""Seconds. Keys that follow each other faster come from a paste, not from fingers."""


class UrlField(CompletingField):
    """An input whose enter waits a moment to see whether it was part of a paste.

    A terminal without bracketed paste delivers a paste as keys, line ends as enter. So
    enter sends only when no text follows at once, and not at the end of such a burst.
    """

    class SendRequested(Message):
        """Posted when enter was pressed by hand, not pasted."""

    @dataclass
    class Completed(Message):
        """Posted when the URL of an operation is chosen from the list."""

        url: str
        operation: Operation

    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    completer: UrlCompleter | None = None
    """Suggests URLs; None = there are no suggestions."""

    @dataclass
    class ImportRequested(Message):
        """Posted when a curl command is pasted, or an absolute URL over everything."""

        text: str

    _reads_catalogue = False
    _pending_send: Timer | None = None
    _in_burst = False
    _burst_end: Timer | None = None

    async def _on_key(self, event: events.Key) -> None:
        if self.handle_list_key(event.key):
            event.stop()
            event.prevent_default()
            return
        if event.key in ("enter", "ctrl+j"):
            event.stop()
            event.prevent_default()
            self._enter()
            return
        if self._pending_send is not None and event.is_printable:
            self._pending_send.stop()
            self._pending_send = None
            self._in_burst = True
            self._join_lines()
        await super()._on_key(event)

    def watch_previewed(
        self, before: PreviewedDraft, previewed: PreviewedDraft
    ) -> None:
        """Show what may stand here for the API, while nothing does."""
        if self.values is None or not previewed.has_values_of(before):
            self.values = previewed.values
        self.placeholder = _EXAMPLES[previewed.draft.api]

    @property
    def lists_while_typing(self) -> bool:
        """Variables are listed as in rows; paths would cover the request at each letter."""
        return self.completer is not None and self.completer.names_variable(self.value)

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return variables for an open ``{{``, or paths of the catalogue."""
        if self.completer is None:
            return ()
        if not self._reads_catalogue:
            self._reads_catalogue = True
            self._read_catalogue(self.completer)
        return self.completer.suggestions(typed)

    @work(description="reads the catalogue")
    async def _read_catalogue(self, completer: UrlCompleter) -> None:
        await completer.load()
        self.suggest()

    def ghost_text(self, suggestions: Sequence[Suggestion], typed: str) -> str:
        """Return a path for the chosen method and API."""
        if self.completer is None:
            return ""
        return self.completer.ghost(suggestions, typed)

    def take(self, suggestion: Suggestion) -> None:
        """Make a suggestion the URL; the method and the API follow."""
        super().take(suggestion)
        if suggestion.operation is not None:
            message = self.Completed(suggestion.value, suggestion.operation)
            self.post_message(message)

    def paste_text(self, text: str) -> str:
        """Return the URL of a paste; one to import is posted instead."""
        # A URL that was broken over lines is one URL.
        url = "".join(line.strip() for line in text.splitlines())
        replaces_all = self.selected_text == self.value or not self.value.strip(" /")
        if is_curl(text):
            self.post_message(self.ImportRequested(text))
            return ""
        if replaces_all and is_absolute_url(url):
            self.post_message(self.ImportRequested(url))
            return ""
        return url

    def _enter(self) -> None:
        if self._in_burst:
            self._join_lines()
            if self._burst_end is not None:
                self._burst_end.stop()
            self._burst_end = self.set_timer(BURST_GAP, self._end_burst)
            return
        if self._pending_send is not None:
            self._pending_send.stop()
        self._pending_send = self.set_timer(BURST_GAP, self._send)

    def _join_lines(self) -> None:
        """Join the next line of a curl command that is pasted key by key."""
        if is_curl(self.value):
            # Web pages leave blanks behind the backslash that ends a line.
            self.edit_text(self.value.rstrip().removesuffix("\\") + " ")

    def _end_burst(self) -> None:
        self._in_burst = False

    def _send(self) -> None:
        self._pending_send = None
        self.post_message(self.SendRequested())


class UrlCompleter:
    """Completes variables, and the paths of the catalogue for a draft's method and API."""

    def __init__(self, context: CompletionContext) -> None:
        self._context = context
        self._operations: Sequence[Operation] = ()

    async def load(self) -> None:
        """Read the catalogue, in a thread."""
        from mixtui.mixpanel.catalogue import operations

        self._operations = await asyncio.to_thread(operations)

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return URLs that begin with a text; no paths before the catalogue is loaded."""
        from mixtui.editing.suggestions import complete_url

        if variables := self._variables(typed):
            return variables
        draft = self._context.draft
        return complete_url(typed, draft.method, draft.api, self._operations)

    def names_variable(self, typed: str) -> bool:
        """Return whether a text ends in a ``{{`` that variables complete."""
        return bool(self._variables(typed))

    def _variables(self, typed: str) -> Sequence[Suggestion]:
        if "{{" not in typed:
            return ()
        from mixtui.editing.suggestions import template_names

        return template_names(typed, self._context.environment.variables)

    def ghost(self, suggestions: Sequence[Suggestion], typed: str) -> str:
        """Return the suggestion that changes neither method nor API."""
        from mixtui.editing.suggestions import ghost, url_ghost

        if self.names_variable(typed):
            return ghost(suggestions, typed)
        draft = self._context.draft
        return url_ghost(suggestions, typed, draft.method, draft.api)


_MIN_HEIGHT_FOR_WRAP = 36
"""Lines of a terminal in which a long URL may take more than one."""
_HINT = "Type a relative URL, such as /query/events"


class ResolvedLine(Static):
    """The resolved URL, then the credential or what is wrong, which goes first for room."""

    DEFAULT_CSS = """
    ResolvedLine {
        height: 2; padding: 0 1; color: $text-muted;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    _content: Content | None = None

    def watch_previewed(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        """Draw again: lines break elsewhere at another width."""
        self._draw()

    def _draw(self) -> None:
        """Repaint only if something differs."""
        lines = self._lines()
        content = Content("\n").join(lines)
        if content != self._content:
            self._content = content
            # The screen is only laid out again if the number of lines is another one.
            self.styles.height = max(2, len(lines))
            self.update(content, layout=False)

    @property
    def _room(self) -> int:
        """The largest number of lines."""
        if self.app.size.height < _MIN_HEIGHT_FOR_WRAP:
            return 2
        # Beside the response, the request has all rows of the screen, but few columns.
        return 6 if self.screen.has_class("-wide") else 3

    def _lines(self) -> list[Content]:
        room, width = self._room, self.size.width
        status_room = max(1, room // 3)
        base = self.previewed.base_url
        url = self._url_lines(base or self.previewed.preview.url, room - status_room)
        if base:
            return [*url, Content(_HINT)]
        if (problem := self._problem()) is None:
            status = self._status_line(0 if status_room > 1 else width)
            if width and status_room > 1:
                return [*url, *fit_lines(status, width, status_room)]
            return [*url, status]
        # The remedy comes last in it: it is shown whole before the URL is.
        problem_lines = fit_lines(problem, width, room) if width else [problem]
        return [*url[: room - len(problem_lines)], *problem_lines]

    def _url_lines(self, url: str, height: int) -> list[Content]:
        text = sanitize(url)
        if not text:
            return [Content.styled("→ not resolved", "$text-muted")]
        host = urlsplit(url).netloc
        index = text.find(host)
        content = Content.assemble(
            ("→ ", "$text-primary"),
            text[:index],
            (host, "bold $foreground"),
            text[index + len(host) :],
        )
        width = self.size.width - 2
        if height < 2 or width < 20 or len(content) <= width:
            return [content]
        query, rest_room = text.find("?") + len("→ "), width * (height - 1)
        is_cut = len(content) > width + rest_room
        # Breaking at the query leaves it where it is while the path is typed. It takes more
        # room, but nothing is cut for it.
        breaks = 2 <= query <= width and (is_cut or len(content) - query <= rest_room)
        first = query if breaks else width
        rest = content[first:]
        starts = range(0, min(len(rest), rest_room), width)
        lines = [Content("  ") + rest[start : start + width] for start in starts]
        if len(rest) > rest_room:
            lines[-1] += rest[rest_room:]  # It ends in an ellipsis.
        return [content[:first], *lines]

    def _problem(self) -> Content | None:
        """Return what is wrong and what to do, or None."""
        preview = self.previewed.preview
        if preview.problem is not None:
            return Content.styled(f"✗ {sanitize(str(preview.problem))}", "$text-error")
        moved = next((n for n in preview.notices if "Ingestion host" in n), "")
        if message := moved or needed_omission_notice(preview.additions):
            warning = Content.styled(f"! {sanitize(message)}", "$text-warning")
            return _safety_label(preview.safety) + warning
        return None

    def _status_line(self, width: int) -> Content:
        """Return the credential and what may be cut after it.

        Args:
            width: Of the only line that there is for it; 0 = it may take several.
        """
        preview = self.previewed.preview
        parts = [Content(sanitize(preview.credential))]
        if preview.operation is not None:  # Mixpanel documents it.
            parts.append(Content.styled(preview.operation.title, "$text-secondary"))
        if preview.url_sources:
            parts.append(Content(sanitize(preview.url_sources)))
        safety, separator = _safety_label(preview.safety), Content(" · ")
        # A part of which nothing could be read is left out, not cut to “…”.
        while width and len(parts) > 1:
            shown = len(safety + separator.join(parts[:-1]) + separator)
            if shown < width - len("…"):
                break
            parts.pop()
        return safety + separator.join(parts)


def _safety_label(safety: Safety) -> Content:
    """Return what the request does to data; nothing for a read."""
    match safety:
        case Safety.READ:
            return Content("")
        case Safety.WRITE:
            return Content.assemble(("writes", "bold $text-warning"), " · ")
        case Safety.DESTRUCTIVE:
            label = ("deletes or replaces", "bold reverse $text-error")
            return Content.assemble(label, " · ")
