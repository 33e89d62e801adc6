"""`mixtui operations` and `mixtui new`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.request.from_operation import draft_from_operation
from mixtui.storage.request_file import parse, render
from tests.cli.conftest import CommandLine


def test_all_operations_are_listed_with_their_flags(mixtui: CommandLine) -> None:
    result = mixtui("operations")
    lines = result.text.splitlines()
    assert (result.status, result.stderr, len(lines)) == (0, "", 105)
    columns = {line.split()[0]: line.partition("  ")[2] for line in lines}
    assert "(maintenance)" in columns["query.query-jql"]
    assert "(deprecated, deletes)" in columns["pipelines.cancel-warehouse-pipeline"]
    assert columns["query.cohorts-list"].endswith("POST    List saved cohorts")


def test_search_terms_list_the_best_matches_first(mixtui: CommandLine) -> None:
    lines = mixtui("operations", "retention").text.splitlines()
    assert [line.split()[0] for line in lines] == [
        "query.retention-query",
        "query.retention-frequency-query",
    ]


def test_a_family_narrows_the_list(mixtui: CommandLine) -> None:
    lines = mixtui("operations", "delete", "--family", "lexicon").text.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("lexicon.delete") for line in lines)
    result = mixtui("operations", "--family", "lexcion")
    assert result.status == 2
    assert "No group is named “lexcion”. Did you mean lexicon?" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("query.segmentation-numeric-query",),
        ("segmentation-numeric-query",),
        ("numeric", "segmentation"),
        ("Event counts in numeric buckets",),
    ],
)
def test_a_single_match_is_explained(
    mixtui: CommandLine, arguments: tuple[str, ...]
) -> None:
    result = mixtui("operations", *arguments)
    page = result.text
    assert (result.status, result.stderr) == (0, "")
    assert page.startswith(
        "Event counts in numeric buckets\nquery.segmentation-numeric-query · Query\n"
    )
    for part in (
        "GET /api/query/segmentation/numeric\n",
        "* event      A plain event name; a JSON list is rejected. (text)\n",
        "  where  Only events that match this expression.",
        "service account · project secret",
        "60 queries per hour and 5 concurrent queries per",
        "Use instead: Result of a saved Insights report",
        "https://developer.mixpanel.com/reference/segmentation-numeric-query\n",
    ):
        assert part in page


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_the_page_of_every_operation_is_complete(
    mixtui: CommandLine, operation: Operation
) -> None:
    page = mixtui("operations", operation.id).text
    terms = page.split()
    assert operation.link in terms
    for parameter in operation.parameters:
        assert parameter.name in terms
    if operation.body is not None:
        assert operation.body.example in page.replace("\n  ", "\n")
        for field in operation.body.fields:
            assert field.name in terms
    in_prose = page.partition("\nExample\n")[0].splitlines()
    assert max(map(len, in_prose)) <= 100


def test_a_page_has_each_variant_of_a_body(mixtui: CommandLine) -> None:
    page = mixtui("operations", "create-warehouse-pipeline").text
    assert "\nBody with type = s3-raw: Raw files in Amazon S3\n" in page
    page = mixtui("operations", "edit-warehouse-pipeline").text
    assert "\nBody: Raw files in Amazon S3\n" in page


def test_json_has_every_field_of_an_operation(mixtui: CommandLine) -> None:
    rows = json.loads(mixtui("operations", "--json").text)
    assert len(rows) == 105
    (row,) = json.loads(mixtui("operations", "export.raw-event-export", "--json").text)
    assert row["method"] == "GET"
    assert row["regions"] == ["us", "eu", "in"]
    assert row["credentials"] == ["service_account", "project_secret"]
    (limit,) = (
        parameter for parameter in row["parameters"] if parameter["name"] == "limit"
    )
    assert limit["maximum"] == 100_000
    assert "body" not in row
    (row,) = json.loads(mixtui("operations", "import-events", "--json").text)
    assert row["body"]["most_records"] == 2000
    assert row["body"]["fields"][0]["name"] == "[].event"


def test_no_match_is_reported(mixtui: CommandLine) -> None:
    result = mixtui("operations", "zzzqx")
    assert (result.status, result.text) == (0, "")
    assert "No operation matches “zzzqx”" in result.stderr
    assert mixtui("operations", "zzzqx", "--json").text == "[]\n"


# new


def test_a_new_request_is_printed_as_its_file(mixtui: CommandLine) -> None:
    result = mixtui("new", "list-recent-events")
    draft, warnings = parse(result.text, Path("new.toml"))
    assert (result.status, result.stderr, warnings) == (0, "", ())
    assert draft.name == "Counts of several events over time"
    enabled = {pair.name: pair.value for pair in draft.query if pair.enabled}
    assert enabled == {
        "event": '["Sign up", "Purchase"]',
        "type": "general",
        "unit": "day",
        "from_date": "{{today-7d}}",
        "to_date": "{{today-1d}}",
    }


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_every_new_request_survives_its_file(operation: Operation) -> None:
    draft = draft_from_operation(operation)
    assert parse(render(draft), Path("new.toml")) == (draft, ())


def test_a_new_request_can_be_sent(online: CommandLine) -> None:
    new_request = online("new", "numeric", "segmentation")
    (online.folder / "new.toml").write_bytes(new_request.stdout)
    result = online("send", "--file", "new.toml")
    assert result.status == 0, result.stderr
    assert "values" in json.loads(result.text)["data"]


def test_values_left_to_fill_in_are_reported(mixtui: CommandLine) -> None:
    result = mixtui("new", "get-annotation")
    assert "{annotationId}" in result.text
    assert result.stderr.startswith(
        "Fill in the path parameter annotationId (e.g. 1): "
    )


def test_a_new_request_is_saved_in_the_collection(mixtui: CommandLine) -> None:
    result = mixtui("new", "delete a profile", "--save", "clean/up/Delete a guest")
    assert (result.status, result.text) == (0, "clean/up/Delete a guest\n")
    saved = mixtui.folder / "clean" / "up" / "delete-a-guest.toml"
    draft, _ = parse(saved.read_bytes(), saved)
    assert draft.name == "Delete a guest"
    assert draft.url == "/engage#profile-delete"
    again = mixtui("new", "delete a profile", "--save", "clean/up/Delete a guest")
    assert again.status == 2
    assert "request clean/up/Delete a guest already exists" in again.stderr


@pytest.mark.parametrize("name", ["", "/", "../x", "a//b", "a/"])
def test_a_name_outside_the_collection_is_refused(
    mixtui: CommandLine, name: str
) -> None:
    before = sorted(mixtui.folder.rglob("*.toml"))
    result = mixtui("new", "query-jql", "--save", name)
    assert result.status == 2
    assert sorted(mixtui.folder.rglob("*.toml")) == before


def test_an_ambiguous_search_lists_the_matches(mixtui: CommandLine) -> None:
    result = mixtui("new", "annotation")
    assert (result.status, result.text) == (2, "")
    assert "“annotation” matches several operations. Use an id" in result.stderr
    assert "  annotations.create-annotation " in result.stderr
    result = mixtui("new", "zzzqx")
    assert result.status == 2
    assert "No operation matches “zzzqx”" in result.stderr


def test_new_reports_what_the_environment_lacks(mixtui: CommandLine) -> None:
    mixtui.write_environments('[environments.bare]\nregion = "eu"\n')
    result = mixtui("new", "query-jql", "--env", "bare")
    assert result.status == 0
    assert "bare" in result.stderr
    result = mixtui("new", "query-jql", "--env", "no-such")
    assert result.status == 2
