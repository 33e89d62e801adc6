"""`mixtui init`: a collection with starter requests."""

from __future__ import annotations

import json

from mixtui.storage.trust import TrustStore
from tests.cli.conftest import CommandLine


def test_a_collection_is_created_whose_first_request_can_be_sent(
    online: CommandLine,
) -> None:
    result = online("init", "mine")
    assert result.status == 0, result.stderr
    assert "Created a collection with" in result.stderr
    assert "Next: cd mine && mixtui send 'Event names'" in result.stderr
    folder = online.folder / "mine"
    assert TrustStore().trust_in(folder).root is None
    sent = online("send", "Event names", "--collection", str(folder))
    assert sent.status == 0, sent.stderr
    assert "Sign up" in json.loads(sent.text)


def test_the_current_folder_is_refused_where_it_is_a_collection(
    mixtui: CommandLine,
) -> None:
    result = mixtui("init")
    assert result.status == 2
    assert "is a collection already" in result.stderr
    assert [path.name for path in mixtui.folder.iterdir()] == ["mixtui.toml"]


def test_the_requests_are_listed_without_writing_them(mixtui: CommandLine) -> None:
    result = mixtui("init", "mine", "--list")
    assert result.text.startswith("1 Query/Event names")
    assert not (mixtui.folder / "mine").exists()
    rows = json.loads(mixtui("init", "--list", "--json").text)
    assert rows[0]["location"] == "1 Query/Event names"
    assert {row["method"] for row in rows} == {"GET", "POST"}


def test_what_was_written_is_printed_as_json(mixtui: CommandLine) -> None:
    rows = json.loads(mixtui("init", "mine", "--json").text)
    assert all(row["path"].startswith(str(mixtui.folder / "mine")) for row in rows)
