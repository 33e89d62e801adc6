"""`mixtui send --filter`: what is printed, and how mistakes end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response

NAMES = ("send", "GET", "/query/events/names?type=general&limit=3", "--api", "query")
ASKED = ("send", "GET", "/query/events", "--api", "query", "--auth", "none")


def answered(mixtui: CommandLine, answer: bytes, *words: str, **how: bool) -> object:
    with serve_response(answer) as server:
        mixtui.write_environments(environments_toml(server.origin))
        ended = mixtui(*ASKED, "--env", "prod", *words, **how)
        assert len(server.received) == 1
    return ended.status, ended.stdout, ended.stderr.splitlines()[-1]


def test_the_filtered_body_goes_to_stdout(online: CommandLine) -> None:
    names = json.loads(online(*NAMES).stdout)
    ended = online(*NAMES, "--filter", ".[]")
    assert ended.status == 0
    assert ended.text == "".join(json.dumps(name) + "\n" for name in names)
    assert "200 OK · accepted · " in ended.stderr


def test_a_filter_that_does_not_compile_sends_nothing(mixtui: CommandLine) -> None:
    with serve_response(http_response(b"[]")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        for more in ((), ("--dry-run",)):
            ended = mixtui(*ASKED, "--env", "prod", "--filter", ".a |", *more)
            assert (ended.status, ended.stdout) == (2, b"")
            assert ended.stderr.endswith("The filter ends too early (column 5).\n")
        assert server.received == []


@pytest.mark.parametrize("more", [("--json",), ("-o", "out.json")])
def test_a_filter_is_for_stdout_only(
    mixtui: CommandLine, more: tuple[str, ...], tmp_path: Path
) -> None:
    ended = mixtui(*ASKED, "--filter", ".", *more)
    assert (ended.status, ended.stdout) == (2, b"")
    assert "--filter" in ended.stderr


def test_an_error_of_the_filter_ends_with_2(mixtui: CommandLine) -> None:
    said = 'Cannot index number with string ("a").'
    assert answered(mixtui, http_response(b"[1]"), "--filter", ".[].a") == (
        2,
        b"",
        said,
    )


def test_what_a_filter_could_not_do_is_told_beside_what_it_could(
    mixtui: CommandLine,
) -> None:
    said = 'Cannot index number with string ("a") (line 2).'
    ended = answered(mixtui, http_response(b'{"a":1.00}\n1\n'), "--filter", ".a")
    assert ended == (0, b"1.00\n", said)


def test_a_refusal_is_printed_as_it_came(mixtui: CommandLine) -> None:
    refusal = http_response(b'{"error": "no"}', "400 Bad Request")
    said = "The answer is a refusal: it was not filtered."
    ended = answered(mixtui, refusal, "--filter", ".results[]")
    assert ended == (1, b'{"error": "no"}', said)


def test_on_a_terminal_one_result_is_laid_out(online: CommandLine) -> None:
    ended = online(*NAMES, "--filter", "[.[0]]", terminal=True)
    assert ended.text.split("\n")[0] == "["
    assert ended.text.endswith("]\n")


def test_on_a_terminal_a_bare_1_is_not_taken_for_mixpanels(
    online: CommandLine,
) -> None:
    ended = online(*NAMES, "--filter", "1", terminal=True)
    assert ended.text == "1\n"
    assert "bare 1" not in ended.stderr


def test_many_results_are_piped(mixtui: CommandLine) -> None:
    ended = answered(
        mixtui, http_response(b"[1]"), "--include", "--filter", "range(300000) | [.]"
    )
    assert isinstance(ended, tuple)
    head, _, body = ended[1].partition(b"\n\n")
    assert (ended[0], head[:8]) == (0, b"HTTP/1.1")
    assert body.count(b"\n") == 300_000
    assert body.endswith(b"[299999]\n")
