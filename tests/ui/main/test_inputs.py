"""Inputs are asked for before a request is sent, and their last values remembered."""

from __future__ import annotations

from pathlib import Path

import httpx

from mixtui.storage.answers import AnswerStore
from mixtui.storage.paths import state_dir
from mixtui.ui.dialogs.inputs import EnteredInputs, InputsDialog
from mixtui.ui.main.preview import preview_sections
from mixtui.ui.response.state import Received
from tests.ui.app import write_request
from tests.ui.main.controllers import controllers

REQUEST = """
name = "Ask"
method = "GET"
api = "query"
url = "/query/events"
[[input]]
name = "event"
default = "Sign up"
[[input]]
name = "pin"
secret = true
[[query]]
name = "event"
value = "{{event}}"
[[headers]]
name = "X-Pin"
value = "{{pin}}"
"""
PIN = "kq7-very/secret"


def entered(event: str = "Purchase", *, is_sent: bool = True) -> EnteredInputs:
    return EnteredInputs({"event": event}, {"pin": PIN}, is_sent)


async def test_what_was_entered_is_sent_and_remembered_without_the_secret(
    tmp_path: Path,
) -> None:
    requests: list[httpx.Request] = []

    def echo(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"pin": request.headers["X-Pin"]})

    path = write_request(tmp_path, "ask.toml", REQUEST)
    async with controllers(tmp_path, echo) as host:
        host.answers.append(entered())
        await host.open_and_start(path)
        await host.idle()
        assert isinstance(host.state, Received)
        assert requests[0].url.params["event"] == "Purchase"
        assert requests[0].headers["X-Pin"] == PIN
        assert AnswerStore().load(path) == {"event": "Purchase"}
        record = host.history.history.record(1)
        assert PIN not in repr(record)
        assert "{{pin}}" in repr(record.draft)
    files = [f for f in state_dir().rglob("*") if f.is_file()]
    assert state_dir() / "inputs.json" in files
    assert not [f for f in files if PIN.encode() in f.read_bytes()]
    async with controllers(tmp_path, echo) as host:
        host.answers.append(entered(is_sent=False))
        await host.collection.open(path)
        await host.send()
        dialog = host.dialogs[0]
        assert isinstance(dialog, InputsDialog)
        assert dialog._entered == {"event": "Purchase"}


async def test_a_secret_that_is_not_declared_as_one_is_not_stored(
    tmp_path: Path,
) -> None:
    text = REQUEST.replace("X-Pin", "X-Api-Key").replace("{{pin}}", "{{event}}")
    path = write_request(tmp_path, "ask.toml", text)
    async with controllers(tmp_path) as host:
        host.answers.append(entered())
        await host.open_and_start(path)
        await host.idle()
        assert AnswerStore().load(path) == {}


async def test_a_cancelled_form_sends_nothing_and_keeps_what_was_typed(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "ask.toml", REQUEST)
    async with controllers(tmp_path) as host:
        host.answers += [entered("half", is_sent=False), entered(is_sent=False)]
        await host.collection.open(path)
        await host.send()
        assert host.slot.run is None
        assert AnswerStore().load(path) == {}
        await host.send()
        assert host.dialogs[1]._entered == {"event": "half"}


async def test_a_preview_asks_first_and_masks_the_secret(tmp_path: Path) -> None:
    path = write_request(tmp_path, "ask.toml", REQUEST)
    async with controllers(tmp_path) as host:
        host.answers += [entered(), False]
        await host.collection.open(path)
        await host.sender.preview()
        form, screen = host.dialogs
        assert isinstance(form, InputsDialog)
        assert form._box_title == "Preview Ask"
        shown = repr(preview_sections(screen._preview))
        assert "event=Purchase" in shown
        assert "event from your input, pin from your input" in shown
        assert PIN not in shown
        assert host.slot.run is None


async def test_the_last_value_follows_an_input_that_is_renamed(tmp_path: Path) -> None:
    path = write_request(tmp_path, "ask.toml", REQUEST)
    AnswerStore().store(path, {"event": "Purchase"})
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        await host.inputs.follow_rename("event", "what")
        assert host.slot.entered == {"what": "Purchase"}


async def test_a_default_is_not_remembered(tmp_path: Path) -> None:
    path = write_request(tmp_path, "ask.toml", REQUEST)
    async with controllers(tmp_path) as host:
        host.answers.append(entered("Sign up"))
        await host.open_and_start(path)
        await host.idle()
        assert AnswerStore().load(path) == {}


async def test_nobody_is_asked_for_what_cannot_be_sent(tmp_path: Path) -> None:
    text = REQUEST.replace("/query/events", "/query/{id}")
    path = write_request(tmp_path, "ask.toml", text)
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        await host.send()
        assert host.dialogs == []
        assert "path parameter id is empty" in host.message


async def test_another_region_gets_the_same_values(tmp_path: Path) -> None:
    path = write_request(tmp_path, "ask.toml", REQUEST)
    async with controllers(tmp_path) as host:
        host.answers.append(entered())
        run = await host.open_and_start(path)
        await host.idle()
        assert run.answers == {"event": "Purchase", "pin": PIN}
        assert "answers" not in repr(run)
