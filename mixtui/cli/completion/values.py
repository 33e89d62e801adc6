"""List what an argument can be: saved requests, environments, operations and others.

A completion must not be felt: each kind reads as little as it can, and nothing is imported
that it does not need.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from mixtui.patterns import compile_late

if TYPE_CHECKING:
    from mixtui.cli.completion.position import Position
    from mixtui.cli.console import Console
    from mixtui.mixpanel.operation import Operation
    from mixtui.model.draft import Draft
    from mixtui.session import Session
    from mixtui.storage.collection import Collection
    from mixtui.storage.tree import Folder, RequestEntry

_MAX_HISTORY = 30
"""History entries that are offered: the newest."""
_PLAIN_NAME = compile_late(rb"^name *= *(?:\"([^\"\\\\]*)\"|'([^']*)')", re.MULTILINE)
"""The name of most request files."""
_SOURCES = ("env:", "command:", "file:", "keyring:", "-")


class Candidate(NamedTuple):
    """Something that the word at the cursor can become."""

    value: str
    label: str = ""
    """What it is, in a few words."""
    continues: bool = False
    """Whether more is to be typed: no space follows."""


def list_values(position: Position, console: Console) -> list[Candidate]:
    """Return what the argument at the cursor can be, without options.

    Prefers what begins as typed; without regard to case if nothing does.

    Raises:
        MixtuiError: A file cannot be read.
    """
    if position.choices:
        return begin_with(
            position.typed, (Candidate(*each) for each in position.choices)
        )
    find = _KINDS.get(position.kind)
    return begin_with(position.typed, find(position, console)) if find else []


def begin_with(typed: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that begin as typed, or as typed without regard to case."""
    every = list(candidates)
    exact = [each for each in every if each.value.startswith(typed)]
    folded = typed.casefold()
    return exact or [e for e in every if e.value.casefold().startswith(folded)]


def list_files(position: Position, console: Console) -> list[Candidate]:
    """Return the files that begin as typed, for a shell that cannot complete them itself."""
    folder, slash, start = position.typed.rpartition("/")
    try:
        with os.scandir(console.folder / f"{folder}{slash}") as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:
        return []
    return [
        Candidate(f"{folder}{slash}{name}{'/' if is_folder else ''}", "", is_folder)
        for name, is_folder in found
        if name.startswith(start) and name.startswith(".") == start.startswith(".")
    ]


def _requests(position: Position, console: Console) -> Iterator[Candidate]:
    """Yield the folders and requests of the folder that is typed.

    Without one of that name, the requests of all folders: their name alone will do.
    """
    collection = _collection(position, console)
    tree = collection.scan()
    names = _Names(collection, tree.all_requests())
    own = begin_with(position.typed, _level(names, tree, "", position.typed))
    if own:
        yield from own
    else:
        entries = tree.all_requests()
        yield from names.of(e for e in entries if _may_begin(e, position.typed))


def _level(names: _Names, folder: Folder, lead: str, typed: str) -> Iterator[Candidate]:
    from mixtui.storage.location import join_location

    folded = typed.casefold()
    for inner in folder.folders:
        text = f"{lead}{join_location((inner.path.name,))}/"
        if folded.startswith(text.casefold()):
            yield from _level(names, inner, text, typed)
        elif text.casefold().startswith(folded) and inner.all_requests():
            yield Candidate(text, "folder", continues=True)
    if folded.startswith(lead.casefold()):
        yield from names.of(folder.requests, lead)


def _may_begin(entry: RequestEntry, typed: str) -> bool:
    """Return whether the name of a request may begin as typed, without parsing its file."""
    head, _, _ = _content(entry).partition(b"\n[")
    match = _PLAIN_NAME.search(head)
    name = (match[1] or match[2] or b"").decode(errors="replace") if match else typed
    return name.casefold().startswith(typed.casefold())


def _content(entry: RequestEntry) -> bytes:
    try:
        return entry.path.read_bytes()
    except OSError:
        return b""


