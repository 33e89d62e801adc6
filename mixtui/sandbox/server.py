"""Run the sandbox: in the foreground for people, in a thread for the app and tests.

It listens on 127.0.0.1 and nowhere else.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixtui.model.errors import SandboxError
from mixtui.sandbox.data.identity import Clock, system_clock
from mixtui.sandbox.failures import SimulatedFailure

HOST = "127.0.0.1"
PORT = 8123
LOCAL_PAGE = r"https?://(([\w-]+\.)*localhost|127(\.\d+){3}|\[::1\])(:\d+)?"
"""The origins whose pages may read responses: those that this machine serves."""
QUERIES_PER_HOUR = 60
"""Mixpanel's limit, for queries and for exports, each."""
SHUTDOWN_SECONDS = 5


class _Options(Struct, frozen=True):
    data_dir: Path | None
    port: int
    queries_per_hour: int
    access_log: bool
    clock: Clock = system_clock
    with_sample: bool = True
    failures: Sequence[SimulatedFailure] = ()


def serve(
    port: int = PORT,
    data_dir: Path | None = None,
    *,
    queries_per_hour: int = QUERIES_PER_HOUR,
    access_log: bool = True,
    failures: Sequence[SimulatedFailure] = (),
    on_start: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted (ctrl+c or SIGTERM).

    Args:
        port: The port; 0 = any free one.
        data_dir: The data folder; None = in memory, discarded at the end.
        queries_per_hour: The limit for queries and for exports, each.
        access_log: Whether to log each request to stderr.
        failures: The failures to simulate.
        on_start: Called with the origin (``http://127.0.0.1:8123``) once it accepts
            connections.

    Raises:
        SandboxError: The port or folder cannot be used, or packages are missing.
    """
    options = _Options(data_dir, port, queries_per_hour, access_log, failures=failures)
    with _Listener(options, on_start or (lambda origin: None)) as listening:
        try:
            listening.server.run(sockets=[listening.socket])
        except KeyboardInterrupt:
            # uvicorn raises the signal again after shutting down: the normal end.
            return


class RunningSandbox:
    """A sandbox in a thread of this process: ``with RunningSandbox() as sandbox:``."""

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        port: int = 0,
        queries_per_hour: int = QUERIES_PER_HOUR,
        access_log: bool = False,
        clock: Clock = system_clock,
        with_sample: bool = True,
        failures: Sequence[SimulatedFailure] = (),
    ) -> None:
        """Configure a sandbox; nothing runs before the ``with`` block or `start`.

        Args:
            data_dir: The data folder; None = in memory.
            port: The port; 0 = any free one.
            queries_per_hour: The limit for queries and for exports, each.
            access_log: Whether to log each request to stderr.
            clock: Returns the time; tests may stop it.
            with_sample: Whether to create the sample shop.
            failures: The failures to simulate.
        """
        self._options = _Options(
            data_dir, port, queries_per_hour, access_log, clock, with_sample, failures
        )
        self._listening: _Listener | None = None
        self._thread: Thread | None = None

    @property
    def origin(self) -> str:
        """The origin, such as ``http://127.0.0.1:8123``."""
        assert self._listening is not None, "the sandbox is not running"
        return self._listening.origin

    @property
    def port(self) -> int:
        """The port."""
        return int(self.origin.rpartition(":")[2])

    def start(self) -> None:
        """Start the server, and return once it accepts connections.

        Raises:
            SandboxError: The port or folder cannot be used, or packages are missing.
        """
        started = Event()
        listening = _Listener(self._options, lambda origin: started.set())

        def run() -> None:
            try:
                listening.server.run(sockets=[listening.socket])
            finally:
                started.set()

        self._listening = listening
        self._thread = Thread(target=run, name="mixtui sandbox", daemon=True)
        self._thread.start()
        started.wait()
        if not listening.server.started:
            self.stop()
            raise SandboxError("The sandbox stopped before it could respond.")

    def stop(self) -> None:
        """Finish running requests and stop; does nothing if it is not running."""
        if self._listening is None or self._thread is None:
            return
        self._listening.server.stop()
        self._thread.join()
        self._listening.close()
        self._listening = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Listener:
    """A bound socket, the state, and the server that uses both."""

    def __init__(self, options: _Options, on_accept: Callable[[str], None]) -> None:
        self.socket = _bind(options.port)
        self.origin = f"http://{HOST}:{self.socket.getsockname()[1]}"
        self._on_accept = on_accept
        try:
            self._build(options)
        except BaseException:
            self.socket.close()
            raise

    def _build(self, options: _Options) -> None:
        try:
            from starlette.middleware.cors import CORSMiddleware

            from mixtui.sandbox.app import SandboxApp, open_state
            from mixtui.sandbox.uvicorn_server import SandboxServer
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("mixtui"):
                raise
            raise SandboxError(
                f"The sandbox needs the package {error.name.partition('.')[0]}: "
                "install mixtui[sandbox]."
            ) from None
        self._state = open_state(
            options.data_dir,
            queries_per_hour=options.queries_per_hour,
            clock=options.clock,
            with_sample=options.with_sample,
        )
        app = CORSMiddleware(
            SandboxApp(self._state, options.failures),
            allow_origin_regex=LOCAL_PAGE,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials=True,  # mixpanel-browser sends its opt-out cookie
            expose_headers=["Retry-After"],
        )
        self.server = SandboxServer(
            AccessLog(app) if options.access_log else app,
            lambda: self._on_accept(self.origin),
            SHUTDOWN_SECONDS,
        )

    def close(self) -> None:
        """Close the database and the socket."""
        self._state.store.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bind(port: int) -> socket.socket:
    # Without the protocol's name asyncio would not set TCP_NODELAY, and every response
    # would wait 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "port out of range"
        raise SandboxError(
            f"The sandbox cannot listen on port {port} ({reason}): "
            "choose another with --port, or 0 for any free one."
        ) from None
    return listener


class AccessLog:
    """Logs the requests of an ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = "no response"

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            # The raw path is percent-encoded: no control character reaches the terminal.
            path = scope["raw_path"].decode("ascii", "replace")
            line = f"{scope['method']} {path} {status} {milliseconds:.0f} ms"
            print(line, file=sys.stderr, flush=True)
