"""A request, its response, and how long it took."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from mixtui.model.draft import Headers
from mixtui.model.redaction import Redactor

if TYPE_CHECKING:
    from mixtui.model.prepared import PreparedRequest


class SentRequest(Struct, frozen=True):
    """The request as it was sent, secrets masked."""

    method: str
    url: str
    http_version: str
    headers: Headers
    body: bytes
    """Empty for a body that was streamed from a file, or is a job's."""
    body_file: Path | None = None
    """The file that the body was streamed from."""
    redirects: tuple[str, ...] = ()
    """URLs that responded with a redirect that was followed, first to last."""


class Response(Struct, frozen=True):
    """A response, complete or cut short."""

    status: int
    reason: str
    http_version: str
    headers: Headers
    body: bytes
    """Decoded; only the end if the body was written to a file."""
    wire_bytes: int
    """Bytes of the body before decoding."""
    cut_short: str = ""
    """Why the body is incomplete, in a sentence; empty = complete."""
    written: int | None = None
    """Decoded bytes written to a file; None = the body is in memory."""

    @property
    def body_bytes(self) -> int:
        """Decoded bytes of all that was received, whether in `body` or not."""
        return len(self.body) if self.written is None else self.written

    def header(self, name: str) -> str | None:
        """Return the first header of a name, without regard to case."""
        lower = name.lower()
        return next((v for n, v in self.headers if n.lower() == lower), None)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty if absent."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()


class Timing(Struct, frozen=True):
    """When a request started, and how long its phases took in seconds."""

    started: datetime
    first_byte: float
    """Until the status line was received."""
    total: float
    """Until the last byte of the body was received."""
    connecting: float = 0.0
    """Part of `first_byte`: DNS and TCP connect; 0 = the connection was reused."""
    securing: float = 0.0
    """Part of `first_byte`: the TLS handshake; 0 = there was none."""
    resolving: float = 0.0
    """Part of `connecting`: DNS; 0 = the connection was reused, or it is not known."""


class Exchange(Struct, frozen=True):
    """A request, its response, and the time it took."""

    request: PreparedRequest
    sent: SentRequest
    response: Response
    timing: Timing
    notices: tuple[str, ...] = ()
    """Sentences about the body, such as an encoding that is not decoded."""
    not_followed: str = ""
    """Why a redirect was not followed, in a sentence; empty = it was, or was none."""
    redactor: Redactor = field(default_factory=Redactor)
    """Masks every secret that the request was sent with, wherever it comes back."""