class _Names:
    """Names requests so that `Collection.find` finds each, and opens no others."""

    def __init__(self, collection: Collection, entries: Iterable[RequestEntry]) -> None:
        from mixtui.storage.paths import fold_name

        self._collection = collection
        self._root_length = len(os.path.join(collection.root, ""))
        # A path or file name is found before any name: it hides one that is the same.
        self._owners: dict[str, list[RequestEntry]] = {}
        for entry in entries:
            path = self._path(entry)
            for text in {path, path.rpartition("/")[2]}:
                self._owners.setdefault(fold_name(text), []).append(entry)

    def of(
        self, entries: Iterable[RequestEntry], lead: str | None = None
    ) -> Iterator[Candidate]:
        """Yield each with its name, or with its path if that would not find it.

        Args:
            entries: The requests.
            lead: The location of their folder, with a slash; None = they are in several,
                and named without one.
        """
        from collections import Counter

        from mixtui.storage.heads import RequestHead
        from mixtui.storage.location import join_location
        from mixtui.storage.paths import fold_name

        rows = []
        for entry in entries:
            head = self._collection.head(entry.path)
            name, label = entry.stem, "broken"
            if isinstance(head, RequestHead):
                name, label = head.name, f"{head.method} {head.url}"
            text = name if lead is None else lead + join_location((name,))
            rows.append((entry, text, label))
        uses = Counter(fold_name(text) for _, text, _ in rows)
        for entry, text, label in rows:
            is_alone = uses[fold_name(text)] == 1 and self._means(text, entry)
            # It could be the location of another one.
            is_alone = is_alone and (lead is not None or "/" not in text)
            yield Candidate(text if is_alone else self._path(entry), label)

    def _means(self, text: str, entry: RequestEntry) -> bool:
        from mixtui.storage.paths import SUFFIX, fold_name

        as_path = text.replace("\\", "/").removeprefix("./").removesuffix(SUFFIX)
        owners = self._owners.get(fold_name(as_path), ())
        is_hidden = any(owner != entry for owner in owners)
        return not is_hidden and text == text.strip() and not text.startswith("-")

    def _path(self, entry: RequestEntry) -> str:
        from mixtui.storage.paths import SUFFIX

        # Of thousands of entries: Path.relative_to takes ten times as long.
        path = str(entry.path)[self._root_length :].replace(os.sep, "/")
        start = "./" if path.startswith("-") else ""
        return start + path.removesuffix(SUFFIX)


def _locations(position: Position, console: Console) -> Iterator[Candidate]:
    """Yield the folders that a new request can be saved in."""
    from mixtui.storage.location import join_location

    collection = _collection(position, console)

    def inside(folder: Folder) -> Iterator[Folder]:
        for inner in folder.folders:
            yield inner
            yield from inside(inner)

    for folder in inside(collection.scan()):
        parts = folder.path.relative_to(collection.root).parts
        yield Candidate(f"{join_location(parts)}/", "folder", continues=True)


def _tags(position: Position, console: Console) -> Iterator[Candidate]:
    from collections import Counter

    from mixtui.storage.heads import RequestHead
    from mixtui.text import pluralise

    collection = _collection(position, console)
    entries = collection.scan().all_requests()
    heads = (collection.head(e.path) for e in entries if b"tags" in _content(e))
    tags = (tag for h in heads if isinstance(h, RequestHead) for tag in h.tags)
    for tag, count in sorted(Counter(tags).items()):
        yield Candidate(tag, pluralise(count, "request"))


def _variables(position: Position, console: Console) -> Iterator[Candidate]:
    """Yield the inputs of the request and the variables of the environment.

    After a name, the choices of that input.
    """
    draft = _draft(position, console)
    name, equals, _ = position.typed.partition("=")
    for each in draft.inputs if draft else ():
        if not equals:
            yield Candidate(f"{each.name}=", each.description or "input", True)
        elif each.name == name:
            yield from (Candidate(f"{name}={choice}") for choice in each.choices)
    if not equals:
        wanted = position.word_after("--env")
        session = _session(position, console)
        environment = session.environments.get(wanted) or session.environment
        for variable in environment.variables:
            yield Candidate(f"{variable}=", f"variable of {environment.name}", True)


def _path_parameters(position: Position, console: Console) -> Iterator[Candidate]:
    """Yield the placeholders in the URL of the request, saved or typed."""
    from mixtui.request.path_parameters import placeholders

    draft = _draft(position, console)
    urls = [draft.url] if draft else [w for w in position.words if w.startswith("/")]
    for name in placeholders("".join(urls)):
        yield Candidate(f"{name}=", "path parameter", True)


def _query_parameters(position: Position, console: Console) -> Iterator[Candidate]:
    """Yield the query parameters of the operation, those of a saved request first.

    After a name, the values that Mixpanel documents.
    """
    from mixtui.mixpanel.operation import ParameterLocation
    from mixtui.model.environment import NO_ENVIRONMENT
    from mixtui.request.preview import preview

    draft = _draft(position, console) or _typed_draft(position)
    if draft is None:
        return
    operation = preview(draft, NO_ENVIRONMENT).operation
    name, equals, _ = position.typed.partition("=")
    labels = {row.name: "" for row in draft.query if row.name}
    for each in operation.parameters if operation is not None else ():
        if each.location is not ParameterLocation.QUERY or each.generated:
            continue
        labels[each.name] = each.help.partition(". ")[0]
        if equals and each.name == name:
            yield from (Candidate(f"{name}={value}") for value in each.allowed)
    if not equals:
        yield from (Candidate(f"{n}=", label, True) for n, label in labels.items())


def _typed_draft(position: Position) -> Draft | None:
    """Return the request of METHOD URL and ``--api``, if it stands before the cursor."""
    from mixtui.mixpanel.apis import Api
    from mixtui.model.draft import Draft, Method

    api, words = position.word_after("--api"), position.words
    method = next((word for word in words if word in list(Method)), "")
    url = next((word for word in words if word.startswith("/")), "")
    if not (method and url) or api not in list(Api):
        return None
    return Draft(method=Method(method), api=Api(api), url=url)


