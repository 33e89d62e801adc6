"""Annotations: one JSON file with all of them, and the Annotations API.

https://developer.mixpanel.com/reference/annotations. An annotation is identified by the id
that the server gives it. Its date cannot be changed there, so an entry of the file with
another date is another annotation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.jobs.sync.files import changed_since
from mixtui.jobs.sync.plan import (
    Difference,
    Item,
    OnDone,
    State,
    format_json,
    make_item,
)
from mixtui.jobs.sync.server import AppApi, Refused
from mixtui.model.draft import Method
from mixtui.model.errors import BrokenFile
from mixtui.model.prepared import PreparedRequest
from mixtui.storage import files

_URL = "/annotations"
_ID = "id"
"""Begins the key of an annotation that has one."""
_DATE = "%Y-%m-%d %H:%M:%S"
_DATE_LENGTH = len("2026-01-31 12:00:00")
_SHOWN = 40
"""Characters of a description in a label."""


class Annotation(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """An entry of the file."""

    date: str
    """``2026-01-31 12:00:00``, in the time zone of the project."""
    description: str = ""
    id: int | None = None
    """None = the project does not have it yet."""
    tags: tuple[str, ...] = ()
    """Names, sorted."""

    def item(self) -> Item:
        """Return it as an item; its id is not compared."""
        shown = msgspec.to_builtins(replace(self, id=None))
        text = self.description
        text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        meaning = {**shown, "date": _comparable(self.date)}
        item = make_item(f"{self.date} {text}", shown, meaning)
        return replace(item, value=self)


class _Tag(Struct, frozen=True):
    id: int
    name: str


class _Stored(Struct, frozen=True):
    """An annotation, as the API lists it."""

    id: int
    date: str
    description: str | None = ""
    tags: list[_Tag] | None = None

    def annotation(self) -> Annotation:
        return Annotation(
            date=self.date,
            description=self.description or "",
            id=self.id,
            tags=tuple(sorted(tag.name for tag in self.tags or ())),
        )


class _Listing(Struct, frozen=True):
    results: list[_Stored]


class _Created(Struct, frozen=True):
    results: _Stored


class AnnotationFile:
    """A file with a list of annotations, by date."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self.path = path
        self._data: bytes | None = None
        """What was read; None = there was no file."""
        self._entries: tuple[Annotation, ...] = ()
        self._by_key: dict[str, Annotation] = {}
        self._pulls = False

    def load(self) -> None:
        """Read the file.

        Raises:
            StorageError: It cannot be read.
            BrokenFile: It is not a list of annotations, or two have the same id.
        """
        self._data = files.read(self.path) if self.path.exists() else None
        self._entries = () if self._data is None else _parse(self.path, self._data)

    def state(self, server: State) -> State:
        """Return what was read, each entry under the key it has on the server.

        An entry is the annotation of its id, if that has the same date; else one with the
        same content that no other entry stands for; else one that the server lacks.
        """
        self._by_key = _match(self._entries, server)
        return {key: entry.item() for key, entry in self._by_key.items()}

    def write(self, changes: Sequence[Difference]) -> None:
        """Make the entries like the server's, where they differ; `settle` writes the file."""
        entries = dict(self._by_key)
        for change in changes:
            entries.pop(change.key, None)
            if change.source is not None:
                entries[change.key] = change.source.value
        self._by_key, self._pulls = entries, bool(changes)

    def settle(self, created: Mapping[str, str]) -> None:
        """Write the file, with the ids of the entries that the server has.

        If it was edited since it was read, only the ids of what was created are added.

        Args:
            created: The key of each entry that was created there, by its key before.

        Raises:
            ChangedOutside: It was edited while it was pulled.
            StorageError: It cannot be written.
        """
        entries = {created.get(key, key): e for key, e in self._by_key.items()}
        known = tuple(_with_id(entry, key) for key, entry in entries.items())
        new = [e for key, e in zip(self._by_key, known, strict=True) if key in created]

        def change(present: bytes | None) -> bytes:
            if present == self._data:
                return _render(known, self._entries, present)
            if self._pulls:
                raise changed_since(self.path)
            edited = () if present is None else _parse(self.path, present)
            return _render(_with_ids_of(edited, new), edited, present)

        files.update(self.path, change)
        self._entries = known

    def name_of(self, key: str) -> str:
        """Return the name of the file."""
        return self.path.name


def _parse(path: Path, data: bytes) -> tuple[Annotation, ...]:
    try:
        entries = msgspec.json.decode(
            data.removeprefix(b"\xef\xbb\xbf"), type=tuple[Annotation, ...]
        )
    except msgspec.ValidationError as error:
        raise BrokenFile(path, f"this is not a list of annotations: {error}.") from None
    except (ValueError, RecursionError) as error:
        raise BrokenFile(path, f"this is not JSON: {error}.") from None
    ids = Counter(entry.id for entry in entries if entry.id is not None)
    if twice := next((each for each, count in ids.items() if count > 1), None):
        raise BrokenFile(path, f"two annotations have the id {twice}.")
    return entries


def _render(
    entries: Sequence[Annotation], before: Sequence[Annotation], data: bytes | None
) -> bytes:
    """Return the file, as it is if it says the same."""
    ordered = sorted(entries, key=_order)
    if data is not None and ordered == sorted(before, key=_order):
        return data
    return format_json(msgspec.to_builtins(ordered)).encode()


