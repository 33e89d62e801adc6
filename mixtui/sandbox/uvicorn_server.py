"""uvicorn, configured for the sandbox: quiet, HTTP/1.1 only, idle without requests."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from types import FrameType

from starlette.types import ASGIApp
from uvicorn import Config, Server

_CUT = "ASGI callable returned without completing response."


class SandboxServer(Server):
    """Tells when it accepts connections, and waits for its end without waking up.

    The app sets the headers Date and Server itself: uvicorn would do so while waking up.
    """

    def __init__(
        self, app: ASGIApp, on_accept: Callable[[], None], shutdown_seconds: int
    ) -> None:
        """A server that is ready to `run`.

        Args:
            app: What answers.
            on_accept: Called once connections are accepted.
            shutdown_seconds: How long requests may go on when it is told to stop.
        """
        # Protocols are named, not found: what else is installed makes no difference.
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
        # An answer that is cut on purpose (`failing`) is no mistake to tell of.
        logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
        self._on_accept = on_accept
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    def stop(self) -> None:
        """End `run`, from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_accept()

    async def main_loop(self) -> None:
        """Wait for the end: uvicorn's own loop looks ten times a second."""
        await self._end.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        super().handle_exit(sig, frame)
        self.stop()


def _is_no_cut(record: logging.LogRecord) -> bool:
    return record.getMessage() != _CUT
