"""Write a prepared request for curl, HTTPie and Python, with variables for secrets."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mixtui.interchange.shell_quoting import (
    ExportText,
    Placeholder,
    Variable,
    fits_an_argument,
    join_lines,
    printf_pipe,
    quote_argument,
    split_placeholders,
    variables_in,
)
from mixtui.model.draft import Draft
from mixtui.model.environment import Tls
from mixtui.model.errors import InterchangeError
from mixtui.model.prepared import (
    FileContent,
    OAuthBearer,
    PreparedRequest,
    ProjectSecretBasic,
    ServiceAccountBasic,
    TokenBasic,
)
from mixtui.model.secrets import (
    CREDENTIAL_HEADERS,
    SCHEMES,
    FromVariable,
    Secret,
    SecretReader,
    SecretSource,
)
from mixtui.request.headers import is_gzip
from mixtui.request.powers import template_texts
from mixtui.request.templates import references, variable_name

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Basic:
    """User name and password (RFC 7617)."""

    user: ExportText
    password: ExportText


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token (RFC 6750)."""

    token: ExportText


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A request in texts with placeholders for secrets."""

    method: str
    url: ExportText
    headers: tuple[tuple[str, ExportText], ...]
    """All but the computed ``Authorization``."""
    auth: Basic | Bearer | None
    body: ExportText | Path | None
    compressed: bool
    """The body is compressed before it is sent."""
    timeout: float
    """Seconds."""
    tls: Tls

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that must be set."""
        return variables_in(self.texts)

    @property
    def texts(self) -> list[ExportText]:
        """Every text that is written out."""
        texts = [self.url, *(value for _, value in self.headers)]
        match self.auth:
            case Basic(user, password):
                texts += [user, password]
            case Bearer(token):
                texts.append(token)
        if isinstance(self.body, tuple):
            texts.append(self.body)
        return texts


def export_request(
    request: PreparedRequest,
    draft: Draft,
    reader: SecretReader | None = None,
    variables: Mapping[str, str] = os.environ,
) -> ExportRequest:
    """Convert a prepared request to texts with placeholders.

    Args:
        request: What mixtui would send.
        draft: The draft it was prepared from; it names the variables in ``{{env:NAME}}``.
        reader: Reads the secrets, which are then written in plain text; None = variables
            take their place. Blocking.
        variables: The environment variables of the process.

    Raises:
        CredentialError: A secret cannot be read.
        InterchangeError: The name of the file to send is not text.
    """
    placeholders = () if reader else _placeholders(request, draft, variables)
    body, compressed = _export_body(request, placeholders)
    return ExportRequest(
        method=str(request.method),
        url=_export_url(request.url, placeholders),
        headers=tuple(
            (
                name,
                _export_header(
                    name, value, placeholders, with_secrets=reader is not None
                ),
            )
            for name, value in request.headers
        ),
        auth=_export_auth(request, reader),
        body=body,
        compressed=compressed,
        timeout=request.timeout,
        tls=request.tls,
    )


def _export_url(url: str, placeholders: tuple[Placeholder, ...]) -> ExportText:
    """Put variables into a URL, except into its scheme and host."""
    host_start = url.find("://") + 3
    path_start = next(
        (i for i, c in enumerate(url[host_start:], host_start) if c in "/?#"), 0
    )
    origin, target = url[: path_start or len(url)], url[path_start or len(url) :]
    parts = split_placeholders(target, placeholders)
    if parts and isinstance(parts[0], str):
        return (origin + parts[0], *parts[1:])
    return (origin, *parts)


def _placeholders(
    request: PreparedRequest, draft: Draft, variables: Mapping[str, str]
) -> tuple[Placeholder, ...]:
    """Return placeholders for the values of variables, plain and percent-encoded."""
    names = {
        variables[name]: name
        for text in template_texts(draft)
        for reference in references(text)
        if (name := variable_name(reference.name)) in variables
        and _NAME.fullmatch(name)
    }
    placeholders: list[Placeholder] = []
    for number, text in enumerate(_longest_first(request.sensitive), 1):
        name = names.get(text, f"MIXPANEL_VALUE_{number}")
        placeholders.append(Placeholder(text, Variable(name, "a value of a template")))
        encoded = quote(text, safe="", errors="surrogateescape")
        if encoded != text:
            description = f"the value of {name}, percent-encoded"
            placeholders.append(
                Placeholder(encoded, Variable(f"{name}_ENCODED", description))
            )
    return tuple(placeholders)


