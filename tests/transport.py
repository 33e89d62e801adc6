"""The transports of httpx, such as a function in place of a network, for our client."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager

import httpcore
import httpx


class Through:
    """Sends what the client sends through a transport of httpx."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(
        self, request: httpcore.Request
    ) -> httpcore.Response:
        assert isinstance(request.stream, AsyncIterable)
        body = b"".join([piece async for piece in request.stream])
        sent = httpx.Request(
            request.method.decode(),
            _exact_url(request.url),
            headers=request.headers,
            content=body,
        )
        sent.url = _exact_url(request.url)
        with _errors_of_httpcore():
            response = await self._transport.handle_async_request(sent)
        return httpcore.Response(
            response.status_code,
            headers=response.headers.raw,
            content=_Body(response),
            extensions={
                "http_version": response.http_version.encode(),
                "reason_phrase": response.reason_phrase.encode(),
            },
        )


class _Body:
    """A body as it was on the wire, also one that httpx has decoded."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        with _errors_of_httpcore():
            async for piece in self._response.stream:
                yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


@contextmanager
def _errors_of_httpcore() -> Iterator[None]:
    """Raise what httpx raises as that which it stands for."""
    try:
        yield
    except httpx.HTTPError as error:
        raise getattr(httpcore, type(error).__name__)(str(error)) from error


def _exact_url(url: httpcore.URL) -> httpx.URL:
    class ExactUrl(httpx.URL):
        @property
        def raw_path(self) -> bytes:
            return url.target

    return ExactUrl(bytes(url).decode())
