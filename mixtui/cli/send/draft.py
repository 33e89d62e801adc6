"""Build the draft to send: saved, from a file or typed, then changed by the options."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.arguments import parse_pair, provided_variables
from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.jsontext import first_character
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import StorageError
from mixtui.model.trust import DraftOrigin
from mixtui.request.powers import draft_powers
from mixtui.session import Session
from mixtui.spelling import did_you_mean
from mixtui.storage import files
from mixtui.system import absolute

_TYPES_BY_SUFFIX = {
    ".json": BodyType.JSON,
    ".ndjson": BodyType.NDJSON,
    ".jsonl": BodyType.NDJSON,
    ".csv": BodyType.CSV,
}


class DraftSource(Struct, frozen=True):
    """A draft, and where it came from."""

    draft: Draft
    origin: DraftOrigin
    warnings: tuple[str, ...] = ()
    path: Path | None = None
    """The file of the saved request; None = it was typed."""


def draft_from_arguments(
    arguments: Namespace, session: Session, console: Console
) -> DraftSource:
    """Read the draft, and apply every change that the options make to it.

    Raises:
        UsageError: The arguments contradict each other.
        StorageError: The saved request or a file cannot be read.
    """
    source = _draft_source(arguments, session, console)
    draft = source.draft
    options = draft.options
    if arguments.auth:
        options = replace(options, auth=AuthChoice(arguments.auth))
    if arguments.timeout is not None:
        options = replace(options, timeout=arguments.timeout)
    if arguments.no_redirects:
        options = replace(options, follow_redirects=False)
    pairs = tuple(parse_pair(text, "=", "-q") for text in arguments.query)
    headers = tuple(parse_pair(text, ":", "-H") for text in arguments.header)
    path = tuple(parse_pair(text, "=", "--path") for text in arguments.path)
    _check_path_names(path, draft.url)
    draft = replace(
        draft,
        path=_replace_rows(draft.path, path),
        query=_replace_rows(draft.query, pairs),
        headers=_replace_rows(draft.headers, headers, fold=True),
        options=options,
    )
    environment = session.environment.with_variables(provided_variables(arguments))
    draft = _with_body(draft, arguments, environment, console)
    trust, folder = source.origin.trust, source.origin.folder
    if trust.root is not None:
        # What the options say was typed here, though the rest may come from someone else.
        body = None if arguments.data is None else draft.body
        typed = Draft(path=path, query=pairs, headers=headers, body=body)
        theirs = replace(
            draft,
            path=tuple(row for row in draft.path if row not in path),
            query=tuple(row for row in draft.query if row not in pairs),
            headers=tuple(row for row in draft.headers if row not in headers),
            body=draft.body if body is None else None,
        )
        powers = draft_powers(typed, trust.root, folder)
        trust = trust.with_granted(powers - draft_powers(theirs, trust.root, folder))
    return replace(source, draft=draft, origin=replace(source.origin, trust=trust))


def _draft_source(
    arguments: Namespace, session: Session, console: Console
) -> DraftSource:
    positionals: list[str] = arguments.words
    if arguments.file is not None:
        if positionals or arguments.api:
            raise UsageError(
                "--file cannot be combined with NAME, METHOD, URL or --api."
            )
        if arguments.file == "-":
            return _source_from_stdin(arguments, session, console)
        return _source_from_file(
            console.folder / Path(os.path.expanduser(arguments.file)), session
        )
    if arguments.api:
        return _typed_source(positionals, arguments.api, console)
    if not positionals:
        raise UsageError(
            "Nothing to send: name a saved request (“mixtui list” lists them), or "
            "use METHOD URL --api API."
        )
    if _parse_method(positionals[0]) and len(positionals) == 2:
        raise UsageError("Add the API of the URL, for example --api query.")
    if len(positionals) > 1:
        raise UsageError(
            f"{_unknown_method(positionals[0])} Quote a name that contains spaces."
        )
    try:
        found = session.collection.find(positionals[0])
    except StorageError:
        if _parse_method(positionals[0]):
            raise UsageError(
                "Add the URL and its API, for example /query/events --api query."
            ) from None
        raise
    request = session.collection.open(found)
    path = request.path
    origin = session.origin(path)
    return DraftSource(request.draft, origin, request.warnings, absolute(path))


def _source_from_file(path: Path, session: Session) -> DraftSource:
    from mixtui.storage.request_file import parse

    draft, warnings = parse(files.read(path), path)
    return DraftSource(draft, session.origin(path), warnings, absolute(path))


def _source_from_stdin(
    arguments: Namespace, session: Session, console: Console
) -> DraftSource:
    """Read a request file that another program writes, as one in the current folder."""
    from mixtui.storage.request_file import parse

    if arguments.data == "@-":
        raise UsageError("--file - and -d @- cannot both read stdin. Use a file.")
    path = console.folder / "standard input"
    draft, warnings = parse(console.stdin.buffer.read(), path)
    return DraftSource(draft, session.origin(path), warnings)


def _typed_source(positionals: list[str], api: str, console: Console) -> DraftSource:
    if not positionals or len(positionals) > 2:
        raise UsageError(
            "--api needs a method and a relative URL: METHOD URL --api API."
        )
    method = _parse_method(positionals[0])
    if method is None:
        raise UsageError(
            f"{_unknown_method(positionals[0])} --api needs a method and a relative "
            "URL: METHOD URL --api API."
        )
    url = positionals[1] if len(positionals) > 1 else ""
    draft = Draft(method=method, api=Api(api), url=url)
    return DraftSource(draft, DraftOrigin(console.folder))


def _unknown_method(word: str) -> str:
    hint = did_you_mean(word, Method, f"Methods: {', '.join(Method)}.")
    return f"“{word}” is not a method. {hint}"


def _parse_method(word: str) -> Method | None:
    return Method(word.upper()) if word.upper() in list(Method) else None


def _replace_rows(
    rows: tuple[Pair, ...], pairs: tuple[Pair, ...], *, fold: bool = False
) -> tuple[Pair, ...]:
    """Return the rows with all of the new names replaced; new rows come last."""

    def key(pair: Pair) -> str:
        return pair.name.lower() if fold else pair.name

    names = {key(pair) for pair in pairs}
    return (*(row for row in rows if key(row) not in names), *pairs)


def _check_path_names(pairs: tuple[Pair, ...], url: str) -> None:
    """Refuse a name that the URL does not contain.

    Raises:
        UsageError: Names it, and what was probably meant.
    """
    if not pairs:
        return
    from mixtui.request.path_parameters import placeholders

    names = placeholders(url)
    for pair in pairs:
        if pair.name not in names:
            listed = f"It has: {', '.join(names)}." if names else "It has none."
            raise UsageError(
                f"The URL has no path parameter {{{pair.name}}}. "
                f"{did_you_mean(pair.name, names, listed)}"
            )


def _with_body(
    draft: Draft, arguments: Namespace, environment: Environment, console: Console
) -> Draft:
    data: str | None = arguments.data
    type_ = BodyType(arguments.body_type) if arguments.body_type else None
    if data is None:
        if type_ is not None and draft.body is not None:
            return replace(draft, body=replace(draft.body, type=type_))
        return draft
    draft = replace(draft, options=replace(draft.options, delete_body=True))
    if type_ is BodyType.FILE:
        path = data.removeprefix("@")
        if path == "-":
            raise UsageError(
                "--body-type file needs a file, not stdin. Choose another type."
            )
        place = os.path.join(console.folder, os.path.expanduser(path))
        return replace(draft, body=Body(BodyType.FILE, path=place))
    text = _body_text(data, console)
    body_type = type_ or _body_type(data, text, draft, environment)
    return replace(draft, body=Body(body_type, text))


def _body_type(
    data: str, text: str, draft: Draft, environment: Environment
) -> BodyType:
    """Infer the body type from the file's suffix, the draft or the endpoint."""
    by_suffix = (
        _TYPES_BY_SUFFIX.get(Path(data).suffix.lower()) if data[:1] == "@" else None
    )
    if by_suffix is not None:
        return by_suffix
    if draft.body is not None and draft.body.type is not BodyType.FILE:
        return draft.body.type
    from mixtui.request.preview import preview

    endpoint = preview(draft, environment).endpoint
    suggested = BodyType(endpoint.body) if endpoint and endpoint.body else BodyType.JSON
    if suggested is BodyType.FORM and first_character(text) in ("{", "["):
        return BodyType.JSON
    return suggested


def _body_text(data: str, console: Console) -> str:
    if not data.startswith("@"):
        return data
    path = data.removeprefix("@")
    if path == "-":
        return _decode(console.stdin.buffer.read(), "Standard input")
    return _decode(files.read(console.folder / Path(os.path.expanduser(path))), path)


def _decode(data: bytes, label: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"{label} is not UTF-8 text. Send it byte for byte with --body-type file."
        ) from None