def _longest_first(secrets: tuple[Secret, ...]) -> list[str]:
    texts = dict.fromkeys(secret.reveal() for secret in secrets)
    return sorted(texts, key=len, reverse=True)


def _export_header(
    name: str, value: str, placeholders: tuple[Placeholder, ...], *, with_secrets: bool
) -> ExportText:
    """Put variables into a header; of a credential only the scheme stays in plain text."""
    if with_secrets or name.lower() not in CREDENTIAL_HEADERS:
        return split_placeholders(value, placeholders)
    scheme, space, rest = value.strip().partition(" ")
    has_scheme = bool(space) and scheme.lower() in SCHEMES
    secret = split_placeholders(rest.strip() if has_scheme else value, placeholders)
    if any(isinstance(part, str) for part in secret):
        variable = f"MIXPANEL_{name.upper().replace('-', '_')}"
        suffix = f" behind «{scheme} »" if has_scheme else ""
        secret = (Variable(variable, f"the value of the header {name}{suffix}"),)
    return (f"{scheme} ", *secret) if has_scheme else secret


def _export_auth(
    request: PreparedRequest, reader: SecretReader | None
) -> Basic | Bearer | None:
    def secret_text(source: SecretSource, name: str, description: str) -> ExportText:
        if reader is not None:
            return (reader.read(source).reveal(),)
        if isinstance(source, FromVariable) and _NAME.fullmatch(source.name):
            name = source.name
        return (Variable(name, description),)

    match request.authorization:
        case ServiceAccountBasic(user, secret):
            what = f"the secret of the service account {user}"
            return Basic((user,), secret_text(secret, "MIXPANEL_SECRET", what))
        case ProjectSecretBasic(secret):
            return Basic(
                secret_text(secret, "MIXPANEL_PROJECT_SECRET", "the project secret"), ()
            )
        case TokenBasic(token):
            return Basic((token,), ())
        case OAuthBearer(token):
            return Bearer(secret_text(token, "MIXPANEL_OAUTH_TOKEN", "the OAuth token"))
        case None:
            return None


def _export_body(
    request: PreparedRequest, placeholders: tuple[Placeholder, ...]
) -> tuple[ExportText | Path | None, bool]:
    content = request.content
    if content is None:
        return None, False
    if isinstance(content, FileContent):
        path = content.path.absolute()
        try:
            str(path).encode()
        except UnicodeEncodeError:
            raise InterchangeError(
                "The name of the file to send is not UTF-8 text: rename it."
            ) from None
        return path, False
    compressed = is_gzip(request.headers)
    plain = gzip.decompress(content) if compressed else content
    return split_placeholders(plain.decode(), placeholders), compressed


_CURL_GLOB = "[]{}"


def write_curl(request: ExportRequest) -> str:
    """Write a command for curl, without a line feed at its end."""
    command = "curl" if request.method == "GET" else f"curl -X {request.method}"
    if any(c in p for p in request.url if isinstance(p, str) for c in _CURL_GLOB):
        command += " -g"
    arguments = [f"{command} {quote_argument(*request.url)}", *_curl_auth(request)]
    arguments += [f"-H {_curl_header(name, value)}" for name, value in request.headers]
    if not any(name.lower() == "accept-encoding" for name, _ in request.headers):
        arguments.append("--compressed")
    if request.body is not None and not _has_content_type(request):
        arguments.append("-H 'Content-Type:'")  # Otherwise curl declares a form.
    arguments += _curl_tls(request)
    pipe = ""
    match request.body:
        case Path():
            arguments.append(f"--data-binary {quote_argument(f'@{request.body}')}")
        case None:
            if request.method in ("POST", "PUT", "PATCH"):
                # curl sends no length by itself, but some servers require one.
                arguments.append("-H 'Content-Length: 0'")
        case body if request.compressed or not fits_an_argument(body):
            pipe = printf_pipe(body, compressed=request.compressed)
            arguments.append("--data-binary @-")
        case body:
            arguments.append(f"--data-raw {quote_argument(*body)}")
    return pipe + join_lines(*arguments)


