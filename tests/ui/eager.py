"""Tasks that start at once, as Textual has them since Python 3.12, with any Python."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any


def start_eagerly(*names: str) -> None:
    """Let tasks of some coroutines run, from now on, until they first wait, when created.

    As `asyncio.eager_task_factory` does with all, but without a current task meanwhile.

    Args:
        names: The qualified names of their functions.
    """

    def create(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **named: Any
    ) -> asyncio.Future[Any]:
        if work.__qualname__ not in names:
            return asyncio.Task(work, loop=loop, **named)
        try:
            waited = work.send(None)
        except StopIteration as end:
            ended = _Ended(loop=loop)
            ended.set_result(end.value)
            return ended
        return asyncio.Task(_finish(_Rest(work, waited)), loop=loop, **named)

    asyncio.get_running_loop().set_task_factory(create)  # type: ignore[arg-type]


class _Ended(asyncio.Future[Any]):
    """In place of a task that has ended."""

    def set_name(self, name: object) -> None:
        """Have no name."""


async def _finish(rest: _Rest) -> Any:
    return await rest


class _Rest:
    """What is left of a coroutine that has begun."""

    def __init__(self, work: Coroutine[Any, Any, Any], waited: Any) -> None:
        self._work, self._waited = work, waited

    def __await__(self) -> Generator[Any, Any, Any]:
        waited = self._waited
        while True:
            try:
                reply = yield waited
            except BaseException as error:
                step, value = self._work.throw, error
            else:
                step, value = self._work.send, reply
            try:
                waited = step(value)
            except StopIteration as end:
                return end.value
