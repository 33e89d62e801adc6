"""From a prepared request to what httpx puts on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from mixtui import __version__
from mixtui.core.bodies import FileContent
from mixtui.core.decoding import accept_encoding
from mixtui.core.errors import CredentialError
from mixtui.core.failures import UnreadableBody
from mixtui.core.journey import ConnectionTrace
from mixtui.core.secrets import Secret
from mixtui.core.urls import is_loopback

if TYPE_CHECKING:
    import httpx

    from mixtui.core.prepare import PreparedRequest

_CHUNK = 1 << 18


def _defaults() -> tuple[tuple[str, str], ...]:
    """The headers of a request that names none of its own."""
    return (
        ("User-Agent", f"mixtui/{__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", accept_encoding()),
    )


def check_credential_target(request: PreparedRequest, url: str) -> None:
    """The last look before a secret is read: `prepare` has refused all this already.

    Raises:
        CredentialError: The credentials would leave the prepared host, or go unencrypted.
    """
    typed = any(name.lower() == "authorization" for name, _ in request.headers)
    if request.authorization is None and not typed:
        return
    if _origin(url) != _origin(request.url) or "@" in _origin(url):
        raise CredentialError(
            "The credentials were not sent: the URL leads to another host than the "
            "request was prepared for."
        )
    if not url.startswith("https://") and not is_loopback(url):
        raise CredentialError(
            f"The credentials were not sent: {_origin(url)} is not encrypted, "
            "use https."
        )


def wire_request(
    request: PreparedRequest,
    url: str,
    authorization: Secret | None,
    journey: ConnectionTrace,
    on_chunk: Callable[[], None],
) -> httpx.Request:
    """What is sent, complete but for the ``Host`` header, which httpx adds.

    Args:
        request: What was prepared.
        url: Where to, without fragment: the prepared URL, or that of a redirect.
        authorization: The value of the computed header.
        journey: Follows the request.
        on_chunk: Called before each chunk of the body is sent.
    """
    import httpx

    headers = [(name.encode(), value.encode()) for name, value in request.headers]
    given = {name.lower() for name, _ in headers}
    defaults = [(n.encode(), v.encode()) for n, v in _defaults()]
    headers = [(n, v) for n, v in defaults if n.lower() not in given] + headers
    if authorization is not None:
        headers.append((b"Authorization", authorization.reveal().encode()))
    content = request.content
    if content:
        length = content.size if isinstance(content, FileContent) else len(content)
        headers.append((b"Content-Length", str(length).encode()))
    sent = httpx.Request(
        request.method,
        url,
        headers=headers,
        content=_chunks(content, on_chunk) if content else None,
        extensions={"trace": journey.trace},
    )
    sent.url = _exact_url(url)
    return sent


def _exact_url(url: str) -> httpx.URL:
    """A URL whose path and query go on the wire byte for byte, as they are shown."""
    import httpx

    class ExactUrl(httpx.URL):
        @property
        def raw_path(self) -> bytes:
            return target

    target = _target(url).encode()
    return ExactUrl(url)


def _origin(url: str) -> str:
    """Scheme and authority, as written."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest[: len(rest) - len(_rest(rest))]}"


def _target(url: str) -> str:
    """The path and query, as written."""
    target = _rest(url.partition("://")[2])
    return target if target.startswith("/") else f"/{target}"


def _rest(after_scheme: str) -> str:
    ends = [i for i in map(after_scheme.find, "/?#\\") if i >= 0]
    return after_scheme[min(ends) :] if ends else ""


async def _chunks(
    content: bytes | FileContent, on_chunk: Callable[[], None]
) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        for offset in range(0, len(content), _CHUNK):
            on_chunk()
            yield content[offset : offset + _CHUNK]
        return
    try:
        with content.path.open("rb") as file:
            left = content.size
            while left:
                chunk = await asyncio.to_thread(file.read, min(left, _CHUNK))
                if not chunk:
                    raise UnreadableBody(
                        f"The file {content.path} became shorter while it was sent: "
                        "send it again when it is whole."
                    )
                left -= len(chunk)
                on_chunk()
                yield chunk
    except OSError as error:
        raise UnreadableBody(
            f"The file {content.path} cannot be read ({error.strerror})."
        ) from None
