"""The clients of npm: `mixpanel` in Node.js, and `mixpanel-browser` in a page."""

from __future__ import annotations

import json

from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine
from tests.sandbox.clients.conftest import HERE, RunNode, documented
from tests.sandbox.clients.readback import read_events, read_profile, signed_in_with

NOTE = "?~> \u00e9 + & ="


def test_what_the_node_client_sends_is_stored(
    online: CommandLine, sandbox: RunningSandbox, run_node: RunNode
) -> None:
    calls = (HERE / "node_client.js").read_text("utf-8")
    report = json.loads(run_node(documented("Node: `mixpanel`", sandbox) + calls))
    assert report["errors"] == []
    assert "'event' is invalid" in report["refusal"]
    assert all(local == remote for local, remote in report["flags"])
    assert {local for local, _ in report["flags"]} == {"control", "treatment"}
    assert signed_in_with(online, "node")
    events = read_events(online, "Node")
    assert {(e["distinct_id"], e["note"]) for e in events} == {("node-ada", NOTE)}
    assert len(events) == len({e["$insert_id"] for e in events}) == 6
    profile = read_profile(online, "node-ada")
    assert profile is not None
    assert [charge["$amount"] for charge in profile.pop("$transactions")] == [50]
    del profile["$last_seen"]
    assert profile == {"note": NOTE, "n": 6, "once": True, "tags": ["b"]}
    assert read_profile(online, "node-bob") is None
    group = read_profile(online, "Node Ltd", identity.COMPANY_GROUP_ID)
    assert group is not None
    assert group == {"note": NOTE, "once": True, "tags": ["b"]}
    assert read_profile(online, "Node Inc", identity.COMPANY_GROUP_ID) is None


def test_what_a_page_sends_is_stored(
    online: CommandLine, sandbox: RunningSandbox, run_node: RunNode
) -> None:
    calls = (HERE / "browser_client.js").read_text("utf-8")
    code = documented("A web page: `mixpanel-browser`", sandbox)
    report = json.loads(run_node(code + calls, "--require", str(HERE / "page.cjs")))
    assert report["answers"] == [{"status": 1, "error": None}] * 6
    assert report["beacons"] == 1
    assert report["anonymous"].startswith("$device:")
    assert report["flag"] in ("control", "treatment")
    assert signed_in_with(online, "web")
    events = read_events(online, "Web")
    assert [(e["distinct_id"], e["note"]) for e in events] == [("web-ada", NOTE)] * 3
    assert {e["mp_lib"] for e in events} == {"web"}
    profile = read_profile(online, "web-ada")
    assert profile is not None
    assert (profile["note"], profile["n"], profile["tags"]) == (NOTE, 3, ["a", "b"])
    group = read_profile(online, "Web Ltd", identity.COMPANY_GROUP_ID)
    assert group is not None
    assert group["seats"] == 3
