"""Credentials found in a request, told apart by what the endpoint takes."""

from __future__ import annotations

import base64
import binascii
import re

from mixtui.core.secrets import FromVariable, Secret
from mixtui.interchange.found import ExtractedCredential
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint

_VARIABLE = re.compile(r"\{\{env:([A-Za-z_]\w*)\}\}")
_PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|\{.*\}|\.\.\.|…|\*+|x{3,}|(?:your|my|some)[ _-].*"
    r"|user(?:name)?|password|secret|token"
    r"|(?:api|project|mixpanel|service[ _-]?account)[ _-](?:secret|token|key|password)",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Whether a text only says what should stand there: ``YOUR_TOKEN``, ``<secret>``."""
    return bool(_PLACEHOLDER.fullmatch(text)) and not _VARIABLE.fullmatch(text)


def variable_of(text: str) -> str:
    """The variable that a template alone names, ``{{env:NAME}}``; empty = none."""
    found = _VARIABLE.fullmatch(text)
    return found.group(1) if found else ""


def credential(
    kind: CredentialKind, text: str, username: str = ""
) -> tuple[ExtractedCredential, ...]:
    """A credential; none for an empty text or a placeholder.

    ``{{env:NAME}}`` names the variable that holds it.
    """
    if not text or is_placeholder(text):
        return ()
    variable = variable_of(text)
    secret = FromVariable(variable) if variable else Secret(text)
    return (ExtractedCredential(kind, secret, username),)


def basic(
    user: str, password: str, endpoint: Endpoint
) -> tuple[ExtractedCredential, ...]:
    """The credential of Basic authentication.

    Without a password the user name is a project secret, or a project token where only
    that is taken. Nothing tells the two apart where both are, and a secret must not be
    kept as an identifier.
    """
    if password:
        known = not is_placeholder(user)
        return credential(
            CredentialKind.SERVICE_ACCOUNT, password if known else "", user
        )
    takes = endpoint.credentials
    kind = CredentialKind.PROJECT_SECRET
    if kind not in takes and CredentialKind.PROJECT_TOKEN in takes:
        kind = CredentialKind.PROJECT_TOKEN
    return credential(kind, user)


def authorization(
    value: str, endpoint: Endpoint
) -> tuple[ExtractedCredential, ...] | None:
    """The credential in an ``Authorization`` header; None = of no scheme that Mixpanel
    takes (RFC 7617, RFC 6750)."""
    scheme, _, rest = value.strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return credential(CredentialKind.OAUTH, rest)
    if scheme.lower() != "basic":
        return None
    if is_placeholder(rest) or _VARIABLE.search(rest):
        return ()
    try:
        pair = base64.b64decode(rest + "=" * (-len(rest) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, _, password = pair.partition(":")
    return basic(user, password, endpoint)
