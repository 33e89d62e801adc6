"""The one rule for names that hold secrets: of parameters, headers, fields, variables.

Mixpanel's identifiers (project token, ``distinct_id``, ``$insert_id``, project ids) are
public and no secrets.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mixtui.patterns import compile_late

_PARTS = compile_late(
    r"secret(?!ar)|passw|passphrase|passcode|pwd|credential|authori[sz]ation|bearer|jwt"
    r"|token(?!i[sz])"
    r"|(?:api|app|access|private|auth|signing|encryption|shared|master|subscription"
    r"|functions?|account|service|license|ssh|hmac)key"
)
"""Of a name without separators, in lower case."""
_WORDS = frozenset(("pass", "auth", "sig", "signature", "otp", "cookie", "cookies"))
"""A last word that makes a name secret; within another word they mean nothing."""
_HEADER_WORDS = frozenset(("session", "sessionid", "authentication"))
_ATTRIBUTES = frozenset(
    [
        "id",
        "ids",
        "name",
        "type",
        "types",
        "kind",
        "count",
        "counts",
        "length",
        "len",
        "size",
        "used",
        "limit",
        "expiry",
        "expires",
        "expired",
        "expiration",
        "ttl",
        "at",
        "in",
        "on",
        "url",
        "uri",
        "hint",
        "field",
        "enabled",
        "disabled",
        "status",
        "state",
        "version",
        "created",
        "updated",
        "changed",
        "reset",
        "required",
        "policy",
        "strength",
        "scope",
        "scopes",
        "algorithm",
        "age",
        "date",
        "time",
        "issuer",
        "lifetime",
        "attempts",
    ]
)
"""A last word that says something about a secret: ``token_type``, ``access_key_id``."""
_PUBLIC = frozenset(
    [
        "projecttoken",
        "mixpaneltoken",
        "pagetoken",
        "nextpagetoken",
        "prevpagetoken",
        "nexttoken",
        "continuationtoken",
    ]
)
_SECRET_IDS = frozenset(("secretid",))
"""HashiCorp Vault's ``secret_id`` is a password."""
_IDENTIFIERS = frozenset(("token", "$token"))
"""Where Mixpanel reads its project token."""
_WORD = compile_late(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether a header, parameter, field or member is named like a secret."""
    joined = re.sub(r"[^a-z0-9]", "", name.lower())
    if joined in _PUBLIC:
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    last = words[-1] if words else ""
    if joined in _SECRET_IDS or last in _WORDS:
        return True
    return last not in _ATTRIBUTES and bool(_PARTS.search(joined))


def is_secret_header(name: str) -> bool:
    """Return whether a header is named like a secret: ``X-Key``, ``X-Session-Id``.

    Mixpanel reads no key and no token in a header, so none is its public one.
    """
    words = name.lower().replace("_", "-").split("-")
    is_key = words[-1] == "key" and "idempotency" not in words
    return is_key or bool(_HEADER_WORDS & set(words)) or is_secret_name(name)


def is_identifier(name: str) -> bool:
    """Return whether Mixpanel reads its public project token under a name."""
    return name in _IDENTIFIERS


def holds_secret(name: str) -> bool:
    """Return whether a parameter or field holds a secret by its name."""
    return is_secret_name(name) and not is_identifier(name)
