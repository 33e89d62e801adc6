"""Import a curl command line as a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mixtui.interchange.bodies import ImportedBody, content_type, import_body
from mixtui.interchange.credentials import (
    basic_credential,
    distinct,
    endpoint_of,
    extract_credential,
    strip_credentials,
)
from mixtui.interchange.curl_options import (
    Option,
    Role,
    encode_data,
    join_data,
    parse_options,
)
from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.interchange.shell import CommandLine, split_command
from mixtui.interchange.urls import ParsedUrl, parse_url
from mixtui.mixpanel.apis import CredentialKind
from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.request.forms import FormMistake, parse_form
from mixtui.request.omissions import CONTENT_TYPE
from mixtui.request.templates import REFERENCE
from mixtui.text import sanitize_excerpt

_COMPUTED_HEADERS = ("host", "content-length", "transfer-encoding", "connection")
_HEADER_OF_ROLE = {
    Role.AGENT: "User-Agent",
    Role.REFERER: "Referer",
}
_HEADER_LENGTH = 40


def convert_headers(
    options: Sequence[Option],
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Convert header options to rows; return them with a note for each one left out.

    Raises:
        InterchangeError: The headers are in a file.
    """
    rows: list[Pair] = []
    notes: list[str] = []
    for option in options:
        if option.role is Role.HEADER:
            row, note = _parse_header(option)
            rows += [row] if row else []
            notes += [note] if note else []
        elif option.role is Role.COOKIE and "=" in option.value:
            rows.append(Pair("Cookie", option.value))
        elif option.role is Role.COOKIE:
            notes.append("The file of cookies was left out.")
        elif option.role is Role.RANGE:
            rows.append(Pair("Range", f"bytes={option.value}"))
        elif option.role in _HEADER_OF_ROLE:
            rows.append(Pair(_HEADER_OF_ROLE[option.role], option.value))
    if any(option.role is Role.JSON for option in options):
        names = {row.name.lower() for row in rows}
        for name in ("Content-Type", "Accept"):
            if name.lower() not in names:
                rows.append(Pair(name, "application/json"))
    return tuple(rows), tuple(notes)


def drops_content_type(options: Sequence[Option]) -> bool:
    """Return whether a command sends no content type: ``-H 'Content-Type:'``."""
    headers = [o.value.strip().lower() for o in options if o.role is Role.HEADER]
    return "content-type:" in headers


def _parse_header(option: Option) -> tuple[Pair | None, str]:
    """Parse a header option; return a row, or a note on why there is none."""
    value = option.value
    if value.startswith("@"):
        raise InterchangeError(
            "The command takes headers from a file: write them into the command."
        )
    name, colon, text = value.partition(":")
    if not colon:
        # curl's way to send a header without a value.
        name, semicolon, _ = value.partition(";")
        text = ""
        if not semicolon:
            return None, "A header without a colon was left out."
    elif not text.strip() and name.strip().lower() == "content-type":
        return None, ""  # Not a row, but an option (see `drops_content_type`).
    elif not text.strip():
        return (
            None,
            f"curl's own header {sanitize_excerpt(name, _HEADER_LENGTH)} is not sent by mixtui.",
        )
    if name.strip().lower() in _COMPUTED_HEADERS:
        return None, (
            f"The header {name.strip()} was left out: mixtui sets it from the request "
            "itself."
        )
    return Pair(name.strip(), text.strip()), ""


_PROMPT = re.compile(r"\s*(?:[$%>]\s+)?")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_FORM = "application/x-www-form-urlencoded"
_TEXT_ROLES = (Role.DATA, Role.RAW, Role.BINARY, Role.URLENCODED, Role.JSON)
_DATA_ROLES = (*_TEXT_ROLES, Role.UPLOAD)
_METHOD = re.compile(r"[A-Za-z]{2,10}")
"""What looks like a method; another text after -X may be a secret."""


def import_curl(
    text: str, environments: Iterable[Environment] = (), folder: Path | None = None
) -> ImportedRequest:
    """Import the request that a curl command would send.

    Blocking: ``--data-urlencode name@FILE`` reads the file.

    Args:
        text: The command as it would be typed into a shell; only the first one is read.
        environments: Their hosts are accepted besides Mixpanel's.
        folder: What relative file paths are relative to; None = the working folder.

    Raises:
        InterchangeError: It is not a curl command, or not one that mixtui can send.
    """
    line, piped = _skip_printf_pipe(split_command(text[_prompt_end(text) :]))
    arguments, notes = _skip_assignments(line.arguments)
    if not arguments or _program_name(arguments[0]) != "curl":
        raise InterchangeError("This is no curl command: it must begin with «curl ».")
    options = _Options(tuple(_replace_stdin(parse_options(arguments[1:]), piped)))
    imported = _convert(options, tuple(environments), folder or Path())
    return replace(imported, notes=(*line.notes, *notes, *imported.notes))


