"""Read back with ``mixtui send`` what a client has stored in a sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cli.conftest import CommandLine

DAYS = 60
"""How old the events of these tests may be."""


def send(mixtui: CommandLine, *arguments: str) -> str:
    result = mixtui("send", *arguments)
    assert result.status == 0, result.output
    return result.text


def read_events(mixtui: CommandLine, name: str) -> list[dict[str, Any]]:
    """Return the properties of all events of a name, oldest first."""
    today = datetime.now(UTC).date()
    query = {
        "event": json.dumps([name]),
        "from_date": str(today - timedelta(days=DAYS)),
        "to_date": str(today),
    }
    pairs = [part for pair in query.items() for part in ("-q", "=".join(pair))]
    text = send(mixtui, "GET", "", "--api", "export", *pairs)
    return [json.loads(line)["properties"] for line in text.splitlines()]


def signed_in_with(mixtui: CommandLine, library: str) -> bool:
    """Whether the event that the documentation tracks came from a client."""
    return any(
        event["mp_lib"] == library and event["plan"] == "pro"
        for event in read_events(mixtui, "Signed in")
    )


def read_profile(
    mixtui: CommandLine, id: str, group: int | None = None
) -> dict[str, Any] | None:
    """Return the properties of a user, or of a group."""
    form = [f"distinct_id={id}", *([f"data_group_id={group}"] if group else [])]
    text = send(
        mixtui, "POST", "/query/engage", "--api", "query", "-d", "\n".join(form)
    )
    found = json.loads(text)["results"]
    return found[0]["$properties"] if found else None
