"""Lexicon schemas: a folder with a JSON file each, and the Lexicon Schemas API.

https://developer.mixpanel.com/reference/lexicon-schemas-api; the limits are those of
https://developer.mixpanel.com/reference/limits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from mixtui.jobs.model import JobError
from mixtui.jobs.sync.files import Replacement, remove_file, replace_files
from mixtui.jobs.sync.plan import Difference, Item, OnDone, State, make_item
from mixtui.jobs.sync.server import AppApi, Refused, RollingPace
from mixtui.model.draft import Method
from mixtui.model.errors import BrokenFile, StorageError
from mixtui.model.prepared import PreparedRequest
from mixtui.patterns import compile_late
from mixtui.request.urls import encode_component
from mixtui.storage import files
from mixtui.storage.paths import fold_name

MAX_UNITS = 4000
"""Events and properties a minute, of an organization."""
_PERIOD = 60.0
_URL = "/schemas"
_ENDING = ".json"
_MAX_STEM = 120
"""Bytes of a file name, without its ending."""
# What some system does not take in a name, and what marks what was replaced.
_UNSAFE = compile_late(r'[/\\<>:"|?*%~\x00-\x1f\x7f\ud800-\udfff]|^[. ]|[. ]$')
_DEVICE = compile_late(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_TYPES = ("event", "profile")
"""The documented types of entities."""

PropertyType = Literal[
    "array", "boolean", "integer", "null", "number", "object", "string"
]


class _MixpanelMetadata(Struct, frozen=True):
    source: str | None = field(default=None, name="$source")
    displayName: str | None = None
    tags: list[str] | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    contacts: list[str] | None = None
    teamContacts: list[str] | None = None


class _Metadata(Struct, frozen=True):
    mixpanel: _MixpanelMetadata | None = field(default=None, name="com.mixpanel")


class _Property(Struct, frozen=True):
    type: PropertyType
    description: str | None = None
    metadata: _Metadata | None = None


class _Schema(Struct, frozen=True):
    """The documented form of what is sent; anything beyond is left to the server."""

    description: str | None = None
    properties: dict[str, _Property] | None = None
    metadata: _Metadata | None = None


class SchemaEntry(Struct, frozen=True):
    """A schema, as the API lists it and a file holds it."""

    entityType: str
    name: str
    schemaJson: dict[str, Any]

    @property
    def key(self) -> str:
        """What identifies it in a project."""
        return f"{self.entityType}/{self.name}"

    @property
    def units(self) -> int:
        """How many events and properties it counts as."""
        properties = self.schemaJson.get("properties")
        return 1 + (len(properties) if isinstance(properties, dict) else 0)

    def item(self) -> Item:
        """Return it as an item."""
        value = msgspec.to_builtins(self)
        return make_item(self.key, value, self.schemaJson)


class _Listing(Struct, frozen=True):
    results: list[SchemaEntry]


class _File(Struct, frozen=True):
    path: Path
    data: bytes
    """As it was read or written."""
    item: Item


class SchemaFiles:
    """A folder with a folder for each type of entity, and a file for each schema."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self.path = path
        self._files: dict[str, _File] = {}

    def load(self) -> None:
        """Read the files.

        Raises:
            StorageError: One cannot be read.
            BrokenFile: One is not a schema, or two are the same.
        """
        self._files = {}
        for path in self._find():
            data = files.read(path)
            entry = _parse(path, data)
            if (other := self._files.get(entry.key)) is not None:
                raise BrokenFile(
                    path, f"{other.path} is the schema of {entry.key}, too."
                )
            self._files[entry.key] = _File(path, data, entry.item())

    def state(self, server: State) -> State:
        """Return what was read."""
        return {key: file.item for key, file in self._files.items()}

    def write(self, changes: Sequence[Difference]) -> None:
        """Make the files like the server, where they differ.

        Raises:
            ChangedOutside: One was changed since it was read; others may be written.
            StorageError: One cannot be written; others may be.
        """
        replacements: list[Replacement] = []
        used = {fold_name(str(file.path)) for file in self._files.values()}
        for change in changes:
            file = self._files.get(change.key)
            if change.source is None:
                if file is not None:
                    remove_file(file.path, file.data)
                    del self._files[change.key]
                continue
            path = (
                self._new_path(change.source.value, used) if file is None else file.path
            )
            data = change.source.text.encode()
            before = None if file is None else file.data
            replacements.append(Replacement(path, before, data))
            used.add(fold_name(str(path)))
            self._files[change.key] = _File(path, data, change.source)
        replace_files(replacements)

    def settle(self, created: Mapping[str, str]) -> None:
        """Do nothing: a schema is identified by what its file holds."""

    def name_of(self, key: str) -> str:
        """Return the path of a file below the folder, or what identifies its schema."""
        file = self._files.get(key)
        return key if file is None else file.path.relative_to(self.path).as_posix()

    def _find(self) -> Iterator[Path]:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise StorageError(self.path, f"{self.path} is not a folder.")
        for path in sorted(self.path.glob(f"*/*{_ENDING}")):
            if not path.name.startswith(".") and not path.parent.name.startswith("."):
                yield path

    def _new_path(self, entry: dict[str, Any], used: set[str]) -> Path:
        folder = self.path / file_stem(entry["entityType"])
        stem = file_stem(entry["name"])
        path = folder / f"{stem}{_ENDING}"
        if fold_name(str(path)) in used:
            path = folder / f"{stem}~{_short_digest(entry['name'])}{_ENDING}"
        return path