@dataclass(frozen=True, slots=True)
class _Options:
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
    credentials, user_notes = _user_credentials(options, draft)
    return ImportedRequest(
        draft=stripped.draft,
        region=target.region,
        project_id=target.project_id or _project_id_in_form(imported_body.body),
        credentials=distinct(
            (*target.credentials, *credentials, *stripped.credentials)
        ),
        notes=(
            *target.notes,
            *query_notes,
            *header_notes,
            *imported_body.notes,
            *user_notes,
            *stripped.notes,
            *_body_notes(draft),
            *_ignored_notes(options),
        ),
        environment=target.environment,
    )


def _parse_target(
    options: _Options, environments: Sequence[Environment], folder: Path
) -> tuple[ParsedUrl, tuple[str, ...]]:
    urls = options.of(Role.URL)
    if not urls:
        raise InterchangeError("The command names no URL: copy all of it.")
    if len(urls) > 1:
        raise InterchangeError(
            f"The command names {len(urls)} URLs: take them over one by one."
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
                "With -G the text of a file would become the query: write it into the "
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
            known = _METHOD.fullmatch(requested)
            raise InterchangeError(
                f"The method{f' {requested}' if known else ''} is none that a Mixpanel API takes: "
                f"use one of {', '.join(Method)}."
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
                "The content type follows the file's name; curl would have called it a "
                "form.",
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
        extracted = (
            basic_credential(name, password, endpoint_of(draft)) if colon else ()
        )
        credentials += extracted
        if not extracted:
            notes.append(
                "-u holds no secret"
                + ("" if colon else ", for which curl would have asked")
                + ": the environment's credential is sent instead."
            )
    return tuple(credentials), tuple(notes)


def _split_user(text: str) -> tuple[str, str, str]:
    """Split user, colon and password; a colon inside a template does not count."""
    user = re.match(rf"(?:{REFERENCE}|[^:])*", text)
    assert user is not None
    rest = text[user.end() :]
    return user[0], rest[:1], rest[1:]


def _project_id_in_form(body: Body | None) -> str:
    if body is None or body.type is not BodyType.FORM:
        return ""
    try:
        fields = dict(parse_form(body.text))
    except FormMistake:
        return ""
    project_id = fields.get("project_id", "")
    return project_id if project_id.isdecimal() else ""


def _body_notes(draft: Draft) -> tuple[str, ...]:
    if draft.body is None or draft.sends_body:
        return ()
    return (
        f"curl would send the body with {draft.method}; mixtui keeps it and does not.",
    )


def _ignored_notes(options: _Options) -> tuple[str, ...]:
    names = list(dict.fromkeys(o.name for o in options.of(Role.IGNORED)))
    if not names:
        return ()
    return (f"Left out, as they mean nothing to mixtui: {' '.join(names)}.",)


def _prompt_end(text: str) -> int:
    prompt = _PROMPT.match(text)
    return prompt.end() if prompt else 0


def _skip_printf_pipe(line: CommandLine) -> tuple[CommandLine, str | None]:
    """Skip ``printf %s TEXT |``; return the command after it, and the text.

    mixtui exports long and compressed bodies this way. A compressed body has a header
    that says so, and mixtui compresses it again when it sends.
    """
    if len(line.arguments) != 3 or line.arguments[:2] != ("printf", "%s"):
        return line, None
    text = line.arguments[2]
    while line.remainder.startswith("|") and not line.remainder.startswith("||"):
        line = split_command(line.remainder[1:])
        if line.arguments != ("gzip", "-c"):
            break
    return line, text


def _replace_stdin(options: Iterable[Option], piped: str | None) -> Iterator[Option]:
    """Replace ``--data-binary @-`` by the piped text."""
    for option in options:
        if piped is not None and (option.role, option.value) == (Role.BINARY, "@-"):
            yield replace(option, role=Role.RAW, value=piped)
        else:
            yield option


def _program_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1].removesuffix(".exe")


def _skip_assignments(
    arguments: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Skip ``VARIABLE=value`` before the program's name."""
    index = 0
    while index < len(arguments) and _ASSIGNMENT.fullmatch(arguments[index]):
        index += 1
    if not index:
        return arguments, ()
    return arguments[index:], ("The variables in front of curl were left out.",)
