"""Import an OpenAPI file (3.0 and 3.1): a request for each operation and body variant.

Whatever cannot be imported is reported in a note, never dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from mixtui.interchange.credentials import clear_secrets, endpoint_of
from mixtui.interchange.files.openapi.bodies import BodyReader, BodyVariant
from mixtui.interchange.files.openapi.description import (
    describe_operation,
)
from mixtui.interchange.files.openapi.parameters import Parameter, ParameterReader
from mixtui.interchange.files.openapi.references import References
from mixtui.interchange.files.openapi.schema import Schemas
from mixtui.interchange.files.openapi.security import Security
from mixtui.interchange.files.openapi.servers import (
    list_servers,
    locate_operation,
)
from mixtui.interchange.files.shapes import read_object, shape_notes
from mixtui.interchange.json_values import (
    Value,
    as_mapping,
    as_text,
    is_scalar,
    template_text,
    texts_in,
)
from mixtui.interchange.model import FileRequest, ImportedFile, ImportedRequest
from mixtui.interchange.notes import Notes
from mixtui.interchange.placeholders import fill_placeholders
from mixtui.interchange.reader import parse
from mixtui.interchange.urls import ParsedUrl
from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft, Method, Options, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.path_parameters import placeholders
from mixtui.request.templates import placeholder_id
from mixtui.text import pluralise, sanitize_excerpt

_METHODS = ("get", "post", "put", "patch", "delete")
_UNSUPPORTED_METHODS = ("head", "options", "trace", "query")
_NAME_LENGTH = 80
_MAX_REQUESTS = 2000
"""Imported from one file."""
_SHAPES = {
    "document": {
        "openapi": "text|number!",
        "info": "info",
        "servers": "[server!]",
        "paths": "{path!}!",
        "components": "components",
        "security": "[object]",
    },
    "info": {"title": "text|number"},
    "server": {"url": "text!", "variables": "{variable}"},
    "variable": {"default": "text|number|boolean", "enum": "list"},
    "path": {
        "$ref": "text!",
        "parameters": "[parameter!]",
        "servers": "[server!]",
        **dict.fromkeys(("get", "post", "put", "patch", "delete"), "operation!"),
    },
    "operation": {
        "summary": "text",
        "description": "text",
        "operationId": "text",
        "tags": "[text]",
        "parameters": "[parameter!]",
        "requestBody": "body!",
        "security": "[object]",
        "servers": "[server!]",
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
_PLACEHOLDER = compile_late(r"\{([^{}]*)\}")
_VALID_NAME = compile_late(r"[A-Za-z][\w -]*")


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
            f"{name} is a Swagger {document['swagger']} file. Convert it to OpenAPI 3 "
            "first."
        )
    if version is None or version == "":
        problem = (
            "the key openapi is empty"
            if "openapi" in document
            else ("the key openapi is missing")
        )
        raise InterchangeError(f"{name} is not an OpenAPI file: {problem}.")
    if not re.match(r"3\.\d", str(version)):
        raise InterchangeError(
            f"{name} is an OpenAPI {sanitize_excerpt(str(version), 20)} file; only "
            "3.0 and 3.1 are supported."
        )


def _no_operation_message(name: str, notes: list[str]) -> str:
    if not notes:
        return f"Nothing to import: {name} does not describe any operations."
    return f"{name} does not contain an operation that mixtui can send: {notes[0]}"


class _OpenApiReader:
    def __init__(
        self, document: dict[str, Value], environments: Sequence[Environment]
    ) -> None:
        self._environments = environments
        self._document = document
        self.notes = Notes()
        self.is_truncated = False
        """Whether requests beyond the limit were skipped."""

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
                        "mixtui only sends GET, POST, PUT, PATCH and DELETE.",
                    )
            for method in _METHODS:
                if isinstance(item.get(method), dict):
                    for request in self._operation(path, item, Method(method.upper())):
                        count += 1
                        if count > _MAX_REQUESTS:
                            self.is_truncated = True
                            self.notes.add(
                                "Only the first "
                                f"{pluralise(_MAX_REQUESTS, 'request')} of the file "
                                "were imported."
                            )
                            return
                        yield request

    def _note_omissions(self) -> None:
        version = str(self._document.get("openapi"))
        if not version.startswith(("3.0", "3.1")):
            self.notes.add(f"The file is OpenAPI {version}; it was read as 3.1.")
        if hooks := as_mapping(self._document.get("webhooks")):
            self.notes.add(
                f"{pluralise(len(hooks), 'webhook')} skipped: you receive these "
                "requests instead of sending them."
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
            notes.add(
                "Its callbacks were skipped: you receive these requests instead of "
                "sending them."
            )
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
            path=_path_rows(target.url, rows.path),
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
            notes.add("Its body was removed: a GET request does not have one.")
        if draft.method is Method.DELETE and not draft.options.delete_body:
            notes.add("Its body is optional: enable it in Options to send it.")
        if not variant.body.text and not variant.omitted:
            notes.add("The file does not describe the body: fill it in.")
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
        readable = _readable_name(name)
        if readable != name:
            notes.add(f"The placeholder {{{name}}} was renamed to {{{readable}}}.")
        return f"{{{readable}}}"

    renamed = _PLACEHOLDER.sub(rename, path)
    return renamed if renamed.startswith("/") else f"/{renamed}"


def _readable_name(name: str) -> str:
    """Return the name of a placeholder as mixtui can write it."""
    if _VALID_NAME.fullmatch(name):
        return name
    readable = re.sub(r"\W+", "_", name).strip("_") or "value"
    return readable if readable[0].isalpha() else f"p{readable}"


def _path_rows(url: str, declared: tuple[Parameter, ...]) -> tuple[Pair, ...]:
    """Return rows of the path parameters that have a usual value.

    The others are left open: the id of an example belongs to another project.
    """
    open_names = placeholders(url)
    rows: list[Pair] = []
    for parameter in declared:
        name = _readable_name(parameter.name)
        usual = parameter.schema.get("default", next(iter(parameter.allowed), None))
        is_open = name in open_names and not placeholder_id(f"{{{name}}}")
        is_usable = parameter.style == "simple" and is_scalar(usual)
        if is_open and is_usable and (text := template_text(usual)):
            rows.append(Pair(name, text))
    return tuple(rows)


def _check_path(path: str, declared: tuple[Parameter, ...], notes: Notes) -> None:
    names = {name.lstrip(".;?&") for name in _PLACEHOLDER.findall(path)}
    for parameter in declared:
        if parameter.name not in names:
            notes.add(f"The path does not contain its parameter {parameter.name}.")
        elif parameter.style != "simple":
            notes.add(
                f"{parameter.name} is written in the style {parameter.style}: type "
                f"{';' + parameter.name + '=' if parameter.style == 'matrix' else '.'} in front "
                "of its value."
            )
