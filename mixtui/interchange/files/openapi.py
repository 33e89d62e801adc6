"""Import an OpenAPI file (3.0 and 3.1): a request for each operation and body variant.

Whatever cannot be imported is reported in a note, never dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mixtui.interchange.credentials import clear_secrets, endpoint_of
from mixtui.interchange.files.openapi_bodies import BodyReader, BodyVariant
from mixtui.interchange.files.openapi_parameters import Parameter, ParameterReader
from mixtui.interchange.files.openapi_schema import (
    References,
    Schemas,
    Security,
    type_of,
)
from mixtui.interchange.files.shapes import read_object, shape_notes
from mixtui.interchange.model import (
    FileRequest,
    ImportedFile,
    ImportedRequest,
    Notes,
    Template,
    Value,
    as_mapping,
    as_text,
    compact_json,
    is_scalar,
    mappings_in,
    query_text,
    texts_in,
)
from mixtui.interchange.placeholders import fill_placeholders
from mixtui.interchange.reader import parse
from mixtui.interchange.urls import ParsedUrl, parse_url
from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft, Method, Options
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.request.secret_values import is_identifier, is_secret_name
from mixtui.request.templates import escape_text
from mixtui.text import pluralise, sanitize_excerpt

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*://|//")
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_OPEN_HOST = "https://{server}"
"""For a server without a host: the path tells which of Mixpanel's it is."""
_DESCRIPTION_LENGTH = 400
_HELP_LENGTH = 120
_MAX_FIELDS = 40
_MAX_VALUES = 12
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_METHODS = ("get", "post", "put", "patch", "delete")
_UNSUPPORTED_METHODS = ("head", "options", "trace", "query")
_NAME_LENGTH = 80
_MAX_REQUESTS = 2000
"""Imported from one file."""
_SHAPES = {
    "document": {
        "openapi": "text|number!",
        "info": "info",
        "servers": "[server]",
        "paths": "{path}!",
        "components": "components",
        "security": "[object]",
    },
    "info": {"title": "text|number"},
    "server": {"url": "text!", "variables": "{variable}"},
    "variable": {"default": "text|number|boolean", "enum": "list"},
    "path": {
        "$ref": "text!",
        "parameters": "[parameter]",
        "servers": "[server]",
        **dict.fromkeys(("get", "post", "put", "patch", "delete"), "operation"),
    },
    "operation": {
        "summary": "text",
        "description": "text",
        "operationId": "text",
        "tags": "[text]",
        "parameters": "[parameter]",
        "requestBody": "body",
        "security": "[object]",
        "servers": "[server]",
    },
    "parameter": {
        "$ref": "text!",
        "name": "text!",
        "in": "text!",
        "description": "text",
        "schema": "schema|boolean",
        "content": "{media}",
        "examples": "{example}",
    },
    "body": {"$ref": "text!", "content": "{media}"},
    "media": {
        "schema": "schema|boolean",
        "examples": "{example}",
        "encoding": "object",
    },
    "example": {"$ref": "text!"},
    "schema": {
        "$ref": "text!",
        "type": "text|[text]",
        "properties": "{schema|boolean}",
        "items": "schema|boolean",
        "allOf": "[schema|boolean]",
        "oneOf": "[schema|boolean]",
        "anyOf": "[schema|boolean]",
        "enum": "list",
    },
    "components": {
        "schemas": "{schema|boolean}",
        "parameters": "{parameter}",
        "requestBodies": "{body}",
        "examples": "{example}",
        "securitySchemes": "object",
    },
}
"""What the specification documents of the members that are read."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_VALID_NAME = re.compile(r"[A-Za-z][\w -]*")


@dataclass(frozen=True, slots=True)
class Server:
    """A server URL with its variables filled."""

    url: str
    has_no_choice: bool = True
    """Whether it had no variables, so that nothing was left to choose."""


def list_servers(references: References, *levels: Value) -> list[Server]:
    """Return the servers of an operation, at least one.

    Args:
        references: Resolves references.
        levels: Lists of servers, the innermost first; the first that is not empty wins.
    """
    for level in levels:
        servers = [references.resolve(node) for node in mappings_in(level)]
        if filled := [_fill_variables(server) for server in servers if server]:
            return filled
    return [Server("/", has_no_choice=False)]


def locate_operation(
    servers: list[Server], path: str, environments: Sequence[Environment] = ()
) -> tuple[ParsedUrl, Region | None]:
    """Return the URL of an operation on the first server that is Mixpanel's, and its region.

    The region is None where the file leaves a choice.

    Raises:
        InterchangeError: No server is Mixpanel's; the message is about the first one.
    """
    first_error: InterchangeError | None = None
    for server in servers:
        full_url = server.url.rstrip("/") + path
        if not _SCHEME.match(server.url):
            full_url = f"{_OPEN_HOST}/{full_url.lstrip('/')}"
        try:
            url = parse_url(escape_text(full_url), environments)
        except InterchangeError as error:
            first_error = first_error or error
        else:
            is_only_choice = len(servers) == 1 and server.has_no_choice
            return url, url.region if is_only_choice else None
    assert first_error is not None
    raise first_error


def _fill_variables(server: dict[str, Value]) -> Server:
    variables = as_mapping(server.get("variables"))

    def value(match: re.Match[str]) -> str:
        variable = as_mapping(variables.get(match.group(1)))
        if "default" in variable:
            return query_text(variable["default"])
        allowed = variable.get("enum")
        if isinstance(allowed, list) and allowed:
            return query_text(allowed[0])
        return match.group()

    url = as_text(server.get("url")).strip()
    return Server(_VARIABLE.sub(value, url), has_no_choice=not _VARIABLE.search(url))


def describe_operation(
    operation: dict[str, Value], parameters: list[Parameter], variant: BodyVariant
) -> str:
    """Summarise an operation for the description of its request, a fact per line."""
    lines = [
        shorten(as_text(operation.get("description")), _DESCRIPTION_LENGTH),
        "Deprecated." if operation.get("deprecated") is True else "",
        *(_parameter_line(parameter) for parameter in parameters),
    ]
    if variant.omitted:
        names = ", ".join(variant.omitted[:_MAX_FIELDS])
        more = len(variant.omitted) - _MAX_FIELDS
        lines.append(
            f"Optional body fields: {names}{f' and {more} more' if more > 0 else ''}."
        )
    return "\n".join(line for line in lines if line)


def shorten(text: str, max_length: int) -> str:
    """Cut a text to complete sentences within a length, and remove its markup."""
    plain = " ".join(_TAG.sub(" ", _LINK.sub(r"\1", text)).replace("`", "").split())
    if len(plain) <= max_length:
        return plain
    shortened = ""
    for sentence in _SENTENCE.split(plain):
        if len(shortened) + len(sentence) + 1 > max_length:
            break
        shortened = f"{shortened} {sentence}".strip()
    return shortened or plain[: max_length - 1].rstrip() + "…"


def _parameter_line(parameter: Parameter) -> str:
    """Describe a parameter on one line: location, type, allowed values."""
    facts = []
    if parameter.location != "query":
        facts.append(parameter.location)
    if parameter.required and parameter.location != "path":
        facts.append("required")
    if kind := type_of(parameter.schema):
        facts.append(kind)
    # Values of a secret are secrets, also where the file calls them defaults.
    if not is_secret_name(parameter.name) or is_identifier(parameter.name):
        facts += _value_facts(parameter)
    label = f"{parameter.name} ({', '.join(facts)})"
    text = shorten(parameter.description, _HELP_LENGTH)
    return f"{label}: {text}" if text else label


def _value_facts(parameter: Parameter) -> Iterator[str]:
    if allowed := [value for value in parameter.allowed if is_scalar(value)]:
        names = ", ".join(query_text(v) for v in allowed[:_MAX_VALUES])
        yield f"one of {names}" if len(allowed) > 1 else f"only {names}"
    if "default" in parameter.schema:
        default = parameter.schema["default"]
        default_text = (
            query_text(default) if is_scalar(default) else compact_json(default)
        )
        yield f"default {default_text}"
    elif (
        parameter.location == "path"
        and not isinstance(parameter.value, Template)
        and (example := query_text(parameter.value))
    ):
        yield f"such as {example}"


def import_openapi(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """Import every operation of an OpenAPI document.

    Args:
        source: The file's text, JSON or YAML.
        name: The file's name in messages.
        environments: Their hosts are accepted besides Mixpanel's.

    Raises:
        InterchangeError: It is not an OpenAPI file, or has no operation to import.
    """
    content = parse(source, name)
    document = read_object(content.value, name, "an OpenAPI file")
    _check_version(document, name)
    reader = _OpenApiReader(document, tuple(environments))
    for note in (*content.notes, *shape_notes(document, "document", _SHAPES)):
        reader.notes.add(note)
    requests = tuple(reader.requests())
    title = sanitize_excerpt(
        as_text(as_mapping(document.get("info")).get("title")), _NAME_LENGTH
    )
    if not requests:
        raise InterchangeError(_no_operation_message(name, list(reader.notes)))
    return ImportedFile(
        title or name,
        requests,
        tuple(reader.notes),
        is_partial=reader.is_truncated or reader.notes.has_omissions,
    )


def _check_version(document: dict[str, Value], name: str) -> None:
    version = document.get("openapi")
    if version is None and "swagger" in document:
        raise InterchangeError(
            f"{name} is written in Swagger {document['swagger']}: convert it to "
            "OpenAPI 3 first."
        )
    if version is None or version == "":
        problem = (
            "its key openapi is empty"
            if "openapi" in document
            else ("it has no key openapi")
        )
        raise InterchangeError(f"{name} is not an OpenAPI file: {problem}.")
    if not re.match(r"3\.\d", str(version)):
        raise InterchangeError(
            f"{name} is written in OpenAPI {sanitize_excerpt(str(version), 20)}: 3.0 and 3.1 "
            "are read."
        )


def _no_operation_message(name: str, notes: list[str]) -> str:
    if not notes:
        return f"{name} describes no operation, so there is nothing to import."
    return f"{name} holds no operation that mixtui can call: {notes[0]}"


class _OpenApiReader:
    def __init__(
        self, document: dict[str, Value], environments: Sequence[Environment]
    ) -> None:
        self._environments = environments
        self._document = document
        self.notes = Notes()
        self.is_truncated = False
        """Whether requests beyond the limit are left out."""

    def requests(self) -> Iterator[FileRequest]:
        """Yield the requests of every operation, in the order of the file."""
        self._note_omissions()
        count = 0
        references = References(self._document, self.notes)
        for path, node in as_mapping(self._document.get("paths")).items():
            if path.startswith("x-"):
                continue
            item = references.resolve(node)
            for method in _UNSUPPORTED_METHODS:
                if method in item:
                    self.notes.add_omission(
                        f"{method.upper()} {path}",
                        "mixtui sends GET, POST, PUT, PATCH and DELETE.",
                    )
            for method in _METHODS:
                if isinstance(item.get(method), dict):
                    for request in self._operation(path, item, Method(method.upper())):
                        count += 1
                        if count > _MAX_REQUESTS:
                            self.is_truncated = True
                            self.notes.add(
                                f"Only the first {pluralise(_MAX_REQUESTS, 'request')} of the "
                                "file are imported."
                            )
                            return
                        yield request

    def _note_omissions(self) -> None:
        version = str(self._document.get("openapi"))
        if not version.startswith(("3.0", "3.1")):
            self.notes.add(
                f"The file is written in OpenAPI {version}; it is read as 3.1."
            )
        if hooks := as_mapping(self._document.get("webhooks")):
            self.notes.add(
                f"{pluralise(len(hooks), 'webhook')} left out: those are calls that "
                "others make to you."
            )

    def _operation(
        self, path: str, item: dict[str, Value], method: Method
    ) -> Iterator[FileRequest]:
        notes = Notes()
        references = References(self._document, notes)
        schemas = Schemas(references, notes)
        operation = as_mapping(item[method.lower()])
        servers = list_servers(
            references,
            operation.get("servers"),
            item.get("servers"),
            self._document.get("servers"),
        )
        try:
            target, region = locate_operation(
                servers, _rename_placeholders(path, notes), self._environments
            )
        except InterchangeError as error:
            self.notes.add_omission(f"{method} {path}", str(error))
            return
        if operation.get("callbacks"):
            notes.add("Its callbacks are left out: others make those calls to you.")
        reader = ParameterReader(schemas)
        parameters = reader.read(item.get("parameters"), operation.get("parameters"))
        rows = reader.rows(parameters)
        _check_path(path, rows.path, notes)
        body = operation.get("requestBody")
        variants = BodyReader(schemas).read(body, rows.content_types)
        draft = Draft(
            name=_request_name(operation, method, path),
            method=method,
            api=target.api,
            url=target.url,
            query=(*target.query, *rows.query),
            headers=rows.headers,
        )
        draft = replace(
            draft, options=self._options(draft, operation, references, notes)
        )
        folder = tuple(
            sanitize_excerpt(tag, _NAME_LENGTH)
            for tag in texts_in(operation.get("tags"))[:1]
        )
        for variant in variants or [BodyVariant("", None)]:
            filled = _with_body(draft, variant, operation, parameters, notes)
            yield FileRequest(
                folder, _to_imported_request(filled, target, region, notes)
            )

    def _options(
        self,
        draft: Draft,
        operation: dict[str, Value],
        references: References,
        notes: Notes,
    ) -> Options:
        components = as_mapping(self._document.get("components"))
        security = Security(
            references,
            components.get("securitySchemes"),
            self._document.get("security"),
            notes,
        )
        auth = security.auth_choice(operation, endpoint_of(draft))
        body = references.resolve(operation.get("requestBody"))
        requires_body = draft.method is Method.DELETE and body.get("required") is True
        return Options(auth=auth, delete_body=requires_body)


def _with_body(
    draft: Draft,
    variant: BodyVariant,
    operation: dict[str, Value],
    parameters: list[Parameter],
    notes: Notes,
) -> Draft:
    if variant.body is not None:
        if draft.method is Method.GET:
            notes.add("The file gives it a body, but a GET carries none.")
        if draft.method is Method.DELETE and not draft.options.delete_body:
            notes.add("Its body is optional: switch it on in Options to send it.")
        if not variant.body.text and not variant.omitted:
            notes.add("The file says nothing of what is in the body: fill it.")
    name = f"{draft.name} ({variant.title})" if variant.title else draft.name
    overridden = {row.name.lower() for row in variant.headers}
    remaining = tuple(
        row for row in draft.headers if row.name.lower() not in overridden
    )
    return replace(
        draft,
        name=sanitize_excerpt(name, _NAME_LENGTH + 40),
        description=describe_operation(operation, parameters, variant),
        headers=(*remaining, *variant.headers),
        body=variant.body,
    )


def _to_imported_request(
    draft: Draft, target: ParsedUrl, region: Region | None, notes: Notes
) -> ImportedRequest:
    filled = fill_placeholders(draft)
    cleared = clear_secrets(filled.draft)
    return ImportedRequest(
        cleared.draft,
        region=region,
        project_id=target.project_id,
        notes=(*target.notes, *notes, *filled.notes, *cleared.notes),
        environment=target.environment,
    )


def _request_name(operation: dict[str, Value], method: Method, path: str) -> str:
    title = as_text(operation.get("summary")) or as_text(operation.get("operationId"))
    return sanitize_excerpt(title.strip() or f"{method} {path}", _NAME_LENGTH)


def _rename_placeholders(path: str, notes: Notes) -> str:
    """Rename the placeholders of a path that mixtui could not fill."""

    def rename(match: re.Match[str]) -> str:
        name = match.group(1)
        if _VALID_NAME.fullmatch(name):
            return match.group()
        readable = re.sub(r"\W+", "_", name).strip("_") or "value"
        if not readable[0].isalpha():
            readable = f"p{readable}"
        notes.add(f"The placeholder {{{name}}} is called {{{readable}}} here.")
        return f"{{{readable}}}"

    renamed = _PLACEHOLDER.sub(rename, path)
    return renamed if renamed.startswith("/") else f"/{renamed}"


def _check_path(path: str, declared: tuple[Parameter, ...], notes: Notes) -> None:
    names = {name.lstrip(".;?&") for name in _PLACEHOLDER.findall(path)}
    for parameter in declared:
        if parameter.name not in names:
            notes.add(f"The path has no place for its parameter {parameter.name}.")
        elif parameter.style != "simple":
            notes.add(
                f"{parameter.name} is written in the style {parameter.style}: type "
                f"{';' + parameter.name + '=' if parameter.style == 'matrix' else '.'} in front "
                "of its value."
            )
