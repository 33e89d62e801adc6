"""Requests as they may be shown: credentials and secret values masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from mixtui.core.exchange import Headers
from mixtui.core.secrets import REDACTED, Secret

CREDENTIAL_HEADERS = ("authorization", "proxy-authorization", "cookie")
SCHEMES = ("basic", "bearer", "digest", "negotiate")


class Redactor:
    """Masks some secrets wherever they stand, in every way a request writes them."""

    def __init__(self, sensitive: Iterable[Secret]) -> None:
        forms: set[str] = set()
        for secret in sensitive:
            text = secret.reveal()
            forms |= {text, quote(text, safe=""), quote(text), quote_plus(text)}
            forms |= {
                json.dumps(text)[1:-1],
                json.dumps(text, ensure_ascii=False)[1:-1],
            }
        # The longest first: one secret may be a part of another.
        self._forms = sorted(filter(None, forms), key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Masker({len(self._forms)} forms)"

    @property
    def forms(self) -> tuple[str, ...]:
        """All that is masked, the longest first."""
        return tuple(self._forms)

    def text(self, text: str) -> str:
        """A text with the secrets masked."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text

    def content(self, content: bytes) -> bytes:
        """A body with the secrets masked."""
        for form in self._forms:
            content = content.replace(form.encode(), REDACTED.encode())
        return content

    def headers(self, headers: Headers) -> Headers:
        """Headers with the secrets and all credentials masked."""
        return tuple((name, self._value(name, value)) for name, value in headers)

    def _value(self, name: str, value: str) -> str:
        if name.lower() not in CREDENTIAL_HEADERS:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        known = space and scheme.lower() in SCHEMES
        return f"{scheme} {REDACTED}" if known else REDACTED
