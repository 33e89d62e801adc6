"""All pages of a profile query, one after the other, into something that takes them.

Whatever stops it is told with what came by then, so that it can go on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mixtui.core.errors import ExitStatus, MixtuiError
from mixtui.core.outcome import outcome
from mixtui.core.profile_pages import Page, page_values, read_page, with_values
from mixtui.core.words import pluralise

if TYPE_CHECKING:
    from mixtui.core.exchange import Exchange
    from mixtui.core.prepare import PreparedRequest

Send = Callable[["PreparedRequest"], Awaitable["Exchange"]]
Write = Callable[[tuple[bytes, ...]], Awaitable[None]]
"""Takes the profiles of one page: a line each, without its end."""


@dataclass(frozen=True, slots=True)
class CollectionProgress:
    """How far it is."""

    number: int
    """Of the last page that was written, from 0, as Mixpanel has it."""
    session_id: str
    """For the page behind it; empty = there is none."""
    pages: int
    """Written so far."""
    profiles: int
    expected_pages: int | None
    """In all, as the first page tells it; None = it does not."""
    total: int | None
    """Profiles in all, as the first page tells it."""
    problem: str = ""
    """Why it stopped before the end, in a sentence; empty = it did not."""
    exit_status: int = ExitStatus.ACCEPTED
    """Of the problem."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.session_id

    @property
    def rest(self) -> str:
        """How to get the pages that are missing, in a sentence; empty if none is."""
        if self.complete:
            return ""
        return (
            "The rest, while Mixpanel knows the query: mixtui send … --all-pages with "
            f"-q session_id={self.session_id} -q page={self.number + 1} and another "
            "file."
        )

    @property
    def progress(self) -> str:
        """``page 12 of 40 · 12,000 profiles``"""
        of = f" of {self.expected_pages:,}" if self.expected_pages else ""
        return f"page {self.pages:,}{of} · {pluralise(self.profiles, 'profile')}"

    @property
    def summary(self) -> str:
        """What was written: ``1,204 profiles on 2 pages``."""
        words = (
            f"{pluralise(self.profiles, 'profile')} on {pluralise(self.pages, 'page')}"
        )
        if self.complete and self.total and self.total > self.profiles:
            # Profiles may be deleted meanwhile, or the total may count otherwise.
            words += f" (the first page spoke of {self.total:,})"
        return words


def start_collection(page: Page) -> CollectionProgress:
    """The state behind a first page."""
    return CollectionProgress(
        number=page.number,
        session_id="" if page.is_last else page.session_id,
        pages=1,
        profiles=len(page.profiles),
        expected_pages=page.pages,
        # Of a later page, what is written is not all of it.
        total=page.total if page.pages and page.pages > 1 and not page.number else None,
    )


async def collect(
    request: PreparedRequest,
    here: CollectionProgress,
    started: float,
    *,
    send: Send,
    write: Write,
    told: Callable[[CollectionProgress], None],
) -> CollectionProgress:
    """Write all pages behind one; a problem is in what it returns.

    Args:
        request: The query; that of any page of it.
        here: What was written before.
        started: Unix seconds when the first page was asked for.
        send: Sends a request.
        write: Takes the profiles of a page.
        told: Told after every page.

    Raises:
        DraftError: Pages cannot be asked for with such a body.
        StorageError: What `write` raises.
    """
    here = replace(here, problem="", exit_status=ExitStatus.ACCEPTED)
    while not here.complete:
        values = page_values(request, here.session_id, here.number + 1, started)
        try:
            exchange = await send(with_values(request, values))
        except MixtuiError as error:
            return replace(here, problem=str(error), exit_status=error.exit_status)
        page = _page(exchange, here.number + 1)
        if not isinstance(page, Page):
            problem, status = page
            return replace(here, problem=problem, exit_status=status)
        await write(page.profiles)
        here = replace(
            here,
            number=page.number,
            session_id="" if page.is_last else page.session_id,
            pages=here.pages + 1,
            profiles=here.profiles + len(page.profiles),
        )
        told(here)
    return here


def _page(exchange: Exchange, number: int) -> Page | tuple[str, int]:
    """The page of an answer, or why there is none, with the exit status of that.

    People count pages from 1, as everywhere on the screen; Mixpanel from 0.
    """
    ended = outcome(exchange)
    if ended.exit_status:
        return f"Page {number + 1}: {ended.words}. {ended.detail}", ended.exit_status
    page = read_page(exchange.response.body)
    if page is None:
        return f"What came for page {number + 1} is no page of profiles.", 1
    if page.number != number:
        return f"Page {page.number + 1} came where page {number + 1} was asked for.", 1
    return page
