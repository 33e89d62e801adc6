"""Import the requests of a Postman collection (2.1 and 2.0), with their folders.

Credentials never stay in a request: they are extracted for an environment. Whatever
cannot be imported is reported in a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.bodies import body_notes
from mixtui.interchange.credentials import distinct, endpoint_of, strip_credentials
from mixtui.interchange.draft_texts import map_texts, template_names
from mixtui.interchange.files.openapi.description import shorten
from mixtui.interchange.files.postman.parts import (
    Authentication,
    read_authentication,
    read_body,
)
from mixtui.interchange.files.postman.url import (
    description_text,
    locate_address,
    parse_address,
)
from mixtui.interchange.files.postman.variables import (
    Variables,
    escape_texts,
    local_name,
    rename_templates,
)
from mixtui.interchange.files.shapes import read_object, shape_notes, type_noun
from mixtui.interchange.json_values import (
    Value,
    as_list,
    as_mapping,
    as_text,
    mappings_in,
    query_text,
)
from mixtui.interchange.model import FileRequest, ImportedFile, ImportedRequest
from mixtui.interchange.notes import Notes
from mixtui.interchange.placeholders import fill_placeholders
from mixtui.interchange.reader import parse
from mixtui.model.draft import Body, Draft, Method, Options, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.request.secret_values import clear_url
from mixtui.text import pluralise, sanitize_excerpt

_DESCRIPTION_LENGTH = 400
_HELP_LENGTH = 120
_NAME_LENGTH = 80
_SHAPES = {
    "collection": {
        "info": "info",
        "item": "[item!]",
        "variable": "[object]",
        "auth": "auth",
        "event": "[event]",
    },
    "info": {"name": "text", "schema": "text"},
    "item": {
        "name": "text",
        "item": "[item!]",
        "request": "request|text!",
        "response": "list",
        "variable": "[object]",
        "auth": "auth",
        "event": "[event]",
        "description": "text|object",
    },
    "request": {
        "method": "text",
        "url": "url|text",
        "header": "[object]|text",
        "body": "body",
        "auth": "auth",
        "description": "text|object",
    },
    "url": {
        "raw": "text",
        "protocol": "text",
        "host": "[text]|text",
        "port": "text|number",
        "path": "list|text",
        "query": "[object]",
        "variable": "[object]",
        "hash": "text",
    },
    "body": {
        "mode": "text",
        "raw": "text",
        "urlencoded": "[object]|text",
        "formdata": "[object]|text",
        "file": "file|text",
        "options": "object",
    },
    "file": {"src": "text"},
    "auth": {"type": "text"},
    "event": {"script": "object"},
}
"""What Postman documents of the members that are read."""
_COMPUTED_HEADERS = (
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "postman-token",
)


class PostmanPosition(Struct, frozen=True):
    """The folder of an item, and what the item inherits from it."""

    folder: tuple[str, ...]
    variables: Variables
    auth: Value


def import_request(
    item: dict[str, Value],
    request: dict[str, Value],
    name: str,
    method: Method,
    position: PostmanPosition,
    environments: Sequence[Environment],
) -> ImportedRequest:
    """Import one request.

    Args:
        item: The item that holds the request.
        request: Its ``request``.
        name: The draft's name.
        method: Its method.
        position: Its folder, variables and inherited authentication.
        environments: Their hosts are accepted besides Mixpanel's.

    Raises:
        InterchangeError: Its URL is not one of a Mixpanel API.
    """
    notes = Notes()
    variables = position.variables.within(item.get("variable"))
    address = parse_address(request.get("url"))
    for note in address.notes:
        notes.add(note)
    for setting in ("certificate", "proxy"):
        if request.get(setting):
            notes.add(f"Its {setting} was skipped: set it in an environment.")
    target = locate_address(address, variables, environments)
    body, headers = read_body(
        request.get("body"), _headers(request.get("header"), notes), notes
    )
    if body is not None:
        # So that its tokens can be extracted.
        body = replace(body, text=variables.expand_tokens(body.text))
    draft = Draft(
        name=name,
        description=_description(
            item, request, (*address.descriptions, *_row_descriptions(request))
        ),
        method=method,
        api=target.api,
        url=target.url,
        path=address.path,
        query=(*target.query, *address.query),
        headers=headers,
        body=body,
        options=_options(item, method, body),
    )
    auth = read_authentication(
        inherited_auth(request, position.auth), endpoint_of(draft), variables, notes
    )
    draft = _with_auth(draft, auth, variables)
    draft = map_texts(draft, lambda source: rename_templates(source, notes))
    stripped = strip_credentials(draft)
    filled = fill_placeholders(stripped.draft)
    for note in (*stripped.notes, *filled.notes, *body_notes(filled.draft)):
        notes.add(note)
    return ImportedRequest(
        filled.draft,
        region=target.region,
        project_id=target.project_id,
        credentials=distinct(
            (
                *target.credentials,
                *auth.credentials,
                *stripped.credentials,
            )
        ),
        notes=(*target.notes, *notes),
        environment=target.environment,
    )


def _row_descriptions(request: dict[str, Value]) -> Iterator[tuple[str, str]]:
    """Yield the names of headers and form fields that are described."""
    body = as_mapping(request.get("body"))
    for rows in (request.get("header"), body.get("urlencoded")):
        for row in mappings_in(rows):
            if text := description_text(row.get("description")):
                yield query_text(row.get("key")), text


def inherited_auth(node: dict[str, Value], outer: Value) -> Value:
    """Return the authentication of a folder or request, or the inherited one."""
    auth = node.get("auth")
    kind = as_text(as_mapping(auth).get("type"))
    return auth if kind and kind != "inherit" else outer


def _with_auth(draft: Draft, auth: Authentication, variables: Variables) -> Draft:
    """Add the authentication, and expand variables in credentials to extract them."""
    headers = tuple(
        replace(row, value=variables.expand(row.value))
        if row.name.strip().lower() == "authorization"
        else row
        for row in (*draft.headers, *auth.headers)
    )
    query = tuple(
        replace(row, value=variables.expand(row.value))
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
        # A header that is disabled starts with //.
        parts = (line.partition(":") for line in node.splitlines())
        rows = [
            Pair(n.strip().removeprefix("//").strip(), v.strip(), n.strip()[:2] != "//")
            for n, _, v in parts
            if n.strip()
        ]
    else:
        rows = [
            Pair(
                query_text(row.get("key")).strip(),
                query_text(row.get("value")),
                row.get("disabled") is not True,
            )
            for row in mappings_in(node)
            if row.get("key")
        ]
    for row in rows:
        if row.name.lower() in _COMPUTED_HEADERS:
            notes.add(
                f"The header {row.name} was skipped: mixtui sets it when sending."
            )
    return tuple(row for row in rows if row.name.lower() not in _COMPUTED_HEADERS)


def _options(item: dict[str, Value], method: Method, body: Body | None) -> Options:
    behaviour = as_mapping(item.get("protocolProfileBehavior"))
    return Options(
        follow_redirects=behaviour.get("followRedirects") is not False,
        delete_body=method is Method.DELETE and body is not None,
    )


def _description(
    item: dict[str, Value],
    request: dict[str, Value],
    rows: tuple[tuple[str, str], ...],
) -> str:
    text = description_text(request.get("description")) or description_text(
        item.get("description")
    )
    lines = [
        shorten(text, _DESCRIPTION_LENGTH),
        *(f"{name}: {shorten(text, _HELP_LENGTH)}" for name, text in rows),
    ]
    return "\n".join(line for line in lines if line)


def import_postman(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """Import every request of a Postman collection.

    Args:
        source: The file's text, JSON.
        name: The file's name in messages.
        environments: Their hosts are accepted besides Mixpanel's.

    Raises:
        InterchangeError: It is not a Postman collection, or has no request to import.
    """
    content = parse(source, name)
    document = read_object(escape_texts(content.value), name, "a Postman collection")
    # Postman's own API wraps a collection.
    document = as_mapping(document.get("collection")) or document
    _check_kind(document, name)
    reader = _CollectionReader(tuple(environments))
    for note in (*content.notes, *shape_notes(document, "collection", _SHAPES)):
        reader.notes.add(note)
    requests = tuple(reader.requests(document))
    if not requests:
        messages = list(reader.notes)
        raise InterchangeError(
            f"{name} does not contain a request that mixtui can send: {messages[0]}"
            if messages
            else f"Nothing to import: {name} does not contain any requests."
        )
    reader.note_omissions()
    title = sanitize_excerpt(
        as_text(as_mapping(document.get("info")).get("name")), _NAME_LENGTH
    )
    variables = reader.template_values(requests)
    return ImportedFile(
        title or name,
        requests,
        tuple(reader.notes),
        variables,
        reader.notes.has_omissions,
    )


def _check_kind(document: dict[str, Value], name: str) -> None:
    schema = as_text(as_mapping(document.get("info")).get("schema"))
    if "/v1." in schema or ("requests" in document and "order" in document):
        raise InterchangeError(
            f"{name} is a Postman v1 collection. Import it into Postman and export it "
            "as v2.1."
        )
    if "_postman_variable_scope" in document:
        raise InterchangeError(
            f"{name} is a Postman environment, which only has variables. Export the "
            "collection instead."
        )
    item = document.get("item")
    if not isinstance(item, list):
        problem = (
            f"item is {type_noun(item)}" if "item" in document else ("item is missing")
        )
        raise InterchangeError(
            f"{name} is not a Postman collection: {problem}, but must be a list."
        )


class _CollectionReader:
    def __init__(self, environments: Sequence[Environment]) -> None:
        self._environments = environments
        self.notes = Notes()
        """About the entire file."""
        self._variables: list[Variables] = []
        self._scripts = 0
        self._responses = 0

    def requests(self, document: dict[str, Value]) -> Iterator[FileRequest]:
        """Yield every request, in the order of the file."""
        yield from self._items(document, PostmanPosition((), Variables(), None))

    def _items(
        self, node: dict[str, Value], outer: PostmanPosition
    ) -> Iterator[FileRequest]:
        """Yield the requests of a folder, or of the collection itself."""
        variables = outer.variables.within(node.get("variable"))
        self._variables.append(variables)
        position = PostmanPosition(
            outer.folder, variables, inherited_auth(node, outer.auth)
        )
        self._scripts += _count_scripts(node)
        for item in mappings_in(node.get("item")):
            name = sanitize_excerpt(as_text(item.get("name")), _NAME_LENGTH)
            if isinstance(item.get("item"), list):
                inner = replace(
                    position,
                    folder=(*position.folder, name or "folder"),
                )
                yield from self._items(item, inner)
            elif (imported := self._request(item, name, position)) is not None:
                yield imported

    def _request(
        self, item: dict[str, Value], name: str, position: PostmanPosition
    ) -> FileRequest | None:
        self._scripts += _count_scripts(item)
        self._responses += len(as_list(item.get("response")))
        request = item.get("request")
        if isinstance(request, str):
            request = {"url": request}
        request = as_mapping(request)
        method = as_text(request.get("method")).upper() or "GET"
        address = parse_address(request.get("url"))
        base = clear_url(address.base).text
        label = name or sanitize_excerpt(f"{method} {base}", _NAME_LENGTH)
        if method not in list(Method):
            self.notes.add_omission(
                label,
                f"mixtui only sends {', '.join(Method)}, not "
                f"{sanitize_excerpt(method, 20)}.",
            )
            return None
        try:
            imported = import_request(
                item,
                request,
                label,
                Method(method),
                position,
                self._environments,
            )
        except InterchangeError as error:
            self.notes.add_omission(label, str(error))
            return None
        return FileRequest(position.folder, imported)

    def note_omissions(self) -> None:
        """Note the scripts and responses that were skipped."""
        if self._scripts:
            self.notes.add(
                f"{pluralise(self._scripts, 'script')} skipped: mixtui does not run "
                "scripts."
            )
        if self._responses:
            self.notes.add(f"{pluralise(self._responses, 'example response')} skipped.")

    def template_values(
        self, requests: tuple[FileRequest, ...]
    ) -> tuple[tuple[str, str], ...]:
        """Return the values of the remaining templates, except secrets."""
        used = {n for p in requests for n in template_names(p.imported.draft)}
        result: dict[str, str] = {}
        for variables in self._variables:
            for name, value in variables.values.items():
                renamed = local_name(name)
                if renamed not in used or name.startswith("$"):
                    continue
                if variables.holds_secret(name):
                    self.notes.add(
                        f"The value of the variable {renamed} was removed, because it "
                        f"looks like a secret. Use {{{{env:NAME}}}} instead."
                    )
                    continue
                value = variables.expand(value)
                if result.setdefault(renamed, value) != value:
                    self.notes.add(
                        f"The variable {renamed} has different values in several "
                        "folders: the first is used."
                    )
        return tuple((name, value) for name, value in result.items() if value)


def _count_scripts(node: dict[str, Value]) -> int:
    return sum(
        1
        for event in mappings_in(node.get("event"))
        if any(
            query_text(line).strip()
            for line in as_list(as_mapping(event.get("script")).get("exec"))
        )
        or as_text(as_mapping(event.get("script")).get("exec")).strip()
    )
