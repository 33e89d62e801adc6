"""The clients of PyPI: `mixpanel` and `mixpanel-utils`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import mixpanel
import mixpanel_utils
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.clients.conftest import documented
from tests.sandbox.clients.readback import read_events, read_profile, signed_in_with

DAY = 86_400
NOTE = "?~> \u00e9 + & ="
FLAGS = (
    f"/api/app/projects/{identity.PROJECT_ID}/workspaces/{identity.WORKSPACE_ID}"
    "/feature-flags"
)


class PythonClient:
    """The client as the documentation makes it; it leaves no connection open."""

    def __init__(self, running: RunningSandbox) -> None:
        names: dict[str, Any] = {}
        exec(documented("Python: `mixpanel`", running), names)
        self.mp: mixpanel.Mixpanel = names["mp"]
        self._consumer: mixpanel.Consumer = names["consumer"]

    def close(self) -> None:
        self._consumer._session.close()
        self.mp.local_flags.shutdown()
        self.mp.remote_flags.shutdown()


@pytest.fixture
def python_client(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[mixpanel.Mixpanel]:
    monkeypatch.setattr(mixpanel, "Consumer", mixpanel.Consumer)
    client = PythonClient(sandbox)
    yield client.mp
    client.close()


def test_the_events_of_the_python_client_are_stored(
    online: CommandLine, python_client: mixpanel.Mixpanel
) -> None:
    mp, now = python_client, int(time.time())
    assert signed_in_with(online, "python")
    mp.track("py-ada", "Py", {"note": NOTE})
    buffered = mixpanel.BufferedConsumer()
    in_batches = mixpanel.Mixpanel(identity.PROJECT_TOKEN, buffered)
    for user in ("py-ada", "py-anonymous"):
        in_batches.track(user, "Py", {"note": NOTE})
        in_batches.import_data(None, user, "Py", now - 30 * DAY, {"note": NOTE})
    buffered.flush()
    mp.import_data(None, "py-old", "Py", now - 31 * DAY, {"note": NOTE})
    mp.alias("py-alias", "py-ada")
    mp.merge(None, "py-ada", "py-anonymous")
    mp.track("py-alias", "Py", {"note": NOTE})
    events = read_events(online, "Py")
    assert [event["distinct_id"] for event in events] == ["py-old", *["py-ada"] * 6]
    assert {event["note"] for event in events} == {NOTE}
    assert [event["time"] for event in events[:2]] == [now - 31 * DAY, now - 30 * DAY]


def test_the_profiles_of_the_python_client_are_stored(
    online: CommandLine, python_client: mixpanel.Mixpanel
) -> None:
    mp = python_client
    mp.people_set("py-bob", {"note": NOTE, "n": 1, "gone": 1})
    mp.people_set_once("py-bob", {"n": 2, "once": True})
    mp.people_increment("py-bob", {"n": 5})
    mp.people_append("py-bob", {"tags": "a"})
    mp.people_union("py-bob", {"tags": ["a", "b"]})
    mp.people_remove("py-bob", {"tags": "a"})
    mp.people_unset("py-bob", ["gone"])
    mp.people_track_charge("py-bob", 50)
    profile = read_profile(online, "py-bob")
    assert profile is not None
    assert [charge["$amount"] for charge in profile.pop("$transactions")] == [50]
    assert profile.pop("$last_seen")
    assert profile == {"note": NOTE, "n": 6, "once": True, "tags": ["b"]}
    mp.people_clear_charges("py-bob")
    cleared = read_profile(online, "py-bob")
    assert cleared is not None
    assert not cleared.get("$transactions")
    mp.people_delete("py-bob")
    assert read_profile(online, "py-bob") is None

    key, group = "company", identity.COMPANY_GROUP_ID
    mp.group_set(key, "Py Ltd", {"note": NOTE, "gone": 1})
    mp.group_set_once(key, "Py Ltd", {"note": "other", "once": True})
    mp.group_union(key, "Py Ltd", {"tags": ["a", "b"]})
    mp.group_remove(key, "Py Ltd", {"tags": "a"})
    mp.group_unset(key, "Py Ltd", ["gone"])
    stored = read_profile(online, "Py Ltd", group)
    assert stored is not None
    assert stored == {"note": NOTE, "once": True, "tags": ["b"]}
    mp.group_delete(key, "Py Ltd")
    assert read_profile(online, "Py Ltd", group) is None


def test_the_python_client_learns_why_a_record_is_rejected(
    python_client: mixpanel.Mixpanel,
) -> None:
    mp = python_client
    with pytest.raises(mixpanel.MixpanelException, match="token, missing or empty"):
        mp.track("py-ada", "Py", {"token": ""})
    with pytest.raises(mixpanel.MixpanelException, match=r"properties\.time"):
        mp.import_data(None, "py-ada", "Py", "yesterday")
    with pytest.raises(mixpanel.MixpanelException, match="must be an object"):
        mp.people_set("py-ada", "text")


def rollout(percentage: float, **more: Any) -> dict[str, Any]:
    return {"rollout_percentage": percentage, "variant_splits": {}, **more}


RULESETS: dict[str, dict[str, Any]] = {
    "everybody": {"rollout": [rollout(1)]},
    "some": {"rollout": [rollout(0.4)]},
    "split": {"rollout": [rollout(1, variant_splits={"b": 0.7, "a": 0.1})]},
    "too-little": {
        "rollout": [rollout(1, variant_splits={"a": 0.1, "b": 0.1, "c": 0})]
    },
    "several": {
        "rollout": [rollout(0.2, variant_override={"key": "C"}), rollout(0.5)],
    },
    "testers": {"rollout": [], "test": {"users": {"u1": "B", "u2": "none"}}},
    "by-rule": {
        "rollout": [
            rollout(1, runtime_evaluation_rule={"==": [{"var": "Plan"}, "Pro"]}),
            rollout(
                0.9,
                runtime_evaluation_rule={
                    "and": [
                        {">=": [{"var": "age"}, 30]},
                        {"in": [{"var": "country"}, ["US", "DE"]]},
                    ]
                },
                variant_override={"key": "a"},
            ),
        ],
    },
    "by-values": {
        "rollout": [rollout(1, runtime_evaluation_definition={"plan": "Free"})],
    },
}
PROPERTIES: list[dict[str, Any]] = [
    {},
    {"custom_properties": {"plan": "PRO"}},
    {"custom_properties": {"Plan": "free", "age": 30, "country": "us"}},
    {"custom_properties": {"plan": "trial", "age": 29, "country": "de"}},
]


def test_remote_flags_are_those_of_the_clients_local_evaluation(
    new_sandbox: NewSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixpanel, "Consumer", mixpanel.Consumer)
    running = new_sandbox(with_sample=False)
    variants = [
        {"key": key, "value": number, "is_control": key == "a", "split": split}
        for number, (key, split) in enumerate((("c", 0.2), ("a", 0.5), ("b", 0.3)))
    ]
    account = (identity.SERVICE_ACCOUNT, identity.SECRET)
    with httpx.Client(base_url=running.origin, auth=account, verify=False) as http:
        for key, ruleset in RULESETS.items():
            flag = {
                "name": key,
                "key": key,
                "tags": [],
                "context": "company" if key == "some" else "distinct_id",
                "serving_method": "remote_or_local",
                "status": "enabled",
                "ruleset": {"variants": variants, **ruleset},
            }
            assert http.post(FLAGS, json=flag).json()["status"] == "ok"
    client = PythonClient(running)
    local, remote = client.mp.local_flags, client.mp.remote_flags
    seen: set[tuple[str, Any]] = set()
    for number in range(60):
        context = {
            "distinct_id": f"u{number}",
            "company": f"c{number}",
            **PROPERTIES[number % len(PROPERTIES)],
        }
        expected = values(local.get_all_variants(context))
        assert values(remote.get_all_variants(context)) == expected
        seen |= set(expected.items())
    assert len(seen) > 2 * len(RULESETS)
    of_one = remote.get_variant_value("everybody", None, {"distinct_id": "u1"})
    assert of_one == local.get_variant_value("everybody", None, {"distinct_id": "u1"})
    client.close()


def values(variants: Any) -> dict[str, Any]:
    return {key: (v.variant_key, v.variant_value) for key, v in variants.items()}


def test_mixpanel_utils_imports_changes_and_queries(
    online: CommandLine, sandbox: RunningSandbox
) -> None:
    names: dict[str, Any] = {}
    exec(documented("Python: `mixpanel-utils`", sandbox), names)
    utils: mixpanel_utils.MixpanelUtils = names["utils"]
    assert (read_profile(online, "grace") or {})["plan"] == "pro"

    now = int(time.time())
    event = {
        "event": "Utils",
        "properties": {
            "distinct_id": "utils-ada",
            "time": now - 40 * DAY,
            "$insert_id": "utils-1",
            "note": NOTE,
        },
    }
    utils.import_events([event], timezone_offset=0)
    (stored,) = read_events(online, "Utils")
    assert (stored["distinct_id"], stored["note"]) == ("utils-ada", NOTE)
    day = time.strftime("%Y-%m-%d", time.gmtime(now - 40 * DAY))
    days = {"from_date": day, "to_date": day}
    exported = utils.query_export({**days, "event": ["Utils"]}, add_gzip_header=True)
    assert [line["properties"] for line in exported] == [stored]

    profile = {"$distinct_id": "utils-ada", "$properties": {"note": NOTE, "n": 1}}
    utils.import_people([profile])
    utils.people_add({"n": 2}, profiles=[profile], backup=False)
    found = utils.query_engage({"distinct_id": "utils-ada"})
    assert found == [
        {"$distinct_id": "utils-ada", "$properties": {"note": NOTE, "n": 3}}
    ]
    assert read_profile(online, "utils-ada") == found[0]["$properties"]
    assert len(utils.query_engage({"page_size": 100})) > 300  # Of several pages.
    utils.people_delete(profiles=[profile], backup=False)
    assert read_profile(online, "utils-ada") is None

    script = (
        "function main() { return Events({from_date: params.day, to_date: params.day, "
        "event_selectors: [{event: 'Utils'}]})"
        ".groupBy(['distinct_id'], mixpanel.reducer.count()) }"
    )
    counted = utils.query_jql(script, {"day": day})
    assert counted == [{"key": ["utils-ada"], "value": 1}]