def _with_ids_of(
    entries: Sequence[Annotation], created: Sequence[Annotation]
) -> list[Annotation]:
    """Return entries with the ids of those that were created with the same content."""
    ids: dict[str, list[int | None]] = {}
    for each in created:
        ids.setdefault(each.item().digest, []).append(each.id)
    found = []
    for entry in entries:
        same = ids.get(entry.item().digest) if entry.id is None else None
        found.append(replace(entry, id=same.pop(0)) if same else entry)
    return found


def _order(entry: Annotation) -> tuple[Any, ...]:
    return (entry.date, entry.id or 0, entry.description, entry.tags)


def _with_id(entry: Annotation, key: str) -> Annotation:
    """Return an entry with the id of its key; one that the server lacks may have none."""
    start, _, identifier = key.partition(" ")
    return replace(entry, id=int(identifier) if start == _ID else None)


def _key(identifier: int) -> str:
    return f"{_ID} {identifier}"


def _match(entries: Sequence[Annotation], server: State) -> dict[str, Annotation]:
    """Return the entries by key."""
    keys: dict[int, str] = {}
    for index, entry in enumerate(entries):
        there = server.get(_key(entry.id)) if entry.id is not None else None
        if there is not None and _comparable(there.value.date) == _comparable(
            entry.date
        ):
            keys[index] = _key(there.value.id)
    taken = set(keys.values())
    free: dict[str, list[str]] = {}
    seen: Counter[str] = Counter()
    for key, item in server.items():
        if key not in taken:
            free.setdefault(item.digest, []).append(key)
    for index, entry in enumerate(entries):
        if index in keys:
            continue
        same = free.get(entry.item().digest)
        if same:
            keys[index] = same.pop(0)
        elif entry.id is not None and _key(entry.id) not in server:
            keys[index] = _key(entry.id)
        else:
            # Of the content, so that it is the same wherever it is in the file.
            digest = entry.item().digest
            keys[index] = f"new {digest} {seen[digest]}"
            seen[digest] += 1
    return {keys[index]: entry for index, entry in enumerate(entries)}


def _comparable(date: str) -> str:
    return date[:_DATE_LENGTH].replace("T", " ")


class AnnotationServer:
    """The annotations of a project."""

    def __init__(self, api: AppApi) -> None:
        """Send nothing yet."""
        self._api = api
        self._tags: dict[str, int] = {}

    def list_request(self) -> PreparedRequest:
        """Return the request that lists them."""
        return self._api.prepare(Method.GET, _URL)

    async def read(self) -> State:
        """Return what the project has.

        Raises:
            MixtuiError: As `AppApi.call`.
        """
        listing = await self._api.call(self.list_request(), _Listing)
        for stored in listing.results:
            self._tags.update({tag.name: tag.id for tag in stored.tags or ()})
        return {_key(each.id): each.annotation().item() for each in listing.results}

    def check(self, changes: Sequence[Difference], file: AnnotationFile) -> None:
        """Refuse what the server would not take.

        Raises:
            BrokenFile: Says which annotation, and why.
        """
        for change in changes:
            if change.source is None:
                continue
            entry: Annotation = change.source.value
            try:
                is_date = datetime.strptime(entry.date, _DATE).strftime(_DATE)
            except ValueError:
                is_date = ""
            if is_date != entry.date and change.target is None:
                raise BrokenFile(
                    file.path,
                    f"date must be such as 2026-01-31 12:00:00, not “{entry.date}”.",
                )
            if not entry.description.strip():
                raise BrokenFile(
                    file.path, f"the annotation of {entry.date} has no description."
                )

    def requests(self, changes: Sequence[Difference]) -> list[PreparedRequest]:
        """Return the requests that make the changes, but for those that create tags.

        Raises:
            MixtuiError: As `AppApi.prepare`.
        """
        return [self._request(change, {}) for change in changes]

    async def apply(self, changes: Sequence[Difference], on_done: OnDone) -> None:
        """Make the changes.

        Raises:
            MixtuiError: It stopped; some changes may have been made.
        """
        tags = await self._tag_ids(changes)
        for change in changes:
            key = change.key
            request = self._request(change, tags)
            if change.source is None:
                try:
                    await self._api.call(request, dict[str, Any])
                except Refused as refusal:
                    if refusal.status != HTTPStatus.NOT_FOUND:
                        raise
            else:
                answer = await self._api.call(request, _Created)
                if change.target is None:
                    key = _key(answer.results.id)
            on_done(change, key)

    def _request(self, change: Difference, tags: dict[str, int]) -> PreparedRequest:
        if change.source is None:
            assert change.target is not None
            url = f"{_URL}/{change.target.value.id}"
            return self._api.prepare(Method.DELETE, url)
        entry: Annotation = change.source.value
        content: dict[str, Any] = {
            "description": entry.description,
            "tags": [tags.get(name, 0) for name in entry.tags],
        }
        if change.target is None:
            new = {"date": entry.date, **content}
            return self._api.prepare(Method.POST, _URL, new)
        url = f"{_URL}/{change.target.value.id}"
        return self._api.prepare(Method.PATCH, url, content)

    async def _tag_ids(self, changes: Sequence[Difference]) -> dict[str, int]:
        """Return the ids of the tags that the changes name; create those that are missing."""
        names = sorted(
            {
                name
                for change in changes
                if change.source is not None
                for name in change.source.value.tags
            }
        )
        if any(name not in self._tags for name in names):
            request = self._api.prepare(Method.GET, f"{_URL}/tags")
            listing = await self._api.call(request, list[_Tag])
            self._tags.update({tag.name: tag.id for tag in listing})
        for name in names:
            if name not in self._tags:
                request = self._api.prepare(Method.POST, f"{_URL}/tags", {"name": name})
                self._tags[name] = (await self._api.call(request, _Tag)).id
        return self._tags
