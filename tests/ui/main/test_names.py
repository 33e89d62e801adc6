"""The names that expressions and rows are completed with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx

from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.known_names import KnownName, KnownNames, NameQuery
from mixtui.model.secrets import REDACTED
from mixtui.storage.recent import NameStore
from mixtui.ui.main.names import KnownProperties, ProjectNamesController
from tests.ui.app import SECRET, write_request
from tests.ui.main.controllers import controllers

_SAVED = """
url = "/query/segmentation"
[[query]]
name = "where"
value = 'properties["ranking"] > 1'
"""


async def test_names_of_properties_come_from_saved_requests_and_look_ups(
    tmp_path: Path,
) -> None:
    write_request(tmp_path, "a.toml", _SAVED)
    write_request(tmp_path, "broken.toml", "name = ")
    names = KnownNames((KnownName("country"),), datetime.now(UTC))
    lookup = NameQuery(NameKind.PROPERTY, "Sign up")
    NameStore().store("mixpanel us 1234567 ", lookup, names)
    async with controllers(tmp_path) as host:
        project = ProjectNamesController(host, host.runs.send_quietly)
        known = KnownProperties(host, host.collection, project)
        assert known() == frozenset(), "they are read in the background"
        await host.idle()
        assert known() == {"ranking", "country"}


async def test_a_name_that_repeats_the_credential_is_not_remembered(
    tmp_path: Path,
) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=["Sign up", f"%73{SECRET[1:]}"])

    async with controllers(tmp_path, echo) as host:
        names = ProjectNamesController(host, host.runs.send_quietly)
        names.ask(NameQuery(NameKind.EVENT))
        await host.idle()
        assert names.names_of(NameKind.EVENT) == {"Sign up", REDACTED}
