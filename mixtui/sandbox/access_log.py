"""One line per request on stderr, without its query: tokens may stand there."""

from __future__ import annotations

import sys
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AccessLog:
    """Wraps an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        begun = time.perf_counter()
        status = "no answer"

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            milliseconds = (time.perf_counter() - begun) * 1000
            # The raw path is percent-encoded: no control character reaches the terminal.
            path = scope["raw_path"].decode("ascii", "replace")
            line = f"{scope['method']} {path} {status} {milliseconds:.0f} ms"
            print(line, file=sys.stderr, flush=True)
