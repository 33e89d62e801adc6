"""Find a saved request by its name, folder, URL, method, description or operation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from mixtui.actions import FINDER_ACTIONS, Action
from mixtui.editing.finder import Findable, Finder, marks, tags_text
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import BrokenFile
from mixtui.request.preview import operation_of
from mixtui.storage.heads import RequestHead
from mixtui.storage.paths import display_name
from mixtui.storage.tree import RequestEntry
from mixtui.text import pluralise, sanitize
from mixtui.ui.sidebar.sidebar import no_requests
from mixtui.ui.sidebar.tree import Head
from mixtui.ui.widgets.search_screen import MatchList, SearchScreen
from mixtui.ui.widgets.text_page import TextPage, columns

if TYPE_CHECKING:
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost

KnownRequests = Sequence[tuple[RequestEntry, Head | None]]
"""Saved requests; None = the file was not read yet."""


async def find_request(
    host: PaneHost, collection: CollectionController, actions: Sequence[Action]
) -> None:
    """Find a saved request, and open it."""
    screen = FinderScreen(
        Library(
            collection.store.root,
            lambda: list(host.saved_requests.known()),
            host.environment,
            collection.wait_until_read,
        ),
        actions=actions,
    )
    path = await host.ask(screen)
    if path is not None:
        await collection.open(path)


class Library(Struct, frozen=True):
    """The saved requests to search."""

    root: Path
    known: Callable[[], KnownRequests]
    """Returns what is known by now."""
    environment: Environment
    """Its hosts and variables tell which operation a URL is of."""
    wait_until_read: Callable[[], Awaitable[None]]
    """Waits until every file was read."""


class FinderScreen(SearchScreen[Path]):
    """Gives the path of the request that was chosen; None = none.

    What is known is searched at once; the rest, and the operations, when they are read.

    Args:
        library: The requests.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    FinderScreen TextPage { height: 5; border-top: solid $border-blurred; padding: 0 0 0 1; }
    FinderScreen.-squat TextPage { height: 1; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "close", "Back", show=False, id="find")
    ]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (20, "-tall")]

    def __init__(self, library: Library, *, actions: Sequence[Action] = ()) -> None:
        self._library = library
        self._list = FinderList()
        self._details = TextPage()
        self._paths: list[Path] = []
        self._finder = Finder(())
        super().__init__(
            self._list,
            "",
            title="Find a saved request",
            placeholder="Search by name, folder, #tag, URL, method, description or operation",
            own_actions=FINDER_ACTIONS,
            actions=actions,
        )

    def compose_results(self) -> ComposeResult:
        yield self._list
        yield self._details

    async def prepare(self) -> None:
        await self._read_known(_findable)
        self._read_rest()

    @work
    async def _read_rest(self) -> None:
        await self._library.wait_until_read()
        operations: dict[tuple[object, ...], str] = {}
        environment = self._library.environment
        await self._read_known(partial(_with_operation, environment, operations))
        self.search(again=True)

    async def _read_known(
        self, make: Callable[[Path, RequestEntry, Head | None], Findable]
    ) -> None:
        known, root = self._library.known(), self._library.root
        self._finder = await asyncio.to_thread(
            lambda: Finder(make(root, *each) for each in known)
        )
        self._paths = [entry.path for entry, _ in known]

    def list_matches(self, text: str) -> str:
        # More was read: the cursor stays on its request.
        is_same = text == self._list.searched
        chosen = self._list.chosen if is_same else None
        before = None if chosen is None else chosen[0]
        indexes = self._finder.find(text)
        requests = self._finder.items
        matches = [(index, requests[index]) for index in indexes]
        if not requests:
            self._list.empty_text = no_requests()
        position = indexes.index(before) if before in indexes else 0
        self._list.show(matches, text, position)
        total = pluralise(len(requests), "saved request")
        return f"{len(matches)} of {total}" if text.strip() else total

    @property
    def chosen(self) -> Path | None:
        match = self._list.chosen
        return None if match is None else self._paths[match[0]]

    def explain(self) -> None:
        match = self._list.chosen
        request = None if match is None else match[1]
        self._details.show(partial(_details, request, self._list.searched))


