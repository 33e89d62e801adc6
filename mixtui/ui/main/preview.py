"""What would be sent: request line, headers with their sources, body, quota, hints."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from mixtui.actions import Action, Scope, find
from mixtui.client.description import body_head, body_note, describe_headers
from mixtui.document.document import read
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.page import PageRow, PageSection
from mixtui.request.templates import describe_sources
from mixtui.text import size
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.response.document_view import DocumentView
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce
from mixtui.ui.widgets.text_page import TextPage, page_lines

if TYPE_CHECKING:
    from mixtui.hints import Hint
    from mixtui.model.quota import QuotaStatus

_CLOSE = Action("preview.close", ("escape",), "Close", "Close the preview.", "")
_SWITCH = Action("preview.switch", ("tab",), "Other pane", "Go to the other pane.", "")
"""For the hints alone."""
_HEAD = 64_000
"""Bytes of a file that are shown."""
_BORDER = 1
"""Row of the border above the body."""
_EFFECTS = {
    Safety.READ: "reads",
    Safety.WRITE: "writes",
    Safety.DESTRUCTIVE: "deletes or replaces data",
}


class RequestPreview(Struct, frozen=True):
    """A prepared request, and what is known about it before it is sent."""

    request: PreparedRequest
    typed_headers: Collection[str]
    """The names of the header rows, in lower case."""
    sources: Mapping[str, str]
    """Where the values of its templates come from, by name."""
    quota: Sequence[QuotaStatus]
    """Of every account that it counts against."""
    hints: Sequence[Hint]


class PreviewScreen(StyledOnce, CancelsWorkersOnPrune, ModalScreen[bool]):
    """Shows a request as it would be sent; gives whether to send it now.

    Args:
        preview: The request.
        actions: Every action, with the person's own keys.
    """

    DEFAULT_CSS = """
    PreviewScreen > #box {
        width: 100%; height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; border-subtitle-color: $text-muted;
        background: $background;
    }
    PreviewScreen FocusedPage { height: 1fr; padding: 0 1; }
    PreviewScreen DocumentView {
        display: none; height: 1fr; border-top: solid $border-blurred; padding: 0 0 0 1;
    }
    PreviewScreen.-body DocumentView { display: block; }
    PreviewScreen KeyHints { dock: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False)
    ]

    def __init__(self, preview: RequestPreview, actions: Sequence[Action]) -> None:
        super().__init__()
        self._preview = preview
        shown = [find(name, actions) for name in ("send", "preview")]
        self._send, self._open = (action for action in shown if action is not None)
        self._page, self._body = FocusedPage(), DocumentView()
        self._body.wrap = True  # Nothing that is sent is beyond the edge.

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = "Request preview"
        box.border_subtitle = "Nothing has been sent."
        with box:
            yield self._page
            yield self._body
            yield KeyHints()

    def on_mount(self) -> None:
        """Fill the page; read the body in the background."""
        for keys, action in ((self._send.keys, "send"), (self._open.keys, "close")):
            for key in keys:
                self._bindings.bind(key, action, show=False)
        self.query_one(KeyHints).show([self._send, _CLOSE])
        self._page.show(partial(page_lines, preview_sections(self._preview)))
        self._page.focus()
        self._read_body()

    @work
    async def _read_body(self) -> None:
        try:
            head = await asyncio.to_thread(body_head, self._preview.request, _HEAD)
        except OSError:
            return  # The page names the file; a send tells why it cannot be read.
        if head:
            self._body.document = await asyncio.to_thread(lambda: read(head, raw=True))
            self.add_class("-body")
            self.call_after_refresh(self._share_rows)
            self.query_one(KeyHints).show([self._send, _SWITCH, _CLOSE])

    def on_resize(self) -> None:
        """Share the rows anew, once the page is wrapped to the new width."""
        self.call_after_refresh(self._share_rows)

    def _share_rows(self) -> None:
        """Give the body what it needs, at most half unless the page needs less."""
        if self._body.document is None:
            return
        room = self._page.outer_size.height + self._body.outer_size.height
        most = max(room // 2, room - self._page.row_count)
        self._body.styles.height = min(self._body.virtual_size.height + _BORDER, most)

    def action_send(self) -> None:
        self._finish(True)

    def action_close(self) -> None:
        self._finish(False)

    def _finish(self, send: bool) -> None:
        if self.is_current:
            self.dismiss(send)


class FocusedPage(TextPage, can_focus=True):
    """A page that the keys scroll."""

    BINDINGS = bindings(Scope.LIST)


def preview_sections(preview: RequestPreview) -> tuple[PageSection, ...]:
    """Describe everything but the text of the body."""
    request = preview.request
    line = f"{request.method} {request.shown_url}"
    headers = [
        PageRow(header.value, header.name, facts=f"({header.source})")
        for header in describe_headers(request, typed=preview.typed_headers)
    ]
    notices = [PageRow(request.redactor.redact(text)) for text in request.notices]
    hints = [PageRow(hint.message, is_warning=True) for hint in preview.hints]
    sections = (
        PageSection("", (PageRow(line, is_code=True),)),
        PageSection("Headers", tuple(headers)),
        PageSection("Request", tuple(_facts(preview))),
        PageSection("Added or changed", tuple(notices)),
        PageSection("Hints", tuple(hints)),
    )
    return tuple(section for section in sections if section.rows)


def _shown_part(request: PreparedRequest) -> str:
    """Return how much of a file is shown, if that is not all."""
    content = request.content
    is_long = isinstance(content, FileContent) and content.size > _HEAD
    return f"· the first {size(_HEAD)} are shown" if is_long else ""


def _facts(preview: RequestPreview) -> Iterable[PageRow]:
    request = preview.request
    project = f", project {request.project_id}" if request.project_id else ""
    operation = request.operation
    if operation is not None:
        yield PageRow(operation.title, "Operation", facts=f"({operation.id})")
    yield PageRow(f"{request.environment} ({request.region}{project})", "Environment")
    yield PageRow(_EFFECTS[request.safety], "Effect")
    yield PageRow(body_note(request) or "none", "Body", facts=_shown_part(request))
    if preview.sources:
        yield PageRow(describe_sources(preview.sources), "Variables")
    for status in preview.quota:
        yield PageRow(
            status.label(time.time()) or status.count, "Quota", facts="· costs 1"
        )
    yield PageRow(f"{request.timeout:g} s", "Timeout")
    if not request.follow_redirects:
        yield PageRow("not followed", "Redirects")
