"""How far a request came, told by httpcore's trace events."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from httpcore import AsyncNetworkStream


class TraceStage(IntEnum):
    """The stages of a request, in order."""

    UNKNOWN = 0
    CONNECTING = 1
    SECURING = 2
    """The TLS handshake."""
    SENDING = 3
    """From here on the server may have it."""


@dataclass(slots=True)
class ConnectionTrace:
    """Follows one request; as a context, leaves no half-open connection behind."""

    stage: TraceStage = TraceStage.UNKNOWN
    peer: str = ""
    """The host that is really connected to: a proxy, or the server."""
    times: dict[TraceStage, float] = field(default_factory=dict)
    """When each stage was reached, by `time.perf_counter`."""
    _stream: AsyncNetworkStream | None = None

    async def trace(self, event: str, details: Mapping[str, object]) -> None:
        """Take note of an event (httpx: the ``trace`` extension)."""
        if event.endswith("connect_tcp.started"):
            self._reach(TraceStage.CONNECTING)
            self.peer = str(details.get("host", ""))
        elif event.endswith("connect_tcp.complete"):
            from httpcore import AsyncNetworkStream

            stream = details.get("return_value")
            self._stream = stream if isinstance(stream, AsyncNetworkStream) else None
        elif event.endswith("start_tls.started"):
            self._reach(TraceStage.SECURING)
        elif event.endswith("send_request_headers.started"):
            method = getattr(details.get("request"), "method", b"")
            if method != b"CONNECT":  # That one is for the proxy alone.
                self._reach(TraceStage.SENDING)

    def seconds(self, stage: TraceStage) -> float:
        """How long a stage took; 0 = it was not gone through."""
        started = self.times.get(stage)
        if started is None:
            return 0.0
        later = [at for other, at in self.times.items() if other > stage]
        return min(later) - started if later else 0.0

    def _reach(self, stage: TraceStage) -> None:
        self.stage = stage
        self.times[stage] = time.perf_counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        # A handshake that is cancelled, by the person or by the clock, leaves its
        # socket open: httpcore closes it after errors alone.
        if self.stage is TraceStage.SECURING and self._stream is not None:
            await self._stream.aclose()
        self._stream = None