_LABEL = 13
"""Cells of a label of the details."""
_METHOD = 6
_GAP = 2
_CURSOR = 2
"""Cells of the columns."""
_STAR = "★ "
_MIN_REST = 20
"""Cells for the URL; where there are fewer, it is below the list alone."""


class FinderList(MatchList[tuple[int, Findable]]):
    """Lists requests, each with its index: method, path, URL and what else is known."""

    DEFAULT_CSS = """
    FinderList > .finder--method { color: $text-primary; }
    FinderList > .finder--quiet { color: $text-muted; }
    FinderList > .finder--star { color: $text-accent; }
    """
    COMPONENT_CLASSES = {"finder--method", "finder--quiet", "finder--star"}
    empty_text = "No matching saved requests. Try fewer letters, or part of the URL."

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        _, request = self.match(index)
        quiet = self.foreground_style("finder--quiet")
        style = self.rich_style + Style(bold=selected)
        star = self.foreground_style("finder--star")
        room = width - _CURSOR - _METHOD - 1
        rest = room // 2 - _GAP if room // 2 >= _MIN_REST else 0
        path = room - rest - _GAP * bool(rest)
        yield Segment("› " if selected else "  ", style)
        method = f"{request.method:<{_METHOD}} "
        yield Segment(method, self.foreground_style("finder--method"))
        path -= len(_STAR)
        yield Segment(_STAR if request.favorite else " " * len(_STAR), star)
        yield from self.marked(request.path, path, style, is_path=True)
        if rest:
            tags = tags_text(request.tags)
            facts = (tags, request.url, request.operation, request.description)
            yield Segment(" " * _GAP, style)
            yield from self.marked("  ".join(filter(None, facts)), rest, quiet)


def _findable(root: Path, entry: RequestEntry, head: Head | None) -> Findable:
    """Return what can be found of a request without the catalogue."""
    folder = display_name(entry.path.parent.relative_to(root).as_posix())
    request = Findable(entry.stem, "" if folder == "." else folder)
    match head:
        case RequestHead():
            return replace(
                request,
                name=head.name,
                method=head.method.value,
                url=head.url,
                description=" ".join(head.description.split()),
                tags=head.tags,
                favorite=head.favorite,
            )
        case BrokenFile():
            return replace(request, description=str(head))
        case None:
            return request


def _with_operation(
    environment: Environment,
    operations: dict[tuple[object, ...], str],
    root: Path,
    entry: RequestEntry,
    head: Head | None,
) -> Findable:
    """Return what can be found of a request, with the operation that it calls.

    Args:
        environment: Its hosts and variables tell which operation a URL is of.
        operations: Those already known, by method, API and URL.
        root: The collection.
        entry: The request.
        head: What was read of it.
    """
    request = _findable(root, entry, head)
    if not isinstance(head, RequestHead):
        return request
    key = (head.method, head.api, head.url)
    if key not in operations:
        draft = Draft(method=head.method, api=head.api, url=head.url)
        operation = operation_of(draft, environment)
        operations[key] = f"{operation.title} ({operation.id})" if operation else ""
    return replace(request, operation=operations[key])


def _details(request: Findable | None, searched: str, width: int) -> list[Content]:
    if request is None:
        return []
    rows: list[tuple[Content, Content]] = []
    for label, text in (
        ("URL", request.url),
        ("Operation", request.operation),
        ("Description", request.description),
        ("Tags", tags_text(request.tags)),
    ):
        shown = sanitize(text)
        content = Content(shown)
        for start, end in marks(shown, searched):
            content = content.stylize("bold underline", start, end)
        rows.append((Content.styled(label, "$text-muted"), content))
    return columns(rows, _LABEL, width)
