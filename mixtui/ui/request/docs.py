"""The Docs tab: the page of the draft's operation, or the operations it may mean."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual import work
from textual.content import Content
from textual.message import Message
from textual.reactive import var

from mixtui.actions import Scope
from mixtui.key_names import key_of
from mixtui.mixpanel.catalogue import Operation
from mixtui.mixpanel.docs import operation_page
from mixtui.request.operation_match import path_terms, suggest_operations
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune
from mixtui.ui.widgets.text_page import TextPage, page_lines

_UNKNOWN_OPERATION = (
    "This request does not match a documented Mixpanel operation. You can still send "
    "it, but mixtui cannot check its parameters."
)


def _empty_url() -> str:
    return (
        f"The URL is empty. Type a URL, or press {key_of('docs.open_operation')} to "
        "choose from the Mixpanel operations."
    )


class OperationDocs(CancelsWorkersOnPrune, TextPage, can_focus=True):
    """A page about the operation of the draft, drawn while it is on the screen."""

    DEFAULT_CSS = """
    OperationDocs { padding: 0 0 0 1; }
    OperationDocs:focus { background: $panel; }
    """
    BINDINGS = bindings(Scope.DOCS)
    can_focus = True

    @dataclass
    class CatalogueRequested(Message):
        """Posted to open the catalogue of operations."""

        query: str
        operation_id: str
        """The operation to show; empty = what the query finds."""

    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    _subject: object = None
    """What the page shown is about."""

    def watch_previewed(self) -> None:
        if self.is_on_screen:
            self._draw()

    def on_show(self) -> None:
        """Draw the page, which may be about another draft by now."""
        self._draw()

    @property
    def _operation(self) -> Operation | None:
        return self.previewed.preview.operation

    def _draw(self) -> None:
        """Make the page again, if it is about something else."""
        operation, draft = self._operation, self.previewed.draft
        subject = operation or (draft.method, draft.api, draft.url)
        if subject == self._subject:
            return
        self._subject = subject
        if operation is not None:
            self.show(partial(_operation_lines, operation))
        elif not draft.url.strip():
            self.show(lambda width: Content(_empty_url()).wrap(width))
        else:
            self._suggest()

    @work(group="suggestions", exclusive=True)
    async def _suggest(self) -> None:
        operations = await asyncio.to_thread(suggest_operations, self.previewed.draft)
        self.show(partial(_suggestion_lines, operations))

    # Keys

    def action_open_operation(self) -> None:
        """Open the catalogue at the operation, or at its replacement."""
        operation = self._operation
        if operation is not None:
            operation_id = operation.replacement or operation.id
            self.post_message(self.CatalogueRequested("", operation_id))
        else:
            terms = path_terms(self.previewed.draft)
            self.post_message(self.CatalogueRequested(terms, ""))

    async def action_copy_link(self) -> None:
        """Copy the URL of Mixpanel's documentation."""
        from mixtui.ui.dialogs.clipboard import Copied, copy

        if self._operation is None:
            self.notify("No documentation: this request is not a documented operation.")
            return
        copied = await copy(self.app, self._operation.link, "Link")
        if isinstance(copied, Copied):
            self.notify(copied.sentence, markup=False)


def _operation_lines(operation: Operation, width: int) -> list[Content]:
    title = Content.styled(operation.title, "bold $text-primary").wrap(width)
    lines = [*title, *page_lines(operation_page(operation), width)]
    what = "Show replacement" if operation.replacement else "Show in operations"
    hint = (
        f"{key_of('docs.open_operation')} {what} · {key_of('docs.copy_link')} Copy link"
    )
    return [*lines, Content(), *Content.styled(hint, "$text-muted").wrap(width)]


def _suggestion_lines(operations: Sequence[Operation], width: int) -> list[Content]:
    lines = Content(_UNKNOWN_OPERATION).wrap(width)
    if operations:
        lines += [Content(), *Content.styled("Closest matches", "bold").wrap(width)]
    for each in operations:
        text = Content.assemble(
            (f"{each.method:<6} ", "$text-primary"),
            (sanitize(each.url), "$text-accent"),
            f"  {each.title}",
            (f" · {each.api.label}", "$text-muted"),
        )
        lines += text.wrap(width)
    hint = f"{key_of('docs.open_operation')} Search operations"
    return [*lines, Content(), *Content.styled(hint, "$text-muted").wrap(width)]
