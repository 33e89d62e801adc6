"""What the client makes of hostile answers on a real socket, all of a kind at once."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.model.errors import SendError
from mixtui.outcome.outcome import Outcome, judge_response, no_response_outcome
from tests.outcome.hostile_answers import (
    KINDS,
    OPERATIONS,
    End,
    HostileAnswer,
    Start,
    http,
)
from tests.wire import Connection, Server, serve

PATIENCE = 0.2
"""Seconds after which the client gives up on a silent server."""
_ABORT = struct.pack("ii", 1, 0)


@dataclass
class HostileServer:
    """Gives the answer that is set to whatever is asked."""

    answer: HostileAnswer
    kept: bool = False
    """Whether the connection that is to die has been used."""

    async def handle(self, connection: Connection) -> None:
        answer = self.answer
        if answer.start is Start.KEPT and not self.kept:
            self.kept = True
            await connection.request()
            await connection.send(http(b"{}"))
            await connection.request()
            return
        match answer.start:
            case Start.CONNECTED:
                pass
            case Start.HEAD_READ:
                await connection.reader.readuntil(b"\r\n\r\n")
            case _:
                await connection.request()
        step = 1 if answer.slow else len(answer.wire) or 1
        for start in range(0, len(answer.wire), step):
            await connection.send(answer.wire[start : start + step])
        match answer.end:
            case End.HANG:
                await asyncio.Event().wait()
            case End.RESET:
                transport_socket = connection.writer.get_extra_info("socket")
                transport_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                connection.reset()


async def outcome_of(client: Client, server: Server, answer: HostileAnswer) -> Outcome:
    """Send the request of an answer, on a connection of its own unless one is kept."""
    request = OPERATIONS[answer.operation]
    parts = urlsplit(request.url)
    kept = answer.start is Start.KEPT
    is_silent = answer.end is End.HANG and answer.start is Start.REQUEST_READ
    request = replace(
        request,
        url=parts._replace(scheme="http", netloc=urlsplit(server.url).netloc).geturl(),
        timeout=PATIENCE if is_silent else 10,
    )
    if kept:
        await client.send(request)
    else:
        close = ("Connection", "close")
        request = replace(request, headers=(*request.headers, close))
    try:
        return judge_response(await client.send(request))
    except SendError as error:
        return no_response_outcome(error)


@pytest.mark.parametrize("kind", KINDS)
async def test_hostile_answers_have_the_outcomes_of_the_docs(
    kind: str, client: Client
) -> None:
    answers = list(KINDS[kind]())
    hostile = HostileServer(answers[0])
    wrong = []
    async with serve(hostile.handle) as server:
        for answer in answers:
            hostile.answer, hostile.kept = answer, False
            outcome = await outcome_of(client, server, answer)
            expected = f"{answer.label} ({answer.exit_status})"
            if (found := f"{outcome.label} ({outcome.exit_status})") != expected:
                name = f"{answer.operation}: {answer.name}"
                wrong.append(f"{name}: {expected} ≠ {found}: {outcome.detail[:300]}")
    assert not wrong, f"{len(wrong)} of {len(answers)}:\n" + "\n".join(wrong)