def file_stem(name: str) -> str:
    """Return a name for the file of an entity that every system takes; never empty.

    What is unsafe is percent-encoded. Names that differ only in case get the same one on
    some systems, so the caller adds what tells them apart.
    """
    text = _UNSAFE.sub(lambda match: _percent(match.group()), name)
    if _DEVICE.match(text):
        text = _percent(text[0]) + text[1:]
    if len(text.encode("utf-8", "replace")) > _MAX_STEM or not text:
        while len(text.encode("utf-8", "replace")) > _MAX_STEM - 10:
            text = text[:-1]
        text = f"{text.rstrip(' .')}~{_short_digest(name)}"
    return text


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def _short_digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _parse(path: Path, data: bytes) -> SchemaEntry:
    try:
        entry = msgspec.json.decode(
            data.removeprefix(b"\xef\xbb\xbf"), type=SchemaEntry
        )
    except msgspec.ValidationError as error:
        raise BrokenFile(path, f"this is not a schema: {error}.") from None
    except (ValueError, RecursionError) as error:
        raise BrokenFile(path, f"this is not JSON: {error}.") from None
    if not entry.entityType or "/" in entry.entityType:
        raise BrokenFile(path, "entityType must be event or profile.")
    return entry


class SchemaServer:
    """The schemas of a project."""

    def __init__(self, api: AppApi, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Send nothing yet.

        Args:
            api: Sends the requests.
            sleep: Waits for a minute to pass.
        """
        self._api = api
        self._pace = RollingPace(MAX_UNITS, _PERIOD, sleep)

    def list_request(self) -> PreparedRequest:
        """Return the request that lists them."""
        return self._api.prepare(Method.GET, _URL)

    async def read(self) -> State:
        """Return what the project has.

        Raises:
            MixtuiError: As `AppApi.call`.
        """
        listing = await self._api.call(self.list_request(), _Listing)
        return {entry.key: entry.item() for entry in listing.results}

    def check(self, changes: Sequence[Difference], files: SchemaFiles) -> None:
        """Refuse what the server would not take.

        Raises:
            BrokenFile: Says which file, and why.
            JobError: A schema cannot be removed.
        """
        for change in changes:
            if change.source is not None:
                entry = change.source.value
                _check_entry(files.path / files.name_of(change.key), entry)
            else:
                assert change.target is not None
                self._removal(change.target.value)

    def requests(self, changes: Sequence[Difference]) -> list[PreparedRequest]:
        """Return the requests that make the changes, but for what limits split.

        Raises:
            MixtuiError: As `AppApi.prepare`.
        """
        uploads = [each for each in changes if each.source is not None]
        removals = [each.target for each in changes if each.source is None]
        return [
            *(self._upload(batch) for batch in _batches(uploads)),
            *(self._removal(each.value) for each in removals if each is not None),
        ]

    async def apply(self, changes: Sequence[Difference], on_done: OnDone) -> None:
        """Make the changes.

        Raises:
            MixtuiError: It stopped; some changes may have been made.
        """
        uploads = [each for each in changes if each.source is not None]
        for batch in _batches(uploads):
            await self._send(batch)
            for change in batch:
                on_done(change, change.key)
        for change in changes:
            if change.source is None and change.target is not None:
                await self._pace.take(_units(change.target))
                request = self._removal(change.target.value)
                try:
                    await self._api.call(request, dict[str, Any])
                except Refused as refusal:
                    if refusal.status != HTTPStatus.NOT_FOUND:
                        raise
                on_done(change, change.key)

    async def _send(self, batch: Sequence[Difference]) -> None:
        """Upload a batch, in halves if it is too large for the server."""
        await self._pace.take(sum(_units(each.source) for each in batch))
        try:
            await self._api.call(self._upload(batch), dict[str, Any])
        except Refused as refusal:
            is_too_large = refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            if not is_too_large or len(batch) == 1:
                raise
            middle = len(batch) // 2
            await self._send(batch[:middle])
            await self._send(batch[middle:])

    def _upload(self, batch: Sequence[Difference]) -> PreparedRequest:
        entries = [each.source.value for each in batch if each.source is not None]
        return self._api.prepare(Method.POST, _URL, {"entries": entries})

    def _removal(self, entry: dict[str, Any]) -> PreparedRequest:
        """Return the request that deletes one schema, and never more.

        Raises:
            JobError: Its name would make the URL that of other schemas.
        """
        kind, name = entry["entityType"], entry["name"]
        # Without a name the URL is that of all schemas of the type, and dots go up.
        if any(part.strip() in ("", ".", "..") for part in name.split("/")):
            raise JobError(
                f"The schema of {kind} “{name}” cannot be removed by the API, whose URL "
                "would be that of other schemas: remove it in Lexicon."
            )
        path = f"{_URL}/{encode_component(kind)}/{encode_component(name)}"
        return self._api.prepare(Method.DELETE, path)


def _batches(changes: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Yield as many at once as the limit allows in a minute, at least one."""
    batch: list[Difference] = []
    total = 0
    for change in changes:
        units = _units(change.source)
        if batch and total + units > MAX_UNITS:
            yield batch
            batch, total = [], 0
        batch.append(change)
        total += units
    if batch:
        yield batch


def _units(item: Item | None) -> int:
    return 0 if item is None else SchemaEntry(**item.value).units


def _check_entry(path: Path, entry: dict[str, Any]) -> None:
    if entry["entityType"] not in _TYPES:
        raise BrokenFile(
            path,
            f"entityType must be event or profile, not “{entry['entityType']}”: "
            "Mixpanel documents no other.",
        )
    if not entry["name"].strip():
        raise BrokenFile(path, "name is empty.")
    try:
        msgspec.convert(entry["schemaJson"], _Schema)
    except msgspec.ValidationError as error:
        raise BrokenFile(path, f"schemaJson: {error}.") from None
