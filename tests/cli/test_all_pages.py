"""All pages of profiles into a file, and the lines of refused records."""

from __future__ import annotations

import json
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
    ended = online(*PEOPLE, *ALL, "-d", "page_size=100")
    assert ended.status == 0
    assert ended.stdout == b""
    lines = (online.folder / "people.jsonl").read_text("utf-8").splitlines()
    users = [json.loads(line)["$distinct_id"] for line in lines]
    assert len(users) == len(set(users)) > 500
    assert f"6 pages, {len(users):,} profiles. {QUOTA_NOTE}" in ended.stderr
    assert f"people.jsonl: {len(users):,} profiles on 6 pages" in ended.stderr
    assert not (online.folder / "people.jsonl.part").exists()


def test_on_a_terminal_it_says_how_far_it_is(online: CommandLine) -> None:
    ended = online(*PEOPLE, *ALL, "-d", "page_size=200", terminal=True)
    assert "\r\x1b[Kpage 2 of 3 · 400 profiles" in ended.stderr


@pytest.mark.parametrize("body", ['{"page_size": 300}', "", "where=false"])
def test_any_body_of_a_profile_query_is_gone_on_with(
    online: CommandLine, body: str
) -> None:
    given = ("-d", body) if body else ()
    assert online(*PEOPLE, *ALL, *given).status == 0


def test_a_get_is_gone_on_with(online: CommandLine) -> None:
    line = ("send", "GET", "/2.0/engage", "--api", "query", "-q", "page_size=300")
    ended = online(*line, *ALL)
    assert ended.status == 0
    assert "on 2 pages" in ended.stderr


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ((*PEOPLE, "--all-pages"), "--all-pages needs -o FILE"),
        ((*PEOPLE, "--all-pages", "-o", "-"), "--all-pages needs -o FILE"),
        ((*PEOPLE, *ALL, "--json"), "leave out --filter"),
        (("send", "GET", "/query/events", "--api", "query", *ALL), "profile queries"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    online: CommandLine, line: tuple[str, ...], sentence: str
) -> None:
    ended = online(*line)
    assert ended.status == 2
    assert sentence in ended.stderr
    assert "200 OK" not in ended.stderr


def test_a_refusal_is_printed_and_the_file_stays(online: CommandLine) -> None:
    (online.folder / "people.jsonl").write_text("old")
    ended = online(*PEOPLE, *ALL, "-d", "where=(((")
    assert ended.status == 1
    assert b'"error"' in ended.stdout
    assert "people.jsonl was not written" in ended.stderr
    assert (online.folder / "people.jsonl").read_text() == "old"


def test_a_failure_in_the_middle_keeps_what_came(mixtui: CommandLine) -> None:
    """The server answers the same page for ever, which is not the one asked for."""
    with serve_response(http_response(json.dumps(ONE_PAGE).encode())) as server:
        mixtui.variables["MP_SECRET"] = "s"
        mixtui.write_environments(environments_toml(server.origin))
        ended = mixtui(*PEOPLE, *ALL, "--env", "prod")
    assert ended.status == 1
    part = Path(mixtui.folder / "people.jsonl.part")
    assert part.read_bytes() == b'{"$distinct_id": "a"}\n'
    assert "Page 1 came where page 2 was asked for" in ended.stderr
    assert "people.jsonl.part: 1 profile on 1 page." in ended.stderr
    assert "-q session_id=s-1 -q page=1" in ended.stderr
    assert not (mixtui.folder / "people.jsonl").exists()


def test_on_a_terminal_it_asks_whether_to_go_on(mixtui: CommandLine) -> None:
    with serve_response(http_response(json.dumps(ONE_PAGE).encode())) as server:
        mixtui.variables["MP_SECRET"] = "s"
        mixtui.write_environments(environments_toml(server.origin))
        ended = mixtui(*PEOPLE, *ALL, "--env", "prod", stdin=b"y\nn\n", terminal=True)
    assert ended.stderr.count("Go on from page 2? [y/N]") == 2
    assert len(server.received) == 3


# Refused records


def test_refused_records_are_listed_with_their_lines(online: CommandLine) -> None:
    events = [event(f"ok-{i}", "refused-lines") for i in range(2)]
    bad = '{"event": "bad", "properties": {"time": "x", "distinct_id": "u"}}'
    text = "\n".join([events[0], "", *[bad] * 7, events[1]])
    (online.folder / "events.ndjson").write_text(text)
    line = ("send", "POST", "/import?strict=1", "--api", "ingestion")
    ended = online(*line, "-d", "@events.ndjson")
    assert ended.status == 6
    assert "  line 3: properties.time: " in ended.stderr
    assert "  line 7: properties.time: " in ended.stderr
    assert "  line 8: " not in ended.stderr
    assert "  and 2 more: the answer names them." in ended.stderr


def test_as_json_all_refused_records_stand_under_one_key(online: CommandLine) -> None:
    bad = '{"event": "bad", "properties": {"time": "x", "$insert_id": "no-time"}}'
    text = "\n".join([event("ok", "refused-json"), "", *[bad] * 7])
    (online.folder / "events.ndjson").write_text(text)
    line = ("send", "POST", "/import?strict=1", "--api", "ingestion", "--json")
    ended = online(*line, "-d", "@events.ndjson")
    assert ended.status == 6
    records = json.loads(ended.stdout)["refused_records"]
    assert [record["line"] for record in records] == [3, 4, 5, 6, 7, 8, 9]
    assert records[0]["index"] == 1
    assert records[0]["field"] == "properties.time"
    assert records[0]["insert_id"] == "no-time"
    assert "time" in records[0]["message"]
    accepted = online(*line, "-d", event("ok", "accepted-json"))
    assert json.loads(accepted.stdout)["refused_records"] == []


def test_the_lines_of_a_body_file_are_those_of_the_file(online: CommandLine) -> None:
    bad = '{"event": "bad", "properties": {"time": "x", "distinct_id": "u"}}'
    text = f"[\n{event('ok', 'refused-file')},\n{bad}]"
    (online.folder / "events.json").write_text(text)
    ended = online(
        "send", "POST", "/import?strict=1", "--api", "ingestion",
        "-d", "@events.json", "--body-type", "file",
    )  # fmt: skip
    assert ended.status == 6
    assert "  line 3: properties.time: " in ended.stderr


def test_a_row_of_a_lookup_table_is_named_by_its_line(online: CommandLine) -> None:
    listed = online("send", "GET", "/lookup-tables", "--api", "ingestion")
    table = json.loads(listed.stdout)["results"][0]["id"]
    (online.folder / "t.csv").write_text('id,name\n1,"a\nb"\n,c\n')
    ended = online(
        "send",
        "PUT",
        f"/lookup-tables/{table}",
        "--api",
        "ingestion",
        "-d",
        "@t.csv",
        "--yes",
    )
    assert ended.status == 1
    assert "The table stays as it was" in ended.stderr
    assert "  line 4: primary key is required" in ended.stderr


def test_a_wrong_region_names_the_environment_that_fits(online: CommandLine) -> None:
    ended = online(
        "send",
        "GET",
        "/projects/{projectId}/schemas",
        "--api",
        "app",
        "--env",
        "sandbox-eu",
    )
    assert ended.status == 3
    assert "wrong region?" in ended.stderr
    assert "have it in us" in ended.stderr
