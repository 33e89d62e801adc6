"""A Postman collection (2.1, and 2.0) into requests, folder by folder.

Credentials never stay in a request: they are found for an environment. What cannot be
carried over is said in a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mixtui.interchange.bodies import (
    template_names,
    translate_templates,
    without_variables_of_ours,
)
from mixtui.interchange.credentials import distinct, endpoint_of, strip_credentials
from mixtui.interchange.files.openapi import shortened
from mixtui.interchange.files.postman_parts import Authentication, authentication, body
from mixtui.interchange.files.postman_url import address, described, place
from mixtui.interchange.files.postman_variables import (
    Variables,
    local_name,
    strip_secrets,
    with_our_names,
    with_project_tokens,
)
from mixtui.interchange.model import (
    ImportedFile,
    ImportedRequest,
    Notes,
    PlacedRequest,
    Value,
    items,
    mapping,
    mappings,
    plain,
    text,
)
from mixtui.interchange.reader import read
from mixtui.model.draft import Body, Draft, Method, Options, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.text import pluralise, sanitize_excerpt

_LONGEST_DESCRIPTION = 400
_LONGEST_HELP = 120
_FROM_THE_REQUEST = (
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "postman-token",
)


@dataclass(frozen=True, slots=True)
class PostmanPosition:
    """Where an item stands, and what it inherits there."""

    folder: tuple[str, ...]
    variables: Variables
    auth: Value


def import_request(
    item: dict[str, Value],
    request: dict[str, Value],
    name: str,
    method: Method,
    here: PostmanPosition,
    environments: Sequence[Environment],
) -> ImportedRequest:
    """One request.

    Args:
        item: Around it.
        request: What is sent.
        name: What to call it.
        method: How it is sent.
        here: Where it stands.
        environments: Those whose own hosts are known beside Mixpanel's.

    Raises:
        InterchangeError: It leads to no place of Mixpanel's.
    """
    notes = Notes()
    variables = here.variables.inside(item.get("variable"))
    where = address(request.get("url"))
    located, region = place(where, variables, method, environments)
    filled, headers = body(
        request.get("body"), _headers(request.get("header"), notes), notes
    )
    filled, tokens = with_project_tokens(filled, variables)
    draft = Draft(
        name=name,
        description=_description(item, request, where.notes),
        method=method,
        api=located.api,
        url=located.url,
        query=(*located.query, *where.query),
        headers=headers,
        body=filled,
        options=_options(item, method, filled),
    )
    auth = authentication(
        inherited(request, here.auth), endpoint_of(draft), variables, notes
    )
    draft = _with_auth(draft, auth, variables)
    draft = without_variables_of_ours(draft, notes)
    draft = translate_templates(draft, lambda source: with_our_names(source, notes))
    done = strip_credentials(draft)
    draft = strip_secrets(done.draft, notes)
    for note in done.notes:
        notes.add(note)
    return ImportedRequest(
        draft,
        region=region,
        project_id=located.project_id,
        credentials=distinct(
            (
                *located.credentials,
                *auth.credentials,
                *tokens,
                *done.credentials,
            )
        ),
        notes=(*located.notes, *notes),
        environment=located.environment,
    )


def inherited(node: dict[str, Value], outer: Value) -> Value:
    """A folder's or request's own authentication, or the one around it."""
    auth = node.get("auth")
    named = text(mapping(auth).get("type"))
    return auth if named and named != "inherit" else outer


def _with_auth(draft: Draft, auth: Authentication, variables: Variables) -> Draft:
    """The draft with its authentication, and every credential as its own text, so that
    it can be taken out."""
    headers = tuple(
        replace(row, value=variables.filled(row.value))
        if row.name.strip().lower() == "authorization"
        else row
        for row in (*draft.headers, *auth.headers)
    )
    query = tuple(
        replace(row, value=variables.filled(row.value))
        if row.name in ("token", "api_secret")
        else row
        for row in (*draft.query, *auth.query)
    )
    return replace(
        draft,
        query=query,
        headers=headers,
        options=replace(draft.options, auth=auth.choice),
    )


def _headers(node: Value, notes: Notes) -> tuple[Pair, ...]:
    if isinstance(node, str):
        parts = (line.partition(":") for line in node.splitlines())
        rows = [Pair(n.strip(), v.strip()) for n, _, v in parts if n.strip()]
    else:
        rows = [
            Pair(
                plain(row.get("key")).strip(),
                plain(row.get("value")),
                row.get("disabled") is not True,
            )
            for row in mappings(node)
            if row.get("key")
        ]
    for row in rows:
        if row.name.lower() in _FROM_THE_REQUEST:
            notes.add(f"The header {row.name} is left out: it is set when it is sent.")
    return tuple(row for row in rows if row.name.lower() not in _FROM_THE_REQUEST)


def _options(item: dict[str, Value], method: Method, filled: Body | None) -> Options:
    behaviour = mapping(item.get("protocolProfileBehavior"))
    return Options(
        follow_redirects=behaviour.get("followRedirects") is not False,
        delete_body=method is Method.DELETE and filled is not None,
    )


def _description(
    item: dict[str, Value],
    request: dict[str, Value],
    rows: tuple[tuple[str, str], ...],
) -> str:
    own = described(request.get("description")) or described(item.get("description"))
    lines = [
        shortened(own, _LONGEST_DESCRIPTION),
        *(f"{name}: {shortened(words, _LONGEST_HELP)}" for name, words in rows),
    ]
    return "\n".join(line for line in lines if line)


_LONGEST_NAME = 80


def import_postman(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """Every request of a Postman collection.

    Args:
        source: The file's text, JSON.
        name: What to call the file in sentences.
        environments: Those whose own hosts are known beside Mixpanel's.

    Raises:
        InterchangeError: It is no such file, or nothing in it can be called.
    """
    content = read(source, name)
    document = mapping(content.value)
    # Postman's own API wraps a collection.
    document = mapping(document.get("collection")) or document
    _check_kind(document, name)
    reader = _Reader(tuple(environments))
    for note in content.notes:
        reader.notes.add(note)
    requests = tuple(reader.requests(document))
    if not requests:
        told = list(reader.notes)
        raise InterchangeError(
            f"{name} holds no request that mixtui can send: {told[0]}"
            if told
            else f"{name} holds no request, so there is nothing to import."
        )
    reader.about_what_is_left_out()
    title = sanitize_excerpt(
        text(mapping(document.get("info")).get("name")), _LONGEST_NAME
    )
    variables = reader.offered(requests)
    return ImportedFile(title or name, requests, tuple(reader.notes), variables)


def _check_kind(document: dict[str, Value], name: str) -> None:
    schema = text(mapping(document.get("info")).get("schema"))
    if "/v1." in schema or ("requests" in document and "order" in document):
        raise InterchangeError(
            f"{name} is a Postman collection of version 1: import it into Postman and "
            "export it as v2.1."
        )
    if "_postman_variable_scope" in document:
        raise InterchangeError(
            f"{name} holds the variables of a Postman environment, and no requests: "
            "export the collection."
        )
    if not isinstance(document.get("item"), list):
        raise InterchangeError(
            f"{name} is no Postman collection: it has no list «item»."
        )


class _Reader:
    def __init__(self, environments: Sequence[Environment]) -> None:
        self._environments = environments
        self.notes = Notes()
        """About the file as a whole."""
        self._variables: list[Variables] = []
        self._scripts = 0
        self._answers = 0

    def requests(self, document: dict[str, Value]) -> Iterator[PlacedRequest]:
        """Every request, in the order of the file."""
        yield from self._items(document, PostmanPosition((), Variables(), None))

    def _items(
        self, node: dict[str, Value], outer: PostmanPosition
    ) -> Iterator[PlacedRequest]:
        """What is in a folder, or in the collection itself."""
        variables = outer.variables.inside(node.get("variable"))
        self._variables.append(variables)
        here = PostmanPosition(outer.folder, variables, inherited(node, outer.auth))
        self._scripts += _scripts(node)
        for item in mappings(node.get("item")):
            name = sanitize_excerpt(text(item.get("name")), _LONGEST_NAME)
            if isinstance(item.get("item"), list):
                inner = replace(here, folder=(*here.folder, name or "folder"))
                yield from self._items(item, inner)
            elif (placed := self._request(item, name, here)) is not None:
                yield placed

    def _request(
        self, item: dict[str, Value], name: str, here: PostmanPosition
    ) -> PlacedRequest | None:
        self._scripts += _scripts(item)
        self._answers += len(items(item.get("response")))
        request = item.get("request")
        if isinstance(request, str):
            request = {"url": request}
        request = mapping(request)
        written = text(request.get("method")).upper() or "GET"
        where = address(request.get("url"))
        label = name or sanitize_excerpt(f"{written} {where.front}", _LONGEST_NAME)
        if written not in list(Method):
            self.notes.leave_out(
                label,
                f"mixtui sends {', '.join(Method)}, and no {sanitize_excerpt(written, 20)}.",
            )
            return None
        try:
            imported = import_request(
                item, request, label, Method(written), here, self._environments
            )
        except InterchangeError as error:
            self.notes.leave_out(label, str(error))
            return None
        return PlacedRequest(here.folder, imported)

    def about_what_is_left_out(self) -> None:
        """Say what no request says."""
        if self._scripts:
            self.notes.add(
                f"{pluralise(self._scripts, 'script')} left out: mixtui runs none."
            )
        if self._answers:
            self.notes.add(f"{pluralise(self._answers, 'example answer')} left out.")

    def offered(
        self, requests: tuple[PlacedRequest, ...]
    ) -> tuple[tuple[str, str], ...]:
        """Values for the templates that are left, secrets not among them."""
        used = {n for p in requests for n in template_names(p.imported.draft)}
        found: dict[str, str] = {}
        for variables in self._variables:
            for name, value in variables.values.items():
                ours = local_name(name)
                if ours not in used or name.startswith("$"):
                    continue
                if variables.holds_secret(name):
                    self.notes.add(
                        f"The value of the variable {ours} is left out, as it looks "
                        f"like a secret: write {{{{env:NAME}}}} in its place."
                    )
                    continue
                value = variables.filled(value)
                if found.setdefault(ours, value) != value:
                    self.notes.add(
                        f"The variable {ours} has several values, one for each folder: "
                        "the first is offered."
                    )
        return tuple((name, value) for name, value in found.items() if value)


def _scripts(node: dict[str, Value]) -> int:
    return sum(
        1
        for event in mappings(node.get("event"))
        if any(
            plain(line).strip()
            for line in items(mapping(event.get("script")).get("exec"))
        )
        or text(mapping(event.get("script")).get("exec")).strip()
    )
