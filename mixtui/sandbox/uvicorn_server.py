"""uvicorn, configured for the sandbox: quiet, HTTP/1.1 only, no wake-ups when idle."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from types import FrameType

from starlette.types import ASGIApp
from uvicorn import Config, Server

_CUT_RESPONSE_MESSAGE = "ASGI callable returned without completing response."


class SandboxServer(Server):
    """Reports when it accepts connections, and waits for its end without polling.

    The app sets the headers Date and Server itself: uvicorn would wake up to do so.
    """

    def __init__(
        self, app: ASGIApp, on_accept: Callable[[], None], shutdown_seconds: int
    ) -> None:
        """Configure a server that is ready to `run`.

        Args:
            app: The ASGI application.
            on_accept: Called once connections are accepted.
            shutdown_seconds: Seconds that requests may continue after `stop`.
        """
        # Protocols are named, not detected: installed packages make no difference.
        super().__init__(
            Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=shutdown_seconds,
            )
        )
        # A response cut on purpose (`failures`) is not an error to log.
        logging.getLogger("uvicorn.error").addFilter(_is_not_cut_response)
        self._on_accept = on_accept
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    def stop(self) -> None:
        """End `run`; callable from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then report it."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_accept()

    async def main_loop(self) -> None:
        """Wait for the end: uvicorn's own loop polls ten times a second."""
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End at once if no request runs: uvicorn would pause a tenth of a second."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # A connection that was idle is gone in the next turn.
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        for listener in sockets or []:
            listener.close()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.stop()


def _is_not_cut_response(record: logging.LogRecord) -> bool:
    return record.getMessage() != _CUT_RESPONSE_MESSAGE
