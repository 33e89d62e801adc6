"""Ask the App API for what a project has, and change it, within its limits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from mixtui.dispatch.dispatch import Completed
from mixtui.jobs.model import JobError
from mixtui.jobs.sending import (
    Resender,
    Sending,
    UnclearResponse,
    Wait,
    describe_refusal,
)
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.operation import Repeat
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.request.prepare import prepare

T = TypeVar("T")

FreeIn = Callable[[PreparedRequest], Awaitable[float]]
"""Returns in how many seconds the quota of a request has room for it."""


class Refused(JobError):
    """The server refused a request."""

    def __init__(self, message: str, exit_status: int, status: int) -> None:
        super().__init__(message, exit_status)
        self.status = status
        """Of HTTP."""


class RollingPace:
    """Lets so many units through in any period of so many seconds."""

    def __init__(
        self,
        limit: int,
        seconds: float,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Begin with what may be sent at once.

        Args:
            limit: Units in a period.
            seconds: Of a period.
            sleep: Waits.
            clock: Returns seconds; None = that of the event loop.
        """
        self._limit, self._seconds = limit, seconds
        self._sleep, self._clock = sleep, clock
        self._taken: deque[tuple[float, int]] = deque()

    async def take(self, units: int) -> None:
        """Wait until so many units may be sent; more than the limit wait for a free period."""
        clock = self._clock or asyncio.get_running_loop().time
        now = clock()
        used = sum(count for _, count in self._taken)
        while self._taken and used + units > self._limit:
            then, count = self._taken.popleft()
            used -= count
            if then + self._seconds > now:
                await self._sleep(then + self._seconds - now)
                now = max(clock(), then + self._seconds)
        self._taken.append((now, units))


class AppApi:
    """Sends requests to the App API of one project."""

    def __init__(
        self, environment: Environment, sending: Sending, free_in: FreeIn
    ) -> None:
        """Send nothing yet.

        Args:
            environment: Has the project and its credentials.
            sending: Sends the requests.
            free_in: Asks the quota.
        """
        self._environment, self._free_in = environment, free_in
        self._sending, self._resender = sending, Resender(sending)
        self.sent = 0
        """Requests."""

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        """Waits."""
        return self._sending.sleep

    def prepare(
        self, method: Method, url: str, content: Any | None = None
    ) -> PreparedRequest:
        """Return a request.

        Args:
            method: Of HTTP.
            url: Below the project, percent-encoded: ``/schemas``.
            content: Sent as JSON; None = no body.

        Raises:
            CredentialError: A credential is missing.
            DraftError: The environment is read-only, or lacks an id, or the URL is none.
        """
        body = None if content is None else Body(BodyType.JSON, "{}")
        path = f"/projects/{{projectId}}{url}"
        draft = Draft(method=method, api=Api.APP, url=path, body=body)
        request = prepare(draft, self._environment)
        # Names and descriptions are not templates, whatever they contain.
        return (
            request
            if content is None
            else replace(request, content=msgspec.json.encode(content))
        )

    async def call(self, request: PreparedRequest, type: type[T]) -> T:
        """Send a request within its quota, and return what the response holds.

        Raises:
            Refused: The server answered, and did not do it.
            JobError: It is not known whether it did, or nothing came.
            MixtuiError: As `dispatch`.
        """
        seconds = await self._free_in(request)
        if seconds > 0:
            self._sending.on_wait(Wait(seconds, _quota_reason(request)))
            await self._sending.sleep(seconds)
        self.sent += 1
        operation = request.operation
        if operation is None or operation.repeat is not Repeat.UNSAFE:
            return _read(await self._resender.send(request), type)
        try:
            return _read(await self._resender.send_once(request), type)
        except UnclearResponse as error:
            raise JobError(
                f"Stopped: it is not known whether the server did it. {error}",
                ExitStatus.NO_RESPONSE,
            ) from None


def _read(completed: Completed, type: type[T]) -> T:
    exchange, outcome = completed.exchange, completed.outcome
    response = exchange.response
    if outcome.exit_status != ExitStatus.ACCEPTED:
        raise Refused(
            f"Stopped: {describe_refusal(exchange, outcome)}",
            outcome.exit_status,
            response.status,
        )
    try:
        return msgspec.json.decode(response.body, type=type)
    except (ValueError, RecursionError) as error:
        raise JobError(
            f"Stopped: {exchange.request.method} {exchange.request.shown_url} returned "
            f"something unexpected ({error}).",
            ExitStatus.REFUSED,
        ) from None


def _quota_reason(request: PreparedRequest) -> str:
    operation = request.operation
    group = operation.family_title if operation is not None else "The API"
    return f"{group}: the quota is used up for now."
