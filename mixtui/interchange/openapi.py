"""An OpenAPI file (3.0 and 3.1) into requests: one for each operation, and one more
for each further form of its body.

What cannot be carried over is said in a note, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mixtui.core.environments import Environment
from mixtui.core.errors import InterchangeError
from mixtui.core.requests import Draft, Method, Options
from mixtui.core.visible import sanitize_excerpt
from mixtui.core.words import pluralise
from mixtui.interchange.foreign_templates import without_variables_of_ours
from mixtui.interchange.found import ImportedRequest
from mixtui.interchange.imported_file import ImportedFile, PlacedRequest
from mixtui.interchange.leaving_out import endpoint_of
from mixtui.interchange.notes import Notes
from mixtui.interchange.openapi_bodies import Bodies, BodyForm
from mixtui.interchange.openapi_parameters import Parameter, Parameters
from mixtui.interchange.openapi_references import References
from mixtui.interchange.openapi_schema import Schemas
from mixtui.interchange.openapi_security import Security
from mixtui.interchange.openapi_servers import addresses, place
from mixtui.interchange.openapi_words import description
from mixtui.interchange.reading import read
from mixtui.interchange.urls import ParsedUrl
from mixtui.interchange.values import Value, mapping, text, texts
from mixtui.mixpanel.apis import Region

_METHODS = ("get", "post", "put", "patch", "delete")
_OTHERS = ("head", "options", "trace", "query")
_LONGEST_NAME = 80
_MOST = 2000
"""Requests from one file."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_GOOD_NAME = re.compile(r"[A-Za-z][\w -]*")


