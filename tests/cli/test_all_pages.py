"""All pages of profiles into a file, and the lines of rejected records."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from mixtui.outcome.paging import QUOTA_NOTE
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response
from tests.cli.test_send import event

PEOPLE = ("send", "POST", "/query/engage", "--api", "query")
ALL = ("--all-pages", "-o", "people.jsonl")
ONE_PAGE = {
    "page": 0,
    "page_size": 1,
    "session_id": "s-1",
    "total": 3,
    "results": [{"$distinct_id": "a"}],
}


def test_all_pages_go_into_one_file(online: CommandLine) -> None:
    result = online(*PEOPLE, *ALL, "-d", "page_size=100")
    assert result.status == 0
    assert result.stdout == b""
    lines = (online.folder / "people.jsonl").read_bytes().splitlines()
    users = [json.loads(line)["$distinct_id"] for line in lines]
    assert len(users) == len(set(users)) > 400
    # How many people the sample has depends on the date.
    pages = math.ceil(len(users) / 100)
    assert f"{pages} pages, {len(users):,} profiles. {QUOTA_NOTE}" in result.stderr
    assert f"people.jsonl: {len(users):,} profiles on {pages} pages" in result.stderr
    assert not (online.folder / "people.jsonl.part").exists()


def test_progress_is_shown_on_a_terminal(online: CommandLine) -> None:
    result = online(*PEOPLE, *ALL, "-d", "page_size=200", terminal=True)
    assert "\r\x1b[Kpage 2 of 3 · 400 profiles" in result.stderr


@pytest.mark.parametrize("body", ['{"page_size": 300}', "", "where=false"])
def test_all_pages_follow_any_body_of_a_profile_query(
    online: CommandLine, body: str
) -> None:
    data_option = ("-d", body) if body else ()
    assert online(*PEOPLE, *ALL, *data_option).status == 0


def test_all_pages_follow_a_get(online: CommandLine) -> None:
    command = ("send", "GET", "/2.0/engage", "--api", "query", "-q", "page_size=300")
    result = online(*command, *ALL)
    assert result.status == 0
    assert "on 2 pages" in result.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ((*PEOPLE, "--all-pages"), "--all-pages needs -o FILE"),
        ((*PEOPLE, "--all-pages", "-o", "-"), "--all-pages needs -o FILE"),
        ((*PEOPLE, *ALL, "--json"), "cannot be combined with --filter"),
        (("send", "GET", "/query/events", "--api", "query", *ALL), "profile queries"),
    ],
)
def test_an_invalid_combination_is_refused_before_anything_is_sent(
    online: CommandLine, command: tuple[str, ...], sentence: str
) -> None:
    result = online(*command)
    assert result.status == 2
    assert sentence in result.stderr
    assert "200 OK" not in result.stderr


def test_a_refusal_is_printed_and_the_file_stays(online: CommandLine) -> None:
    (online.folder / "people.jsonl").write_text("old")
    result = online(*PEOPLE, *ALL, "-d", "where=(((")
    assert result.status == 1
    assert b'"error"' in result.stdout
    assert "people.jsonl was not written" in result.stderr
    assert (online.folder / "people.jsonl").read_text() == "old"


def test_a_failure_in_the_middle_keeps_the_received_pages(mixtui: CommandLine) -> None:
    """The server sends the same page forever, which is not the requested one."""
    with serve_response(http_response(json.dumps(ONE_PAGE).encode())) as server:
        mixtui.variables["MP_SECRET"] = "s"
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui(*PEOPLE, *ALL, "--env", "prod")
    assert result.status == 1
    part = Path(mixtui.folder / "people.jsonl.part")
    assert part.read_bytes() == b'{"$distinct_id": "a"}\n'
    assert "Got page 1 instead of page 2" in result.stderr
    assert "people.jsonl.part: 1 profile on 1 page." in result.stderr
    assert "-q session_id=s-1 -q page=1" in result.stderr
    assert not (mixtui.folder / "people.jsonl").exists()


def test_after_a_failure_a_terminal_asks_whether_to_continue(
    mixtui: CommandLine,
) -> None:
    with serve_response(http_response(json.dumps(ONE_PAGE).encode())) as server:
        mixtui.variables["MP_SECRET"] = "s"
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui(*PEOPLE, *ALL, "--env", "prod", stdin=b"y\nn\n", terminal=True)
    assert result.stderr.count("Continue from page 2? [y/N]") == 2
    assert len(server.received) == 3


@pytest.mark.parametrize(
    ("pages", "sentence"),
    [
        (
            [ONE_PAGE, {**ONE_PAGE, "page": 1, "session_id": None}],
            "Mixpanel ended the query at page 2 of 3",
        ),
        (
            [
                ONE_PAGE,
                {**ONE_PAGE, "page": 1},
                {**ONE_PAGE, "page": 2, "results": []},
            ],
            "The first page announced 3 profiles",
        ),
    ],
)
def test_missing_pages_and_profiles_are_in_the_exit_status(
    mixtui: CommandLine, pages: list[dict[str, object]], sentence: str
) -> None:
    responses = [http_response(json.dumps(page).encode()) for page in pages]
    with serve_response(*responses) as server:
        mixtui.variables["MP_SECRET"] = "s"
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui(*PEOPLE, *ALL, "--env", "prod")
    assert result.status == 5
    assert sentence in result.stderr
    file = mixtui.folder / "people.jsonl"
    assert file.read_bytes() == b'{"$distinct_id": "a"}\n' * 2


# Rejected records


def test_rejected_records_are_listed_with_their_lines(online: CommandLine) -> None:
    events = [event(f"ok-{i}", "refused-lines") for i in range(2)]
    bad = '{"event": "bad", "properties": {"time": "x", "distinct_id": "u"}}'
    text = "\n".join([events[0], "", *[bad] * 7, events[1]])
    (online.folder / "events.ndjson").write_text(text)
    command = ("send", "POST", "/import?strict=1", "--api", "ingestion")
    result = online(*command, "-d", "@events.ndjson")
    assert result.status == 6
    assert "  line 3: properties.time: " in result.stderr
    assert "  line 7: properties.time: " in result.stderr
    assert "  line 8: " not in result.stderr
    assert "  and 2 more: see the response." in result.stderr


def test_json_lists_all_rejected_records_under_one_key(online: CommandLine) -> None:
    bad = '{"event": "bad", "properties": {"time": "x", "$insert_id": "no-time"}}'
    text = "\n".join([event("ok", "refused-json"), "", *[bad] * 7])
    (online.folder / "events.ndjson").write_text(text)
    command = ("send", "POST", "/import?strict=1", "--api", "ingestion", "--json")
    result = online(*command, "-d", "@events.ndjson")
    assert result.status == 6
    records = json.loads(result.stdout)["refused_records"]
    assert [record["line"] for record in records] == [3, 4, 5, 6, 7, 8, 9]
    assert records[0]["index"] == 1
    assert records[0]["field"] == "properties.time"
    assert records[0]["insert_id"] == "no-time"
    assert "time" in records[0]["message"]
    accepted = online(*command, "-d", event("ok", "accepted-json"))
    assert json.loads(accepted.stdout)["refused_records"] == []


def test_the_lines_of_a_body_file_are_those_of_the_file(online: CommandLine) -> None:
    bad = '{"event": "bad", "properties": {"time": "x", "distinct_id": "u"}}'
    text = f"[\n{event('ok', 'refused-file')},\n{bad}]"
    (online.folder / "events.json").write_text(text)
    result = online(
        "send", "POST", "/import?strict=1", "--api", "ingestion",
        "-d", "@events.json", "--body-type", "file",
    )  # fmt: skip
    assert result.status == 6
    assert "  line 3: properties.time: " in result.stderr


def test_a_row_of_a_lookup_table_is_named_by_its_line(online: CommandLine) -> None:
    listed = online("send", "GET", "/lookup-tables", "--api", "ingestion")
    table = json.loads(listed.stdout)["results"][0]["id"]
    (online.folder / "t.csv").write_text('id,name\n1,"a\nb"\n,c\n')
    result = online(
        "send",
        "PUT",
        f"/lookup-tables/{table}",
        "--api",
        "ingestion",
        "-d",
        "@t.csv",
        "--yes",
    )
    assert result.status == 1
    assert "The table is unchanged: fix" in result.stderr
    assert "  line 4: primary key is required" in result.stderr


def test_a_wrong_region_names_the_environment_that_fits(online: CommandLine) -> None:
    result = online(
        "send",
        "GET",
        "/projects/{projectId}/schemas",
        "--api",
        "app",
        "--env",
        "sandbox-eu",
    )
    assert result.status == 3
    assert "wrong region?" in result.stderr
    assert "have it in us" in result.stderr
