"""Import a curl command line as a draft."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.bodies import (
    ImportedBody,
    body_notes,
    content_type,
    import_body,
)
from mixtui.interchange.credentials import (
    basic_credential,
    distinct,
    endpoint_of,
    extract_credential,
    strip_credentials,
)
from mixtui.interchange.curl.data import encode_data, join_data
from mixtui.interchange.curl.headers import (
    convert_headers,
    drops_content_type,
)
from mixtui.interchange.curl.options import Option, Role, parse_options
from mixtui.interchange.curl.pipeline import (
    program_name,
    read_pipeline,
    replace_stdin,
)
from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.interchange.paths import locate_body_file, locate_path
from mixtui.interchange.placeholders import fill_placeholders
from mixtui.interchange.urls import ParsedUrl, open_notes, parse_url
from mixtui.mixpanel.apis import CredentialKind
from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.forms import FormMistake, parse_form
from mixtui.request.omissions import CONTENT_TYPE
from mixtui.request.templates import mask_templates, plain_text
from mixtui.text import sanitize

_TLS_KEYS = {
    Role.CA_FILE: "ca_file",
    Role.CERTIFICATE: "client_certificate",
    Role.KEY: "client_key",
}
"""In the ``tls`` table of an environment."""
_ASSIGNMENT = compile_late(r"[A-Za-z_]\w*=.*", re.DOTALL)
_FORM = "application/x-www-form-urlencoded"
_TEXT_ROLES = (Role.DATA, Role.RAW, Role.BINARY, Role.URLENCODED, Role.JSON)
_DATA_ROLES = (*_TEXT_ROLES, Role.UPLOAD)
_SERVICE_ACCOUNT_SUFFIX = ".mp-service-account"
_METHOD = compile_late(r"[A-Za-z]{2,10}")
"""What looks like a method; another text after -X may be a secret."""


def import_curl(
    text: str, environments: Iterable[Environment] = (), folder: Path | None = None
) -> ImportedRequest:
    """Import the request that a curl command would send.

    Blocking: ``--data-urlencode name@FILE`` reads the file, and others are looked for.

    Args:
        text: The command as it would be typed into a shell; only the first one is read.
        environments: Their hosts are accepted besides Mixpanel's.
        folder: What relative file paths are relative to: the folder of the file that
            the command is from; None = the working folder.

    Raises:
        InterchangeError: It is not a curl command, or not one that mixtui can send.
    """
    folder = folder or Path()
    line, stdin = read_pipeline(text)
    arguments, notes = _skip_assignments(line.arguments)
    if not arguments or program_name(arguments[0]) != "curl":
        raise InterchangeError(
            "This is not a curl command: it must start with “curl ”."
        )
    options = _Options(tuple(replace_stdin(parse_options(arguments[1:]), stdin)))
    imported = locate_body_file(_convert(options, tuple(environments), folder), folder)
    return replace(imported, notes=(*line.notes, *notes, *imported.notes))


class _Options(Struct, frozen=True):
    """The options of a command line."""

    all: tuple[Option, ...]

    def of(self, *roles: Role) -> tuple[Option, ...]:
        return tuple(option for option in self.all if option.role in roles)

    def last(self, role: Role) -> str | None:
        """Return the value of an option that overrides earlier ones; None = not set."""
        return next((o.value for o in reversed(self.all) if o.role is role), None)


def _convert(
    options: _Options, environments: Sequence[Environment], folder: Path
) -> ImportedRequest:
    target, query_notes = _parse_target(options, environments, folder)
    headers, header_notes = convert_headers(options.all)
    imported_body = _convert_body(options, headers, folder)
    method = _choose_method(options)
    sends_with_delete = method is Method.DELETE and imported_body.body is not None
    draft = Draft(
        method=method,
        api=target.api,
        url=target.url,
        query=target.query,
        headers=imported_body.headers,
        body=imported_body.body,
        options=Options(
            delete_body=sends_with_delete,
            leave_out=(CONTENT_TYPE,) if drops_content_type(options.all) else (),
        ),
    )
    stripped = strip_credentials(draft)
    filled = fill_placeholders(stripped.draft)
    credentials, user_notes = _user_credentials(options, draft)
    return ImportedRequest(
        draft=filled.draft,
        region=target.region,
        project_id=target.project_id or _project_id_in_form(imported_body.body),
        credentials=distinct(
            (*target.credentials, *credentials, *stripped.credentials)
        ),
        notes=(
            *target.notes,
            *open_notes(target),
            *query_notes,
            *header_notes,
            *imported_body.notes,
            *user_notes,
            *stripped.notes,
            *filled.notes,
            *body_notes(filled.draft),
            *_tls_notes(options, folder),
            *_ignored_notes(options),
        ),
        environment=target.environment,
    )


def _parse_target(
    options: _Options, environments: Sequence[Environment], folder: Path
) -> tuple[ParsedUrl, tuple[str, ...]]:
    urls = options.of(Role.URL)
    if not urls:
        raise InterchangeError("The command does not contain a URL. Copy all of it.")
    if len(urls) > 1:
        raise InterchangeError(
            f"The command contains {len(urls)} URLs. Import them one by one."
        )
    url = urls[0].value
    queries: list[str] = []
    notes: list[str] = []
    for option in options.of(Role.URL_QUERY):
        plain = option.value.startswith("+")
        value, note = (option.value[1:], "") if plain else encode_data(option, folder)
        queries.append(value)
        notes += [note] if note else []
    if options.of(Role.GET):
        data = join_data(options.of(*_TEXT_ROLES), folder)
        if data.file:
            raise InterchangeError(
                "With -G, the text of a file would become the query. Put it into the "
                "command."
            )
        queries += [data.text] if data.text else []
        notes += data.notes
    if queries:
        before, hash_, fragment = url.partition("#")
        url = f"{before}{'&' if '?' in before else '?'}{'&'.join(queries)}{hash_}{fragment}"
    return parse_url(url, environments), tuple(notes)


def _choose_method(options: _Options) -> Method:
    requested = options.last(Role.METHOD)
    if requested is not None:
        if requested.upper() not in list(Method):
            is_method = _METHOD.fullmatch(requested)
            label = f"the method {requested}" if is_method else "this method"
            raise InterchangeError(
                f"Mixpanel APIs do not take {label}: use one of {', '.join(Method)}."
            )
        return Method(requested.upper())
    if options.of(Role.UPLOAD):
        return Method.PUT
    if options.of(*_TEXT_ROLES) and not options.of(Role.GET):
        return Method.POST
    return Method.GET


def _convert_body(
    options: _Options, headers: tuple[Pair, ...], folder: Path
) -> ImportedBody:
    data_options = (
        options.of(Role.UPLOAD) if options.of(Role.GET) else options.of(*_DATA_ROLES)
    )
    data = join_data(data_options, folder)
    if not data.file:
        imported_body = import_body(data.text, headers, default=_FORM)
        return replace(imported_body, notes=(*data.notes, *imported_body.notes))
    if not content_type(headers) and not options.of(Role.UPLOAD):
        data = replace(
            data,
            notes=(
                *data.notes,
                "The content type was chosen by the file name; curl would send it as "
                "a form.",
            ),
        )
    return ImportedBody(Body(BodyType.FILE, path=data.file), headers, data.notes)


def _user_credentials(
    options: _Options, draft: Draft
) -> tuple[tuple[ExtractedCredential, ...], tuple[str, ...]]:
    """Extract the credentials of ``-u`` and ``--oauth2-bearer``."""
    credentials: list[ExtractedCredential] = []
    notes: list[str] = []
    user, bearer = options.last(Role.USER), options.last(Role.BEARER)
    if bearer:
        credentials += extract_credential(CredentialKind.OAUTH, bearer)
    if user:
        name, colon, password = _split_user(user)
        # Mixpanel's pages write -u SECRET: and people lose the colon; a service account
        # without a secret is what curl would ask a password for.
        asks = not colon and name.endswith(_SERVICE_ACCOUNT_SUFFIX)
        extracted = () if asks else basic_credential(name, password, endpoint_of(draft))
        credentials += extracted
        if not extracted:
            notes.append(
                "-u does not have a secret"
                + (", for which curl would prompt" if asks else "")
                + ": the environment's credential is sent instead."
            )
        elif not colon:
            notes.append(
                "-u does not have a colon: its text was read as a secret without a "
                "username."
            )
    return tuple(credentials), tuple(notes)


def _split_user(text: str) -> tuple[str, str, str]:
    """Split user, colon and password; a colon inside a reference does not count."""
    name, colon, _ = mask_templates(text).partition(":")
    return text[: len(name)], colon, text[len(name) + len(colon) :]


def _project_id_in_form(body: Body | None) -> str:
    if body is None or body.type is not BodyType.FORM:
        return ""
    try:
        fields = dict(parse_form(body.text))
    except FormMistake:
        return ""
    project_id = fields.get("project_id", "")
    return project_id if project_id.isdecimal() else ""


def _ignored_notes(options: _Options) -> tuple[str, ...]:
    names = list(dict.fromkeys(o.name for o in options.of(Role.IGNORED)))
    if not names:
        return ()
    return (f"Options that mixtui does not need were skipped: {' '.join(names)}.",)


def _tls_notes(options: _Options, folder: Path) -> Iterator[str]:
    """Say where the certificates of a command belong."""
    for option in options.of(*_TLS_KEYS):
        # A password may follow the certificate: FILE:PASSWORD.
        path = option.value
        if option.role is Role.CERTIFICATE:
            path = path.partition(":")[0]
        located = locate_path(path, folder)
        yield (
            f"{option.name} was skipped, because certificates belong to an environment: "
            f"add to [environments.NAME.tls] {_TLS_KEYS[option.role]} = "
            f"{json.dumps(sanitize(plain_text(located.text)), ensure_ascii=False)}."
        )
        if located.problem:
            yield located.problem


def _skip_assignments(
    arguments: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Skip ``VARIABLE=value`` before the program's name."""
    index = 0
    while index < len(arguments) and _ASSIGNMENT.fullmatch(arguments[index]):
        index += 1
    if not index:
        return arguments, ()
    return arguments[index:], ("The variables before curl were skipped.",)