def import_openapi(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """Every operation of an OpenAPI document.

    Args:
        source: The file's text, JSON or YAML.
        name: What to call the file in sentences.
        environments: Those whose own hosts are known beside Mixpanel's.

    Raises:
        InterchangeError: It is no such file, or nothing in it can be called.
    """
    content = read(source, name)
    document = mapping(content.value)
    _check_version(document, name)
    reader = _Reader(document, tuple(environments))
    for note in content.notes:
        reader.notes.add(note)
    requests = tuple(reader.requests())
    title = sanitize_excerpt(
        text(mapping(document.get("info")).get("title")), _LONGEST_NAME
    )
    if not requests:
        raise InterchangeError(_nothing(name, list(reader.notes)))
    return ImportedFile(title or name, requests, tuple(reader.notes))


def _check_version(document: dict[str, Value], name: str) -> None:
    version = document.get("openapi")
    if version is None and "swagger" in document:
        raise InterchangeError(
            f"{name} is written in Swagger {document['swagger']}: convert it to "
            "OpenAPI 3 first."
        )
    if version is None:
        raise InterchangeError(f"{name} is no OpenAPI file: it has no key «openapi».")
    if not re.match(r"3\.\d", str(version)):
        raise InterchangeError(
            f"{name} is written in OpenAPI {sanitize_excerpt(str(version), 20)}: 3.0 and 3.1 "
            "are read."
        )


def _nothing(name: str, notes: list[str]) -> str:
    if not notes:
        return f"{name} describes no operation, so there is nothing to import."
    return f"{name} holds no operation that mixtui can call: {notes[0]}"


class _Reader:
    def __init__(
        self, document: dict[str, Value], environments: Sequence[Environment]
    ) -> None:
        self._environments = environments
        self._document = document
        self.notes = Notes()
        """About the file as a whole."""

    def requests(self) -> Iterator[PlacedRequest]:
        """Every operation, in the order of the file."""
        self._about_the_rest()
        count = 0
        references = References(self._document, self.notes)
        for path, node in mapping(self._document.get("paths")).items():
            if path.startswith("x-"):
                continue
            item = references.resolve(node)
            for method in _OTHERS:
                if method in item:
                    self.notes.leave_out(
                        f"{method.upper()} {path}",
                        "mixtui sends GET, POST, PUT, PATCH and DELETE.",
                    )
            for method in _METHODS:
                if isinstance(item.get(method), dict):
                    for placed in self._operation(path, item, Method(method.upper())):
                        count += 1
                        if count > _MOST:
                            self.notes.add(
                                f"Only the first {pluralise(_MOST, 'request')} of the "
                                "file are imported."
                            )
                            return
                        yield placed

    def _about_the_rest(self) -> None:
        version = str(self._document.get("openapi"))
        if not version.startswith(("3.0", "3.1")):
            self.notes.add(
                f"The file is written in OpenAPI {version}; it is read as 3.1."
            )
        if hooks := mapping(self._document.get("webhooks")):
            self.notes.add(
                f"{pluralise(len(hooks), 'webhook')} left out: those are calls that "
                "others make to you."
            )

    def _operation(
        self, path: str, item: dict[str, Value], method: Method
    ) -> Iterator[PlacedRequest]:
        notes = Notes()
        references = References(self._document, notes)
        schemas = Schemas(references, notes)
        operation = mapping(item[method.lower()])
        servers = addresses(
            references,
            operation.get("servers"),
            item.get("servers"),
            self._document.get("servers"),
        )
        try:
            located, region = place(
                servers, _readable(path, notes), method, self._environments
            )
        except InterchangeError as error:
            self.notes.leave_out(f"{method} {path}", str(error))
            return
        if operation.get("callbacks"):
            notes.add("Its callbacks are left out: others make those calls to you.")
        reader = Parameters(schemas)
        parameters = reader.read(item.get("parameters"), operation.get("parameters"))
        rows = reader.rows(parameters)
        _check_path(path, rows.path, notes)
        body = operation.get("requestBody")
        forms = Bodies(schemas).read(body, rows.content_types)
        draft = Draft(
            name=_name(operation, method, path),
            method=method,
            api=located.api,
            url=located.url,
            query=(*located.query, *rows.query),
            headers=rows.headers,
        )
        draft = replace(
            draft, options=self._options(draft, operation, references, notes)
        )
        folder = tuple(
            sanitize_excerpt(tag, _LONGEST_NAME)
            for tag in texts(operation.get("tags"))[:1]
        )
        for form in forms or [BodyForm("", None)]:
            filled = _with_form(draft, form, operation, parameters, notes)
            yield PlacedRequest(folder, _imported(filled, located, region, notes))

    def _options(
        self,
        draft: Draft,
        operation: dict[str, Value],
        references: References,
        notes: Notes,
    ) -> Options:
        components = mapping(self._document.get("components"))
        security = Security(
            references,
            components.get("securitySchemes"),
            self._document.get("security"),
            notes,
        )
        auth = security.choice(operation, endpoint_of(draft))
        body = references.resolve(operation.get("requestBody"))
        needed = draft.method is Method.DELETE and body.get("required") is True
        return Options(auth=auth, delete_body=needed)


def _with_form(
    draft: Draft,
    form: BodyForm,
    operation: dict[str, Value],
    parameters: list[Parameter],
    notes: Notes,
) -> Draft:
    if form.body is not None:
        if draft.method is Method.GET:
            notes.add("The file gives it a body, but a GET carries none.")
        if draft.method is Method.DELETE and not draft.options.delete_body:
            notes.add("Its body is optional: switch it on in Options to send it.")
        if not form.body.text and not form.left_out:
            notes.add("The file says nothing of what is in the body: fill it.")
    name = f"{draft.name} ({form.title})" if form.title else draft.name
    own = {row.name.lower() for row in form.headers}
    kept = tuple(row for row in draft.headers if row.name.lower() not in own)
    return replace(
        draft,
        name=sanitize_excerpt(name, _LONGEST_NAME + 40),
        description=description(operation, parameters, form),
        headers=(*kept, *form.headers),
        body=form.body,
    )


def _imported(
    draft: Draft, located: ParsedUrl, region: Region | None, notes: Notes
) -> ImportedRequest:
    draft = without_variables_of_ours(draft, notes)
    return ImportedRequest(
        draft,
        region=region,
        project_id=located.project_id,
        notes=(*located.notes, *notes),
        environment=located.environment,
    )


def _name(operation: dict[str, Value], method: Method, path: str) -> str:
    named = text(operation.get("summary")) or text(operation.get("operationId"))
    return sanitize_excerpt(named.strip() or f"{method} {path}", _LONGEST_NAME)


def _readable(path: str, notes: Notes) -> str:
    """The path with placeholders that mixtui can fill."""

    def placeholder(match: re.Match[str]) -> str:
        name = match.group(1)
        if _GOOD_NAME.fullmatch(name):
            return match.group()
        readable = re.sub(r"\W+", "_", name).strip("_") or "value"
        if not readable[0].isalpha():
            readable = f"p{readable}"
        notes.add(f"The placeholder {{{name}}} is called {{{readable}}} here.")
        return f"{{{readable}}}"

    found = _PLACEHOLDER.sub(placeholder, path)
    return found if found.startswith("/") else f"/{found}"


def _check_path(path: str, declared: tuple[Parameter, ...], notes: Notes) -> None:
    names = {name.lstrip(".;?&") for name in _PLACEHOLDER.findall(path)}
    for one in declared:
        if one.name not in names:
            notes.add(f"The path has no place for its parameter {one.name}.")
        elif one.style != "simple":
            notes.add(
                f"{one.name} is written in the style {one.style}: type "
                f"{';' + one.name + '=' if one.style == 'matrix' else '.'} in front "
                "of its value."
            )
