"""Convert a prepared request to texts for other programs, with variables for secrets."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from mixtui.interchange.shell_quoting import (
    ExportText,
    Placeholder,
    Variable,
    split_placeholders,
    variables_in,
)
from mixtui.model.draft import Draft
from mixtui.model.environment import EMPTY, Tls
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
    SCHEMES,
    FromVariable,
    Secret,
    SecretReader,
    SecretSource,
)
from mixtui.patterns import compile_late
from mixtui.request.headers import is_gzip
from mixtui.request.powers import template_texts
from mixtui.request.secret_names import is_secret_header
from mixtui.request.templates import references, variable_name
from mixtui.system import absolute

_NAME = compile_late(r"[A-Za-z_]\w*", re.ASCII)
_NOT_OF_A_NAME = compile_late(r"\W", re.ASCII)


class Basic(Struct, frozen=True):
    """User name and password (RFC 7617)."""

    user: ExportText
    password: ExportText


class Bearer(Struct, frozen=True):
    """A token (RFC 6750)."""

    token: ExportText


class ExportRequest(Struct, frozen=True):
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
    secret_inputs: Mapping[str, str] = EMPTY,
) -> ExportRequest:
    """Convert a prepared request to texts with placeholders.

    Args:
        request: What mixtui would send.
        draft: The draft it was prepared from; it names the variables in ``{{env:NAME}}``.
        reader: Reads the secrets, which are then written in plain text; None = variables
            take their place. Blocking.
        variables: The environment variables of the process.
        secret_inputs: The texts of the secret inputs, by name.

    Raises:
        CredentialError: A secret cannot be read.
        InterchangeError: The name of the file to send is not text.
    """
    templates = (
        () if reader else _placeholders(request, draft, variables, secret_inputs)
    )
    placeholders = () if reader else (*templates, *_typed_placeholders(request))
    body, compressed = _export_body(request, placeholders)
    return ExportRequest(
        method=str(request.method),
        url=_export_url(request.url, placeholders),
        headers=tuple(
            (
                name,
                _export_secret_header(name, value, templates)
                if is_secret_header(name) and reader is None
                else split_placeholders(value, placeholders),
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
    request: PreparedRequest,
    draft: Draft,
    variables: Mapping[str, str],
    secret_inputs: Mapping[str, str],
) -> tuple[Placeholder, ...]:
    """Return placeholders for the values of variables, plain and percent-encoded."""
    inputs = {
        text: _NOT_OF_A_NAME.sub("_", name.upper())
        for name, text in secret_inputs.items()
    }
    names = {
        variables[name]: name
        for text in template_texts(draft)
        for reference in references(text)
        if (name := variable_name(reference.name)) in variables
        and _NAME.fullmatch(name)
    }
    names |= inputs
    placeholders: list[Placeholder] = []
    for number, text in enumerate(_longest_first(request.sensitive), 1):
        name = names.get(text, f"MIXPANEL_VALUE_{number}")
        what = "the value of a secret input" if text in inputs else "a template value"
        placeholders += _plain_and_encoded(text, name, what)
    return tuple(placeholders)


def _typed_placeholders(request: PreparedRequest) -> Iterator[Placeholder]:
    """Yield placeholders for what was typed where a key or a password belongs."""
    typed = [each for each in request.typed_secrets if each not in request.sensitive]
    for number, text in enumerate(_longest_first(tuple(typed)), 1):
        name = f"MIXPANEL_SECRET_{number}"
        yield from _plain_and_encoded(text, name, "a typed secret")


def _plain_and_encoded(text: str, name: str, description: str) -> Iterator[Placeholder]:
    yield Placeholder(text, Variable(name, description))
    encoded = quote(text, safe="", errors="surrogateescape")
    if encoded != text:
        description = f"the value of {name}, percent-encoded"
        yield Placeholder(encoded, Variable(f"{name}_ENCODED", description))


def _longest_first(secrets: tuple[Secret, ...]) -> list[str]:
    texts = dict.fromkeys(secret.reveal() for secret in secrets)
    return sorted(texts, key=len, reverse=True)


def _export_secret_header(
    name: str, value: str, templates: tuple[Placeholder, ...]
) -> ExportText:
    """Put variables into a header; only its scheme stays in plain text."""
    scheme, space, rest = value.strip().partition(" ")
    has_scheme = bool(space) and scheme.lower() in SCHEMES
    secret = split_placeholders(rest.strip() if has_scheme else value, templates)
    if any(isinstance(part, str) for part in secret):
        variable = f"MIXPANEL_{_NOT_OF_A_NAME.sub('_', name.upper())}"
        suffix = f" after “{scheme} ”" if has_scheme else ""
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
        path = absolute(content.path)
        try:
            str(path).encode()
        except UnicodeEncodeError:
            raise InterchangeError(
                "The name of the body file is not valid UTF-8. Rename it."
            ) from None
        return path, False
    compressed = is_gzip(request.headers)
    plain = gzip.decompress(content) if compressed else content
    return split_placeholders(plain.decode(), placeholders), compressed
