"""The sandbox at Mixpanel's own addresses, for what looks for a project's region."""

from __future__ import annotations

import httpx

from mixtui.client.client import Client
from mixtui.model.secrets import SecretReader

_PREFIXES = {"eu": "/eu", "in": "/in"}


class SandboxAsMixpanel(httpx.AsyncBaseTransport):
    """Sends what is meant for Mixpanel's hosts to a sandbox, region by region."""

    def __init__(self, origin: str) -> None:
        self._origin = httpx.URL(origin)
        self.urls: list[str] = []
        """What was requested, in order."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        assert url.scheme == "https", url
        assert url.host.endswith("mixpanel.com"), url
        self.urls.append(str(url))
        labels = url.host.removesuffix("mixpanel.com").strip(".")
        region = labels.rpartition("-")[2]
        request.url = url.copy_with(
            scheme="http",
            host=self._origin.host,
            port=self._origin.port,
            raw_path=_PREFIXES.get(region, "").encode() + url.raw_path,
        )
        # A connection a request: nobody closes the transport of a test.
        async with httpx.AsyncHTTPTransport() as network:
            response = await network.handle_async_request(request)
            body = [piece async for piece in response.aiter_raw()]
        stream = httpx.ByteStream(b"".join(body))
        return httpx.Response(
            response.status_code, headers=response.headers, stream=stream
        )


def client_for(origin: str) -> tuple[Client, SandboxAsMixpanel]:
    """A client of a sandbox at Mixpanel's addresses, and what it was asked."""
    transport = SandboxAsMixpanel(origin)
    return Client(SecretReader(variables={}), transport=transport), transport