def _has_content_type(request: ExportRequest) -> bool:
    return any(name.lower() == "content-type" for name, _ in request.headers)


def _curl_header(name: str, value: ExportText) -> str:
    return quote_argument(f"{name}: ", *value) if value else quote_argument(f"{name};")


def _curl_auth(request: ExportRequest) -> list[str]:
    match request.auth:
        case Basic(user, password):
            return [f"-u {quote_argument(*user, ':', *password)}"]
        case Bearer(token):
            return [f"-H {quote_argument('Authorization: Bearer ', *token)}"]
        case None:
            return []


def _curl_tls(request: ExportRequest) -> list[str]:
    tls = request.tls
    options = (
        ("--cacert", tls.ca_file),
        ("--cert", tls.client_certificate),
        ("--key", tls.client_key),
    )
    return [f"{option} {quote_argument(path)}" for option, path in options if path]


_HTTPIE_DROPPED_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\[:;=@]")
"""A backslash that HTTPie drops: an odd one before a separator.

It keeps two as two, so a single one cannot be written.
"""


def write_httpie(request: ExportRequest) -> str:
    """Write a command for HTTPie, without a line feed at its end.

    Raises:
        InterchangeError: A header cannot be written so that HTTPie sends it.
    """
    # Items must follow the URL: HTTPie does not look for them after options.
    arguments = [f"http {request.method} {quote_argument(*request.url)}"]
    arguments += [
        quote_argument(*_httpie_item(name, value)) for name, value in request.headers
    ]
    if not any(name.lower() == "accept" for name, _ in request.headers):
        arguments.append("'Accept:*/*'")
    names = {name.lower() for name, _ in request.headers}
    if request.body is not None and "content-type" not in names:
        arguments.append("'Content-Type:'")  # Otherwise HTTPie declares JSON.
    arguments += [*_httpie_auth(request), *_httpie_tls(request)]
    pipe = ""
    match request.body:
        case Path():
            arguments.append(f"< {quote_argument(str(request.body))}")
        case None:
            arguments.append("--ignore-stdin")
        case body if request.compressed or not fits_an_argument(body):
            pipe = printf_pipe(body, compressed=request.compressed)
        case body:
            arguments.append(f"--raw={quote_argument(*body)}")
            arguments.append("--ignore-stdin")
    return pipe + join_lines(*arguments)


def _httpie_item(name: str, value: ExportText) -> ExportText:
    """Write a header as HTTPie's item ``name:value``; ``:=`` and ``:@`` are other items.

    Raises:
        InterchangeError: HTTPie cannot send it.
    """
    if not value:
        return (f"{name};",)
    if any(
        isinstance(piece, str) and _HTTPIE_DROPPED_BACKSLASH.search(piece)
        for piece in value
    ):
        raise InterchangeError(
            f"The header {name} has a \\ before one of : ; = @, which HTTPie would leave "
            "out: export it for curl or Python."
        )
    pieces = list(value)
    first = pieces[0]
    if isinstance(first, str) and first[0] in "=@":
        pieces[0] = f"\\{first}"
    return (f"{name}:", *pieces)


def _httpie_auth(request: ExportRequest) -> list[str]:
    match request.auth:
        case Basic(user, password):
            return [f"--auth={quote_argument(*user, ':', *password)}"]
        case Bearer(token):
            return [quote_argument("Authorization:Bearer ", *token)]
        case None:
            return []


def _httpie_tls(request: ExportRequest) -> list[str]:
    tls = request.tls
    options = (
        ("--verify", tls.ca_file),
        ("--cert", tls.client_certificate),
        ("--cert-key", tls.client_key),
    )
    return [f"{option} {quote_argument(path)}" for option, path in options if path]


