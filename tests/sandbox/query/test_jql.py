from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mixtui.sandbox.query.jql import Reducer, Script, UnsupportedScript, parse_script
from tests.sandbox.helpers import VISITS, import_rows

EVENTS = 'Events({from_date: "2026-03-16", to_date: "2026-03-18"})'
COUNT = "mixpanel.reducer.count()"


def run_script(client: httpx.Client, expression: str, **params: object) -> Any:
    script = f"function main() {{\n  return {expression};  // a comment\n}}\n"
    form = {"script": script, "params": json.dumps(params)}
    response = client.post("/api/query/jql", data=form)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("returned", "results"),
    [
        (f"{EVENTS}.reduce({COUNT})", [8]),
        (
            f'{EVENTS}.groupBy(["name"], {COUNT})',
            [{"key": ["Buy"], "value": 3}, {"key": ["Visit"], "value": 5}],
        ),
        (
            f"{EVENTS}.groupBy(['properties.plan', 'name'], {COUNT})",
            [
                {"key": ["free", "Visit"], "value": 2},
                {"key": ["pro", "Visit"], "value": 2},
                {"key": [None, "Buy"], "value": 3},
                {"key": [None, "Visit"], "value": 1},
            ],
        ),
        (f'{EVENTS}.reduce(mixpanel.reducer.sum("properties.n"))', [44]),
        (f'{EVENTS}.reduce(mixpanel.reducer.max("properties.n"))', [14]),
        (f'{EVENTS}.reduce(mixpanel.reducer.min("properties.none"))', [None]),
        (
            'Events({from_date: params.day, "to_date": params.day, '
            'event_selectors: [{event: "Buy"}]}).reduce(mixpanel.reducer.avg('
            '"properties.n"))',
            [8.5],
        ),
        (f"Events(params).reduce({COUNT})", [4]),
        (f"People().reduce({COUNT})", [0]),
    ],
)
def test_a_simple_script_is_evaluated(
    empty_client: httpx.Client, returned: str, results: object
) -> None:
    import_rows(empty_client, VISITS)
    day = "2026-03-18"
    assert (
        run_script(empty_client, returned, day=day, from_date=day, to_date=day)
        == results
    )


def test_without_a_reducer_the_events_are_returned(empty_client: httpx.Client) -> None:
    import_rows(empty_client, VISITS)
    rows = run_script(empty_client, EVENTS)
    assert len(rows) == 8
    assert set(rows[0]) == {
        "name",
        "distinct_id",
        "time",
        "sampling_factor",
        "properties",
    }


@pytest.mark.parametrize(
    "script",
    [
        "function main() {}",
        "return 1",
        f"function main() {{ return {EVENTS}.filter(e => e.name == 'x') }}",
        f"function main() {{ return {EVENTS}.map(f) }}",
        f"function main() {{ return {EVENTS}.groupBy('name', {COUNT}) }}",
        f"function main() {{ return {EVENTS}.groupBy([1], {COUNT}) }}",
        f"function main() {{ return {EVENTS}.reduce(mixpanel.reducer.top()) }}",
        f"function main() {{ return {EVENTS} }} main()",
        "function main() { return Events([]) }",
        "function main() { return Events({from_date:",
        "function main() { return join() }",
        'function main() { return Events({a: "',
        "function main() { return Events({a: 007}) }",
        f"function main() {{ return Events({'[' * 100_000}",
    ],
)
def test_any_other_script_is_a_failed_precondition(
    client: httpx.Client, script: str
) -> None:
    response = client.post("/api/2.0/jql", data={"script": script})
    assert response.status_code == 412
    body = response.json()
    assert set(body) == {"request", "error"}
    assert body["error"].startswith("UserVisiblePreconditionFailedError: ")


def test_a_script_is_required_and_params_are_an_object(client: httpx.Client) -> None:
    response = client.post("/api/query/jql", data={})
    assert response.json()["error"] == "Missing required parameter: script"
    form = {"script": "x", "params": "[1]"}
    response = client.post("/api/query/jql", data=form)
    assert (response.status_code, response.json()["error"]) == (
        400,
        "Invalid JSON Format: params",
    )


def test_javascript_values_are_parsed() -> None:
    text = """function main() {
      /* a comment */
      return Events({a: 'it\\'s', "b": [1, -2.5, true, null], c: {d: params.e},});
    }"""
    assert parse_script(text, {"e": "x"}) == Script(
        "Events", {"a": "it's", "b": [1, -2.5, True, None], "c": {"d": "x"}}, None, None
    )
    grouped = parse_script(f"function main() {{return People().reduce({COUNT})}}", {})
    assert grouped.reducer == Reducer("count", "")
    with pytest.raises(UnsupportedScript, match="@ is not known"):
        parse_script("@", {})
