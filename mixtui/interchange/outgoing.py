"""A prepared request as another program is to send it, secrets as variables."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mixtui.core.authentication import (
    OAuthBearer,
    ProjectSecretBasic,
    ServiceAccountBasic,
    TokenBasic,
)
from mixtui.core.bodies import FileContent
from mixtui.core.environments import Tls
from mixtui.core.errors import InterchangeError
from mixtui.core.masking import CREDENTIAL_HEADERS, SCHEMES
from mixtui.core.prepare import PreparedRequest
from mixtui.core.requests import Draft
from mixtui.core.secrets import FromVariable, Secret, SecretReader, SecretSource
from mixtui.interchange.parts import (
    Placeholder,
    Text,
    Variable,
    split_placeholders,
    variables_of,
)

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TEMPLATE = re.compile(r"\{\{\s*env:([^{}\s]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Basic:
    """User name and password (RFC 7617)."""

    user: Text
    password: Text


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token (RFC 6750)."""

    token: Text


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is sent, in texts with holes."""

    method: str
    url: Text
    headers: tuple[tuple[str, Text], ...]
    """All but the computed ``Authorization``."""
    auth: Basic | Bearer | None
    body: Text | Path | None
    compressed: bool
    """The body is compressed before it is sent."""
    timeout: float
    """Seconds."""
    tls: Tls

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that must be set."""
        return variables_of(self.texts)

    @property
    def texts(self) -> list[Text]:
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
    """A prepared request in texts with holes.

    Args:
        request: What mixtui would send.
        draft: Which it was prepared from: it names the variables in ``{{env:NAME}}``.
        reader: Reads the secrets, which are then written out; None = variables are
            written. Blocking.
        variables: Those of the process.

    Raises:
        CredentialError: A secret cannot be read.
        InterchangeError: The name of the file to send is not text.
    """
    holes = () if reader else _holes(request, draft, variables)
    body, compressed = _body(request, holes)
    return ExportRequest(
        method=str(request.method),
        url=_url(request.url, holes),
        headers=tuple(
            (name, _header(name, value, holes, open=reader is not None))
            for name, value in request.headers
        ),
        auth=_auth(request, reader),
        body=body,
        compressed=compressed,
        timeout=request.timeout,
        tls=request.tls,
    )


def _url(url: str, holes: tuple[Placeholder, ...]) -> Text:
    """A URL; no variable decides which host is called."""
    host_at = url.find("://") + 3
    path_at = next((i for i, c in enumerate(url[host_at:], host_at) if c in "/?#"), 0)
    before, behind = url[: path_at or len(url)], url[path_at or len(url) :]
    parts = split_placeholders(behind, holes)
    if parts and isinstance(parts[0], str):
        return (before + parts[0], *parts[1:])
    return (before, *parts)


def _holes(
    request: PreparedRequest, draft: Draft, variables: Mapping[str, str]
) -> tuple[Placeholder, ...]:
    """What templates took from variables, as it stands and as it stands in a URL."""
    names = {
        variables[name]: name
        for name in _TEMPLATE.findall(repr(draft))
        if name in variables and _NAME.fullmatch(name)
    }
    holes: list[Placeholder] = []
    for number, text in enumerate(_longest_first(request.sensitive), 1):
        name = names.get(text, f"MIXPANEL_VALUE_{number}")
        holes.append(Placeholder(text, Variable(name, "a value of a template")))
        encoded = quote(text, safe="", errors="surrogateescape")
        if encoded != text:
            what = f"the value of {name}, percent-encoded"
            holes.append(Placeholder(encoded, Variable(f"{name}_ENCODED", what)))
    return tuple(holes)


def _longest_first(secrets: tuple[Secret, ...]) -> list[str]:
    texts = dict.fromkeys(secret.reveal() for secret in secrets)
    return sorted(texts, key=len, reverse=True)


def _header(
    name: str, value: str, holes: tuple[Placeholder, ...], *, open: bool
) -> Text:
    """A header's value; of a credential that was typed only the scheme stays."""
    if open or name.lower() not in CREDENTIAL_HEADERS:
        return split_placeholders(value, holes)
    scheme, space, rest = value.strip().partition(" ")
    known = bool(space) and scheme.lower() in SCHEMES
    secret = split_placeholders(rest.strip() if known else value, holes)
    if any(isinstance(part, str) for part in secret):
        variable = f"MIXPANEL_{name.upper().replace('-', '_')}"
        behind = f" behind «{scheme} »" if known else ""
        secret = (Variable(variable, f"the value of the header {name}{behind}"),)
    return (f"{scheme} ", *secret) if known else secret


def _auth(
    request: PreparedRequest, reader: SecretReader | None
) -> Basic | Bearer | None:
    def of(source: SecretSource, name: str, what: str) -> Text:
        if reader is not None:
            return (reader.read(source).reveal(),)
        if isinstance(source, FromVariable) and _NAME.fullmatch(source.name):
            name = source.name
        return (Variable(name, what),)

    match request.authorization:
        case ServiceAccountBasic(user, secret):
            what = f"the secret of the service account {user}"
            return Basic((user,), of(secret, "MIXPANEL_SECRET", what))
        case ProjectSecretBasic(secret):
            return Basic(
                of(secret, "MIXPANEL_PROJECT_SECRET", "the project secret"), ()
            )
        case TokenBasic(token):
            return Basic((token,), ())
        case OAuthBearer(token):
            return Bearer(of(token, "MIXPANEL_OAUTH_TOKEN", "the OAuth token"))
        case None:
            return None


def _body(
    request: PreparedRequest, holes: tuple[Placeholder, ...]
) -> tuple[Text | Path | None, bool]:
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
    compressed = any(
        name.lower() == "content-encoding" and value.lower() == "gzip"
        for name, value in request.headers
    )
    plain = gzip.decompress(content) if compressed else content
    return split_placeholders(plain.decode(), holes), compressed
