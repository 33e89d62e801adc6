"""Read a page of a profile query, request the next one, and collect all pages.

The first request has no ``page``; its response names a ``session_id``. The next request
is the same with that id and ``page`` one higher. The last page is shorter than
``page_size``, or names no session. https://developer.mixpanel.com/reference/engage-query
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Container, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui import jsonbytes, jsontext
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import DraftError, ExitStatus, Field, MixtuiError
from mixtui.outcome.body_facts import Family, family_of
from mixtui.outcome.outcome import judge_response
from mixtui.request.body import CONTENT_TYPES
from mixtui.request.urls import encode_pair
from mixtui.text import pluralise

if TYPE_CHECKING:
    from mixtui.model.draft import Headers
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest


QUOTA_NOTE = (
    "Following pages of a query reportedly do not count against the 60 queries an "
    "hour; the first one does."
)
"""Source: airbytehq/airbyte#57513; no official page says so."""


class Page(Struct, frozen=True):
    """A page of profiles."""

    number: int
    """From 0."""
    size: int
    """How many profiles a page holds; 0 = not stated."""
    session_id: str
    """Empty = there are no more pages."""
    total: int | None
    """Profiles in the entire result; None = not stated."""
    profiles: tuple[bytes, ...]
    """Each as the server sent it, on one line."""

    @property
    def is_last(self) -> bool:
        """Whether it is the last page."""
        return not self.session_id or not self.profiles or self._is_short

    @property
    def _is_short(self) -> bool:
        return len(self.profiles) < self.size

    @property
    def pages(self) -> int | None:
        """The total number of pages; None = unknown.

        The API description defines ``total`` as the number in this response; official
        clients treat it as the grand total. A total that equals the size of a page may
        be either.
        """
        if self.is_last:
            return self.number + 1
        if self.total is None or not self.size or self.total <= len(self.profiles):
            return None
        return -(-self.total // self.size)


def is_profile_query(request: PreparedRequest) -> bool:
    """Return whether a request is a profile query."""
    return family_of(request) is Family.PROFILE_QUERY


def is_next_page(request: PreparedRequest) -> bool:
    """Return whether a profile query requests a page after the first."""
    parameters = _read_parameters(request)
    return bool(parameters.get("session_id")) and parameters.get("page", "0") != "0"


def read_page(body: bytes) -> Page | None:
    """Parse a page; None if the body is not a page of profiles."""
    import msgspec

    kinds = {
        "page": (int, 0),
        "page_size": (int, 0),
        "session_id": (str | None, None),
        "total": (int | None, None),
        "results": (list[msgspec.Raw], msgspec.UNSET),
    }
    page_type = msgspec.defstruct(
        "Answer", [(name, kind, default) for name, (kind, default) in kinds.items()]
    )
    try:
        parsed = jsonbytes.decode(body, page_type)
    except jsonbytes.NotJson:
        return None
    fields = {name: getattr(parsed, name) for name in kinds}
    if fields["results"] is msgspec.UNSET:
        return None
    return Page(
        number=fields["page"],
        size=fields["page_size"],
        session_id=fields["session_id"] or "",
        total=fields["total"],
        profiles=tuple(_one_line(bytes(raw)) for raw in fields["results"]),
    )


def _one_line(profile: bytes) -> bytes:
    import msgspec

    return msgspec.json.format(profile, indent=-1) if b"\n" in profile else profile


def page_parameters(
    request: PreparedRequest, session_id: str, number: int, started: float
) -> Mapping[str, str]:
    """Return the parameters that request a page after the first.

    With ``behaviors``, Mixpanel requires ``as_of_timestamp`` as well.

    Args:
        request: The query, with or without a page.
        session_id: From the previous page.
        number: Of the page, from 0.
        started: Unix seconds when the first page was requested.
    """
    values = {"session_id": session_id, "page": str(number)}
    existing = _read_parameters(request)
    if "behaviors" in existing and "as_of_timestamp" not in existing:
        values["as_of_timestamp"] = str(int(started))
    return values


def with_parameters(
    request: PreparedRequest, values: Mapping[str, str]
) -> PreparedRequest:
    """Return a request with parameters set where its other parameters are.

    Raises:
        DraftError: The body cannot hold parameters.
    """
    if request.method is Method.GET:
        return replace(request, url=_set_in_url(request.url, values))
    content = request.content if request.content is not None else b""
    if not isinstance(content, bytes):
        raise DraftError(
            Field.BODY,
            "Paging does not work with a file as the body: paste its content as a "
            "form.",
        )
    # A parameter typed into the query must not contradict the body.
    request = replace(request, url=_set_in_url(request.url, {}, set(values)))
    content_type = _content_type(request.headers)
    if not content.strip() or content_type == CONTENT_TYPES[BodyType.FORM]:
        text = _set_in_form(content.decode("utf-8", "replace"), values)
        headers = request.headers
        if not content_type:
            headers = (*headers, ("Content-Type", CONTENT_TYPES[BodyType.FORM]))
        return replace(request, content=text.encode(), headers=headers)
    return replace(request, content=_set_in_json(content.decode(), values).encode())


def draft_with_parameters(draft: Draft, values: Mapping[str, str]) -> Draft:
    """Return the draft of a page request, which the history stores."""
    body = draft.body
    pairs = tuple(row for row in draft.query if row.name not in values)
    draft = replace(draft, query=pairs)
    if draft.method is Method.GET:
        rows = tuple(Pair(name, value) for name, value in values.items())
        return replace(draft, query=(*pairs, *rows))
    if body is None or body.type is BodyType.FORM or not body.text.strip():
        lines = body.text.splitlines() if body is not None else []
        other_lines = [line for line in lines if line.partition("=")[0] not in values]
        added = [f"{name}={value}" for name, value in values.items()]
        text = "\n".join([*other_lines, *added])
        return replace(draft, body=Body(BodyType.FORM, text))
    if body.type is BodyType.JSON and jsontext.check(body.text) is None:
        return replace(draft, body=replace(body, text=_set_in_json(body.text, values)))
    return draft


def size_label(page: Page) -> str:
    """Format the size of a result: ``12 pages, 11,204 profiles``."""
    total = page.total if page.pages is not None else None
    if page.is_last and page.number == 0:
        total = len(page.profiles)
    pages = pluralise(page.pages, "page") if page.pages else "more than one page"
    if total is None:
        return f"{pages}, total number of profiles unknown"
    return f"{pages}, {pluralise(total, 'profile')}"


def _read_parameters(request: PreparedRequest) -> dict[str, str]:
    """Return the parameters of query and body; those in the body win."""
    result = dict(parse_qsl(urlsplit(request.url).query, True))
    content = request.content
    if not isinstance(content, bytes):
        return result
    text = content.decode("utf-8", "replace")
    if jsontext.first_character(text) == "{" and jsontext.check(text) is None:
        start = jsontext.skip_space(text, 0)
        members = jsontext.members(text, start)
        return result | {m.key: text[m.start : m.end].strip('"') for m in members}
    return result | dict(parse_qsl(text, True))


def _content_type(headers: Headers) -> str:
    values = (v for n, v in headers if n.lower() == "content-type")
    return next(values, "").partition(";")[0].strip().lower()


def _set_in_url(
    url: str, values: Mapping[str, str], removed: Container[str] = ()
) -> str:
    base, mark, fragment = url.partition("#")
    path, _, query = base.partition("?")
    query = _set_in_form(query, values, removed)
    return f"{path}{query and '?'}{query}{mark}{fragment}"


def _set_in_form(
    text: str, values: Mapping[str, str], removed: Container[str] = ()
) -> str:
    """Set and remove fields of a form, and leave the others byte for byte."""
    kept_pairs = [
        pair
        for pair in text.strip().split("&")
        if pair
        and not any(n in values or n in removed for n, _ in parse_qsl(pair, True))
    ]
    return "&".join([*kept_pairs, *(encode_pair(n, v) for n, v in values.items())])


def _set_in_json(text: str, values: Mapping[str, str]) -> str:
    """Set members of a JSON object, and leave everything else as it is written.

    Raises:
        DraftError: The text is not a JSON object.
    """
    start = jsontext.skip_space(text, 0)
    if text[start : start + 1] != "{" or jsontext.check(text):
        raise DraftError(
            Field.BODY,
            "Paging does not work with this body: use a form or a JSON object.",
        )
    missing = dict(values)
    pieces, copied = [], 0
    for member in jsontext.members(text, start):
        if member.key in values:
            pieces += [text[copied : member.start], _json_value(values, member.key)]
            copied = member.end
            missing.pop(member.key, None)
    text = "".join([*pieces, text[copied:]])
    end = text.rindex("}")
    added = [f"{json.dumps(name)}: {_json_value(values, name)}" for name in missing]
    if not added:
        return text
    comma = ", " if text[start + 1 : end].strip() else ""
    return f"{text[:end].rstrip()}{comma}{', '.join(added)}{text[end:]}"


def _json_value(values: Mapping[str, str], name: str) -> str:
    return json.dumps(values[name]) if name == "session_id" else values[name]


Send = Callable[["PreparedRequest"], Awaitable["Exchange"]]
Write = Callable[[tuple[bytes, ...]], Awaitable[None]]
"""Writes the profiles of one page, each without its line end."""


class CollectionProgress(Struct, frozen=True):
    """How far a collection of pages has come."""

    number: int
    """The last page that was written, from 0."""
    session_id: str
    """For the next page; empty = that was the last one."""
    pages: int
    """Written so far."""
    profiles: int
    expected_pages: int | None
    """In all, according to the first page; None = not stated."""
    total: int | None
    """Profiles in all, according to the first page; None = not stated."""
    problem: str = ""
    """Why it stopped early; empty = it did not."""
    exit_status: int = ExitStatus.ACCEPTED
    """The exit status for the problem."""

    @property
    def is_complete(self) -> bool:
        """Whether all pages were written."""
        return not self.session_id

    @property
    def shortfall(self) -> str:
        """What the server left out before it ended the query; empty = nothing."""
        if not self.is_complete:
            return ""
        if self.expected_pages and self.number + 1 < self.expected_pages:
            return (
                f"Mixpanel ended the query at page {self.number + 1:,} of "
                f"{self.expected_pages:,}, so profiles are missing: try again."
            )
        if self.total and self.total > self.profiles:
            # Profiles may have been deleted meanwhile, or the total counts differently.
            return (
                f"The first page announced {pluralise(self.total, 'profile')}: some "
                "were deleted in the meantime or are missing, so try again."
            )
        return ""

    @property
    def resume_hint(self) -> str:
        """How to get the missing pages; empty = none are missing."""
        if self.is_complete:
            return ""
        return (
            "To get the rest while Mixpanel keeps the query: mixtui send … "
            f"--all-pages -q session_id={self.session_id} -q page={self.number + 1}, "
            "with another output file."
        )

    @property
    def progress(self) -> str:
        """``page 12 of 40 · 12,000 profiles``"""
        total = f" of {self.expected_pages:,}" if self.expected_pages else ""
        return f"page {self.pages:,}{total} · {pluralise(self.profiles, 'profile')}"

    @property
    def summary(self) -> str:
        """What was written: ``1,204 profiles on 2 pages``."""
        return (
            f"{pluralise(self.profiles, 'profile')} on {pluralise(self.pages, 'page')}"
        )


def start_collection(page: Page) -> CollectionProgress:
    """Return the progress after the first page."""
    pages = page.pages
    exceeds = page.total is not None and page.total > len(page.profiles)
    return CollectionProgress(
        number=page.number,
        session_id="" if page.is_last else page.session_id,
        pages=1,
        profiles=len(page.profiles),
        expected_pages=-(-(page.total or 0) // page.size)
        if exceeds and page.size
        else pages,
        # A collection that starts at a later page does not write the total.
        total=page.total if exceeds and not page.number else None,
    )


async def collect(
    request: PreparedRequest,
    progress: CollectionProgress,
    started: float,
    *,
    send: Send,
    write: Write,
    on_progress: Callable[[CollectionProgress], None],
) -> CollectionProgress:
    """Request and write the remaining pages; the result says if it stopped early.

    Args:
        request: The request for any page of the query.
        progress: The pages written so far.
        started: Unix seconds when the first page was requested.
        send: Sends a request.
        write: Writes the profiles of a page.
        on_progress: Called after every page.

    Raises:
        DraftError: Pages cannot be requested with such a body.
        StorageError: `write` failed.
    """
    progress = replace(progress, problem="", exit_status=ExitStatus.ACCEPTED)
    while not progress.is_complete:
        values = page_parameters(
            request, progress.session_id, progress.number + 1, started
        )
        try:
            exchange = await send(with_parameters(request, values))
        except MixtuiError as error:
            return replace(progress, problem=str(error), exit_status=error.exit_status)
        page = _expect_page(exchange, progress.number + 1)
        if not isinstance(page, Page):
            problem, status = page
            return replace(progress, problem=problem, exit_status=status)
        await write(page.profiles)
        progress = replace(
            progress,
            number=page.number,
            session_id="" if page.is_last else page.session_id,
            # After a full last page, an empty one says that it was the last.
            pages=progress.pages + bool(page.profiles),
            profiles=progress.profiles + len(page.profiles),
        )
        on_progress(progress)
    return progress


def _expect_page(exchange: Exchange, number: int) -> Page | tuple[str, int]:
    """Return the page in a response, or a problem with its exit status.

    Messages count pages from 1, as the app does everywhere; Mixpanel counts from 0.
    """
    outcome = judge_response(exchange)
    if outcome.exit_status:
        return (
            f"Page {number + 1}: {outcome.label}. {outcome.detail}",
            outcome.exit_status,
        )
    page = read_page(exchange.response.body)
    if page is None:
        return f"The response for page {number + 1} is not a page of profiles.", 1
    if page.number != number:
        return f"Got page {page.number + 1} instead of page {number + 1}.", 1
    return page