def write_python(request: ExportRequest) -> str:
    """Write a script for httpx, with a line feed at its end."""
    arguments = [_python_literal(request.method), _python_text(request.url)]
    headers = [(name, value) for name, value in request.headers]
    match request.auth:
        case Basic(user, password):
            arguments.append(f"auth=({_python_text(user)}, {_python_text(password)})")
        case Bearer(token):
            headers.append(("Authorization", ("Bearer ", *token)))
        case None:
            pass
    if headers:
        rows = "".join(
            f"        ({_python_literal(n)}, {_python_text(v)}),\n" for n, v in headers
        )
        arguments.append(f"headers=[\n{rows}    ]")
    if request.body is not None:
        arguments.append(f"content={_python_body(request)}")
    if any((request.tls.ca_file, request.tls.client_certificate)):
        arguments.append("verify=context")
    arguments.append(f"timeout={request.timeout!r}")
    argument_lines = "".join(f"    {argument},\n" for argument in arguments)
    return (
        f"{_python_imports(request)}\n{_python_tls(request)}"
        f"response = httpx.request(\n{argument_lines})\n"
        "print(response.status_code, response.reason_phrase, file=sys.stderr)\n"
        "print(response.text)\n"
    )


def _python_imports(request: ExportRequest) -> str:
    """Return comments on the variables to set, and the imports."""
    notes = "".join(f"# Set {v.name}: {v.description}.\n" for v in request.variables)
    modules = {"sys"}
    if request.variables:
        modules.add("os")
    if request.compressed:
        modules.add("gzip")
    if _python_tls(request):
        modules.add("ssl")
    imports = "".join(f"import {name}\n" for name in sorted(modules))
    if isinstance(request.body, Path):
        imports += "from pathlib import Path\n"
    return f"{notes}{imports}\nimport httpx\n"


def _python_tls(request: ExportRequest) -> str:
    tls = request.tls
    if not (tls.ca_file or tls.client_certificate):
        return ""
    lines = ["context = ssl.create_default_context()"]
    if tls.ca_file:
        lines.append(f"context.load_verify_locations({_python_literal(tls.ca_file)})")
    if tls.client_certificate:
        key = f", {_python_literal(tls.client_key)}" if tls.client_key else ""
        certificate = _python_literal(tls.client_certificate)
        lines.append(f"context.load_cert_chain({certificate}{key})")
    return "\n".join(lines) + "\n"


def _python_body(request: ExportRequest) -> str:
    match request.body:
        case Path():
            return f"Path({_python_literal(str(request.body))}).read_bytes()"
        case None:
            return "None"
        case body:
            text = _python_lines(body)
            return f"gzip.compress({text}.encode())" if request.compressed else text


def _python_lines(text: ExportText) -> str:
    """Write a text as one literal a line.

    Python joins adjacent literals; a long chain of + can be too much for its parser.
    """
    groups = [_python_literals(part) for part in text]
    if len(groups) == 1 and "\n" not in groups[0]:
        return groups[0]
    if len(groups) == 1:
        return f"(\n        {groups[0]}\n    )"
    rows = "".join(f"        {group},\n" for group in groups)
    return f'"".join((\n{rows}    ))'


def _python_literals(part: str | Variable) -> str:
    if isinstance(part, Variable):
        return _python_variable(part)
    return "\n        ".join(map(_python_literal, part.splitlines(keepends=True)))


def _python_text(text: ExportText) -> str:
    return " + ".join(_python_piece(part) for part in text) or '""'


def _python_piece(part: str | Variable) -> str:
    return (
        _python_variable(part) if isinstance(part, Variable) else _python_literal(part)
    )


def _python_variable(variable: Variable) -> str:
    return f"os.environ[{_python_literal(variable.name)}]"


def _python_literal(text: str) -> str:
    """Return a Python literal, in double quotes where that needs no more escapes."""
    literal = repr(text)
    if literal.startswith("'") and '"' not in text:
        return f'"{literal[1:-1]}"'
    return literal
