"""Stored requests as the main screen uses them: restored, sent again, kept clean."""

from __future__ import annotations

from pathlib import Path

import httpx

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft, Method
from mixtui.ui.response.state import Idle, Received
from tests.ui.app import READ_ONLY
from tests.ui.main.controllers import ControllerHost, controllers

EVENTS = Draft(url="/query/segmentation")


async def stored(host: ControllerHost, draft: Draft = EVENTS) -> int:
    """Send a draft, begin another, and return the number of the history's entry."""
    run = await host.start(draft)
    await host.idle()
    assert run.entry_number is not None
    host.collection.show(None)
    return run.entry_number


async def test_an_old_draft_is_restored_and_sent_again(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        number = await stored(host)
        assert (host.draft, host.state) == (Draft(), Idle())
        await host.history.resend(number)
        await host.idle()
        assert host.draft == EVENTS
        assert isinstance(host.state, Received)
        assert host.questions == []


async def test_an_old_draft_of_another_environment_asks_before_it_is_sent(
    tmp_path: Path,
) -> None:
    async with controllers(tmp_path) as host:
        number = await stored(host)
        host.session = host.session.with_environment(READ_ONLY)
        host.answers = ["escape", "y"]
        await host.history.resend(number)
        assert host.questions == [
            "This request was sent with prod. Send it with careful, the current environment?"
        ]
        assert (host.draft, host.state) == (EVENTS, Idle())
        host.collection.show(None)
        await host.history.resend(number)
        await host.idle()
        assert isinstance(host.state, Received)


async def test_a_new_service_accounts_secret_is_shown_and_not_stored(
    tmp_path: Path, own_folders: Path
) -> None:
    secret = "brand-new-secret-4711"

    def handler(request: httpx.Request) -> httpx.Response:
        body = {"status": "ok", "results": {"id": 1, "token": secret}}
        return httpx.Response(201, json=body)

    draft = Draft(
        method=Method.POST, api=Api.APP, url="/organizations/1/service-accounts"
    )
    async with controllers(tmp_path, handler) as host:
        host.answers = ["y"]
        await host.start(draft)
        await host.idle()
        assert secret in host.body
    files = [path for path in own_folders.rglob("*") if path.is_file()]
    assert any(path.name == "history.db" for path in files)
    assert not any(secret.encode() in path.read_bytes() for path in files)