def _draft(position: Position, console: Console) -> Draft | None:
    """Return the request that stands before the cursor, if one does."""
    from mixtui.model.errors import StorageError
    from mixtui.storage import files
    from mixtui.storage.request_file import parse

    collection = _collection(position, console)
    file = position.word_after("--file")
    names = [word for word in position.words if not word.startswith("-")]
    for name in [file] if file else names:
        try:
            path = console.folder / file if file else collection.find(name)
            return parse(files.read(path), path)[0]
        except StorageError:
            continue  # It is the value of an option, or broken.
    return None


def _session(position: Position, console: Console) -> Session:
    from pathlib import Path

    from mixtui.session import open_session

    folder = position.word_after("--collection")
    return open_session(
        Path(folder) if folder else None,
        variables=console.variables,
        cwd=console.folder,
        lenient=True,
    )


def _environments(position: Position, console: Console) -> Iterator[Candidate]:
    for environment in _session(position, console).environments.all:
        project = f" project {environment.project_id}" if environment.project_id else ""
        yield Candidate(environment.name, f"{environment.region}{project}")


def _operations(position: Position, console: Console) -> Iterator[Candidate]:
    from mixtui.mixpanel.catalogue import operations

    for each in operations():
        yield Candidate(each.id, f"{each.method} {each.title}")


def _families(position: Position, console: Console) -> Iterator[Candidate]:
    from mixtui.mixpanel.catalogue import FAMILIES

    return (Candidate(family) for family in FAMILIES)


def _words_to_send(position: Position, console: Console) -> Iterator[Candidate]:
    """Yield methods and saved requests; after a method, the paths of its operations."""
    from mixtui.model.draft import Method

    method = next((word for word in position.words if word in list(Method)), "")
    if method:
        yield from _paths(method, position.word_after("--api"))
    elif not position.word_after("--file"):
        yield from _requests(position, console)
        if position.typed.isupper() or not position.typed:
            yield from (Candidate(each, "method") for each in Method)


def _paths(method: str, api: str) -> Iterator[Candidate]:
    from mixtui.mixpanel.catalogue import operations

    found: dict[str, Operation] = {}
    for each in operations():
        if each.url and each.method == method and api in ("", each.api):
            found.setdefault(each.url, each)
    for url, each in found.items():
        yield Candidate(url, each.title if api else f"--api {each.api}: {each.title}")


def _themes(position: Position, console: Console) -> Iterator[Candidate]:
    import json

    from mixtui.cli.schemas import read_schema
    from mixtui.storage.paths import SUFFIX, config_dir

    known = json.loads(read_schema("config"))["properties"]["theme"]["anyOf"][0]["enum"]
    own = sorted(config_dir().glob(f"themes/*{SUFFIX}"))
    for name in dict.fromkeys([*(path.stem for path in own), *known]):
        yield Candidate(name)


def _history(position: Position, console: Console) -> Iterator[Candidate]:
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.history.history import HistoryQuery

    with history_from_arguments(console) as history:
        entries = history.search(HistoryQuery(), _MAX_HISTORY) if history.exists else ()
        for each in entries:
            label = (
                f"{each.started:%Y-%m-%d %H:%M} {each.method} {each.name or each.url}"
            )
            yield Candidate(str(each.id), label)


def _jobs(position: Position, console: Console) -> Iterator[Candidate]:
    from mixtui.jobs.registry import list_jobs
    from mixtui.storage.paths import state_dir

    for job in list_jobs(state_dir()):
        yield Candidate(job.name, f"{job.description.kind}, {job.activity}")


def _sources(position: Position, console: Console) -> Iterator[Candidate]:
    variable = position.typed.removeprefix("env:")
    if variable != position.typed:
        yield from (Candidate(f"env:{name}") for name in sorted(console.variables))
        return
    for text in _SOURCES:
        yield Candidate(text, continues=text.endswith(":"))


def _collection(position: Position, console: Console) -> Collection:
    from pathlib import Path

    from mixtui.storage.collection import Collection
    from mixtui.storage.paths import find_collection

    folder = position.word_after("--collection")
    return Collection(
        find_collection(
            Path(folder) if folder else None, console.folder, console.variables
        )
    )


_KINDS: dict[str, Callable[[Position, Console], Iterable[Candidate]]] = {
    "environment": _environments,
    "family": _families,
    "history": _history,
    "job": _jobs,
    "location": _locations,
    "operation": _operations,
    "request": _requests,
    "send": _words_to_send,
    "source": _sources,
    "tag": _tags,
    "theme": _themes,
    "variable": _variables,
    "path": _path_parameters,
    "query": _query_parameters,
}
KINDS = frozenset({*_KINDS, "data", "file", "folder", "topic", ""})
"""All that `completes` of an argument may be; the shell lists files and folders, and the
command the topics and commands that it explains."""
