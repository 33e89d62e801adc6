"""`mixtui send --filter`: output and errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response

NAMES = ("send", "GET", "/query/events/names?type=general&limit=3", "--api", "query")
REQUEST = ("send", "GET", "/query/events", "--api", "query", "--auth", "none")
EXPORT = ("send", "GET", "?from_date=2026-01-01&to_date=2026-01-02", "--api", "export")


def send_filtered(
    mixtui: CommandLine,
    response: bytes,
    *arguments: str,
    request: tuple[str, ...] = REQUEST,
    **streams: bool,
) -> object:
    with serve_response(response) as server:
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui(*request, "--env", "prod", *arguments, **streams)
        assert len(server.received) == 1
    return result.status, result.stdout, result.stderr.splitlines()[-1]


def test_the_filtered_body_goes_to_stdout(online: CommandLine) -> None:
    names = json.loads(online(*NAMES).stdout)
    result = online(*NAMES, "--filter", ".[]")
    assert result.status == 0
    assert result.text == "".join(json.dumps(name) + "\n" for name in names)
    assert "200 OK · accepted · " in result.stderr


def test_a_filter_that_does_not_compile_sends_nothing(mixtui: CommandLine) -> None:
    with serve_response(http_response(b"[]")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        for more in ((), ("--dry-run",)):
            result = mixtui(*REQUEST, "--env", "prod", "--filter", ".a |", *more)
            assert (result.status, result.stdout) == (2, b"")
            assert result.stderr.endswith("The filter is incomplete (column 5).\n")
        assert server.received == []


@pytest.mark.parametrize("more", [("--json",), ("-o", "out.json")])
def test_a_filter_is_for_stdout_only(
    mixtui: CommandLine, more: tuple[str, ...], tmp_path: Path
) -> None:
    result = mixtui(*REQUEST, "--filter", ".", *more)
    assert (result.status, result.stdout) == (2, b"")
    assert "--filter" in result.stderr


def test_an_error_of_the_filter_ends_with_2(mixtui: CommandLine) -> None:
    message = 'Cannot index number with string ("a").'
    assert send_filtered(mixtui, http_response(b"[1]"), "--filter", ".[].a") == (
        2,
        b"",
        message,
    )


@pytest.mark.parametrize(
    ("body", "program", "status", "output", "message"),
    [
        (
            b'{"a":1.00}\n1\n{"a":2}\n',
            ".a",
            2,
            b"1.00\n2\n",
            'Cannot index number with string ("a") (line 2).',
        ),
        (
            b'{"a":1}\n{"a":\n{"a":3}\n',
            ".a",
            5,
            b"1\n3\n",
            "Line 2 is not JSON (Unfinished JSON term).",
        ),
        (b'{"a":1}\n{"a":2}\n', ".a, halt_error", 2, b"1\n", '{"a":1} (line 1).'),
        (b"[1]", '"no\\n" | halt_error(3)', 2, b"", "no."),
        (b"[1]", "1, (null | halt_error)", 2, b"1\n", "null."),
    ],
)
def test_what_a_filter_missed_is_reported_and_in_the_exit_status(
    mixtui: CommandLine,
    body: bytes,
    program: str,
    status: int,
    output: bytes,
    message: str,
) -> None:
    request = REQUEST if body.startswith(b"[") else (*EXPORT, "--auth", "none")
    arguments = ("--filter", program)
    result = send_filtered(mixtui, http_response(body), *arguments, request=request)
    assert result == (status, output, message)


def test_a_refusal_is_printed_unfiltered(mixtui: CommandLine) -> None:
    refusal = http_response(b'{"error": "no"}', "400 Bad Request")
    message = "The request was rejected, so its response was not filtered."
    result = send_filtered(mixtui, refusal, "--filter", ".results[]")
    assert result == (1, b'{"error": "no"}', message)


def test_a_single_result_is_formatted_on_a_terminal(online: CommandLine) -> None:
    result = online(*NAMES, "--filter", "[.[0]]", terminal=True)
    assert result.text.split("\n")[0] == "["
    assert result.text.endswith("]\n")


def test_a_filtered_1_is_not_explained_as_mixpanels(
    online: CommandLine,
) -> None:
    result = online(*NAMES, "--filter", "1", terminal=True)
    assert result.text == "1\n"
    assert "bare 1" not in result.stderr


def test_many_results_are_printed_completely(mixtui: CommandLine) -> None:
    result = send_filtered(
        mixtui, http_response(b"[1]"), "--include", "--filter", "range(130000) | [.]"
    )
    assert isinstance(result, tuple)
    head, _, body = result[1].partition(b"\n\n")
    assert (result[0], head[:8]) == (0, b"HTTP/1.1")
    assert body.count(b"\n") == 130_000
    assert body.endswith(b"[129999]\n")
