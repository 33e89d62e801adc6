"""Bodies as they may be kept: a new secret, or one that is echoed, is masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mixtui.core.draft_masking import SHORTEST
from mixtui.core.masking import Redactor
from mixtui.core.record import HistoryRecord
from mixtui.core.secrets import REDACTED, Secret

NOT_KEPT = "The body is not kept: it may hold the secret of a new service account."
_TOKEN = re.compile(rb'("token"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_ACCOUNTS = "/service-accounts"


def creates_service_account(record: HistoryRecord) -> bool:
    """Whether the answer may hold a new secret, told once and never again.

    https://developer.mixpanel.com/reference/create-service-account
    """
    path = record.identity.path.rstrip("/")
    return record.sent.method == "POST" and path.endswith(_ACCOUNTS)


def redact_new_token(body: bytes) -> bytes | None:
    """A body with every ``token`` in it masked; None = that cannot be made sure of."""
    tokens = _tokens(body)
    if tokens is None:
        return None
    masked = _TOKEN.sub(rb'\1"' + REDACTED.encode() + b'"', body)
    masked = Redactor(map(Secret, tokens)).content(masked)
    # A token or its name may be written with escapes that nobody thought of.
    left = _tokens(masked)
    if left is None or left - {REDACTED} or any(t in _texts(masked) for t in tokens):
        return None
    return masked


class BodyRedactor:
    """Masks what a request's masker hides, in a body of any size.

    What is shorter than `SHORTEST` is left: it stands in an answer by chance.
    """

    def __init__(self, masker: Redactor) -> None:
        forms = [form.encode() for form in masker.forms if len(form) >= SHORTEST]
        self._longest = max(map(len, forms), default=0)
        self._pattern = re.compile(b"|".join(map(re.escape, forms)))
        self._forms = forms

    def hides_in(self, chunks: Iterable[bytes]) -> bool:
        """Whether there is anything to hide."""
        before = b""
        for chunk in chunks if self._forms else ():
            both = before + chunk
            if any(form in both for form in self._forms):
                return True
            before = both[-self._longest :]
        return False

    def masked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The body, masked; chunks in, chunks out."""
        if not self._forms:
            yield from chunks
            return
        held = b""
        for chunk in chunks:
            held += chunk
            masked, at = self._replaced(held, max(0, len(held) - self._longest + 1))
            yield masked
            held = held[at:]
        yield self._replaced(held, len(held))[0]

    def _replaced(self, data: bytes, end: int) -> tuple[bytes, int]:
        """What starts before a position, masked, and where the rest begins."""
        parts, at = [], 0
        for found in self._pattern.finditer(data):
            if found.start() >= end:
                break
            parts += [data[at : found.start()], REDACTED.encode()]
            at = found.end()
        stop = max(at, end)
        return b"".join([*parts, data[at:stop]]), stop


def _tokens(body: bytes) -> set[str] | None:
    """Every ``token`` in a JSON body; None = it is no JSON, or one is no text."""
    import msgspec

    try:
        values = list(_values(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found: set[str] = set()
    for value in values:
        token = value.get("token") if isinstance(value, dict) else None
        if token is not None and not isinstance(token, str):
            return None
        if token:
            found.add(token)
    return found


def _texts(body: bytes) -> str:
    """Every text in a JSON body, one after another."""
    import msgspec

    values = _values(msgspec.json.decode(body))
    return "\0".join(value for value in values if isinstance(value, str))


def _values(document: object) -> Iterator[object]:
    """Every value in a document, names of objects included."""
    todo: list[object] = [document]
    while todo:
        value = todo.pop()
        yield value
        if isinstance(value, dict):
            todo += [*value, *value.values()]
        elif isinstance(value, list):
            todo += value
