"""Find a saved request by its name, folder, URL, method, description or operation."""

from __future__ import annotations

import asyncio
import os
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
from mixtui.request.record_data import DATA
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
    host: PaneHost,
    collection: CollectionController,
    index: FinderIndex,
    actions: Sequence[Action],
) -> None:
    """Find a saved request, and open it."""
    screen = FinderScreen(
        Library(
            collection.store.root,
            lambda: list(host.saved_requests.known()),
            host.environment,
            collection.wait_until_read,
            lambda: host.saved_requests.revision,
        ),
        index,
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
    revision: Callable[[], int]
    """Returns another number once something else is known."""


class FinderIndex:
    """The saved requests as they were last searched: kept while the finder is closed."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.finder = Finder(())
        self._made_of: tuple[tuple[Path, int, Environment], bool] | None = None

    async def update(self, library: Library, *, with_operations: bool) -> None:
        """Read what is known by now, in a thread, unless it is the same as before."""
        made_of = (library.root, library.revision(), library.environment)
        if self._made_of in ((made_of, with_operations), (made_of, True)):
            return
        known, make = library.known(), partial(_findable, library.root)
        if with_operations:
            make = partial(_with_operation, library.environment, {}, library.root)
        self.finder = await asyncio.to_thread(
            lambda: Finder(make(*each) for each in known)
        )
        self.paths = [entry.path for entry, _ in known]
        self._made_of = made_of, with_operations


class FinderScreen(SearchScreen[Path]):
    """Gives the path of the request that was chosen; None = none.

    What is known is searched at once; the rest, and the operations, when they are read.

    Args:
        library: The requests.
        index: What was made of them the last time.
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

    def __init__(
        self,
        library: Library,
        index: FinderIndex | None = None,
        *,
        actions: Sequence[Action] = (),
    ) -> None:
        self._library = library
        self._index = index or FinderIndex()
        self._list = FinderList()
        self._details = TextPage()
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
        await self._index.update(self._library, with_operations=False)
        self._read_rest()

    @work
    async def _read_rest(self) -> None:
        await self._library.wait_until_read()
        await self._index.update(self._library, with_operations=True)
        self.search(again=True)

    def list_matches(self, text: str) -> str:
        # More was read: the cursor stays on its request.
        is_same = text == self._list.searched
        chosen = self._list.chosen if is_same else None
        before = None if chosen is None else chosen[0]
        indexes = self._index.finder.find(text)
        requests = self._index.finder.items
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
        return None if match is None else self._index.paths[match[0]]

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
    # As text: pathlib takes longer than everything else here.
    folder = os.path.dirname(str(entry.path)).removeprefix(str(root))
    folder = display_name(folder.strip(os.sep).replace(os.sep, "/"))
    request = Findable(entry.stem, folder)
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
    url, query, rest = head.url.partition("?")
    if DATA in rest:  # Only records decide, where they are in the query.
        url += query + rest
    else:
        url += "".join(rest.partition("#")[1:])
    key = (head.method, head.api, url)
    if key not in operations:
        draft = Draft(method=head.method, api=head.api, url=url)
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
