"""`mixtui operations` and `mixtui new`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.request.from_operation import draft_from_operation
from mixtui.storage.request_file import parse, render
from tests.cli.conftest import CommandLine


def test_all_operations_are_listed_with_what_to_watch(mixtui: CommandLine) -> None:
    ended = mixtui("operations")
    lines = ended.text.splitlines()
    assert (ended.status, ended.stderr, len(lines)) == (0, "", 105)
    marks = {line.split()[0]: line.partition("  ")[2] for line in lines}
    assert "(maintenance)" in marks["query.query-jql"]
    assert "(deprecated, deletes)" in marks["pipelines.cancel-warehouse-pipeline"]
    assert marks["query.cohorts-list"].endswith("POST    List saved cohorts")


def test_words_list_what_fits_the_best_first(mixtui: CommandLine) -> None:
    lines = mixtui("operations", "retention").text.splitlines()
    assert [line.split()[0] for line in lines] == [
        "query.retention-query",
        "query.retention-frequency-query",
    ]


def test_a_family_narrows_the_list(mixtui: CommandLine) -> None:
    lines = mixtui("operations", "delete", "--family", "lexicon").text.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("lexicon.delete") for line in lines)
    ended = mixtui("operations", "--family", "lexcion")
    assert ended.status == 2
    assert "There is no family «lexcion» (did you mean lexicon?)" in ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("query.segmentation-numeric-query",),
        ("segmentation-numeric-query",),
        ("numeric", "segmentation"),
        ("Event counts in numeric buckets",),
    ],
)
def test_what_fits_one_alone_explains_it(
    mixtui: CommandLine, words: tuple[str, ...]
) -> None:
    ended = mixtui("operations", *words)
    page = ended.text
    assert (ended.status, ended.stderr) == (0, "")
    assert page.startswith(
        "Event counts in numeric buckets\nquery.segmentation-numeric-query · Query\n"
    )
    for part in (
        "GET /api/query/segmentation/numeric\n",
        "* event      The name of one event, bare: a JSON list is refused. (text)\n",
        "  where  Only events that this expression is true for.",
        "service account · project secret",
        "60 queries an hour and 5 at once",
        "Use instead: Result of a saved Insights report",
        "https://developer.mixpanel.com/reference/segmentation-numeric-query\n",
    ):
        assert part in page


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_every_page_has_all_of_it(mixtui: CommandLine, operation: Operation) -> None:
    page = mixtui("operations", operation.id).text
    words = page.split()
    assert operation.link in words
    for parameter in operation.parameters:
        assert parameter.name in words
    if operation.body is not None:
        assert operation.body.example in page.replace("\n  ", "\n")
        for field in operation.body.fields:
            assert field.name in words
    in_prose = page.partition("\nExample\n")[0].splitlines()
    assert max(map(len, in_prose)) <= 100


def test_a_page_has_each_kind_of_body(mixtui: CommandLine) -> None:
    page = mixtui("operations", "create-warehouse-pipeline").text
    assert "\nBody with type = s3-raw: Raw files in Amazon S3\n" in page
    page = mixtui("operations", "edit-warehouse-pipeline").text
    assert "\nBody: Raw files in Amazon S3\n" in page


def test_json_holds_everything(mixtui: CommandLine) -> None:
    rows = json.loads(mixtui("operations", "--json").text)
    assert len(rows) == 105
    (row,) = json.loads(mixtui("operations", "export.raw-event-export", "--json").text)
    assert row["method"] == "GET"
    assert row["regions"] == ["us", "eu", "in"]
    assert row["credentials"] == ["service_account", "project_secret"]
    (limit,) = (each for each in row["parameters"] if each["name"] == "limit")
    assert limit["maximum"] == 100_000
    assert "body" not in row
    (row,) = json.loads(mixtui("operations", "import-events", "--json").text)
    assert row["body"]["most_records"] == 2000
    assert row["body"]["fields"][0]["name"] == "[].event"


def test_what_fits_nothing_is_said(mixtui: CommandLine) -> None:
    ended = mixtui("operations", "zzzqx")
    assert (ended.status, ended.text) == (0, "")
    assert "No operation fits «zzzqx»" in ended.stderr
    assert mixtui("operations", "zzzqx", "--json").text == "[]\n"


# new


def test_a_new_request_is_printed_as_its_file(mixtui: CommandLine) -> None:
    ended = mixtui("new", "list-recent-events")
    draft, warnings = parse(ended.text, Path("new.toml"))
    assert (ended.status, ended.stderr, warnings) == (0, "", ())
    assert draft.name == "Counts of several events over time"
    on = {pair.name: pair.value for pair in draft.query if pair.enabled}
    assert on == {
        "event": '["Sign up", "Purchase"]',
        "type": "general",
        "unit": "day",
        "from_date": "{{today-7d}}",
        "to_date": "{{today-1d}}",
    }


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_the_file_of_every_new_request_is_read_as_it_was(operation: Operation) -> None:
    draft = draft_from_operation(operation)
    assert parse(render(draft), Path("new.toml")) == (draft, ())


def test_a_new_request_can_be_sent(online: CommandLine) -> None:
    made = online("new", "numeric", "segmentation")
    (online.folder / "made.toml").write_bytes(made.stdout)
    ended = online("send", "--file", "made.toml")
    assert ended.status == 0, ended.stderr
    assert "values" in json.loads(ended.text)["data"]


def test_what_is_left_to_fill_in_is_said(mixtui: CommandLine) -> None:
    ended = mixtui("new", "get-annotation")
    assert "{annotationId}" in ended.text
    assert ended.stderr.startswith("Fill in {annotationId} in the URL (such as 1): ")


def test_a_new_request_is_saved_in_the_collection(mixtui: CommandLine) -> None:
    ended = mixtui("new", "delete a profile", "--save", "clean/up/Delete a guest")
    assert (ended.status, ended.text) == (0, "clean/up/delete-a-guest\n")
    saved = mixtui.folder / "clean" / "up" / "delete-a-guest.toml"
    draft, _ = parse(saved.read_bytes(), saved)
    assert draft.name == "Delete a guest"
    assert draft.url == "/engage#profile-delete"
    again = mixtui("new", "delete a profile", "--save", "clean/up/Delete a guest")
    assert again.status == 2
    assert "There is a delete-a-guest.toml already" in again.stderr


@pytest.mark.parametrize("name", ["", "/", "../x", "a//b", "a/"])
def test_a_name_that_leads_elsewhere_is_refused(mixtui: CommandLine, name: str) -> None:
    before = sorted(mixtui.folder.rglob("*.toml"))
    ended = mixtui("new", "query-jql", "--save", name)
    assert ended.status == 2
    assert sorted(mixtui.folder.rglob("*.toml")) == before


def test_words_that_fit_several_list_them(mixtui: CommandLine) -> None:
    ended = mixtui("new", "annotation")
    assert (ended.status, ended.text) == (2, "")
    assert "«annotation» may mean more than one operation: give the id" in ended.stderr
    assert "  annotations.create-annotation " in ended.stderr
    ended = mixtui("new", "zzzqx")
    assert ended.status == 2
    assert "No operation fits «zzzqx»" in ended.stderr


def test_an_environment_says_what_it_lacks(mixtui: CommandLine) -> None:
    mixtui.write_environments('[environments.bare]\nregion = "eu"\n')
    ended = mixtui("new", "query-jql", "--env", "bare")
    assert ended.status == 0
    assert "bare" in ended.stderr
    ended = mixtui("new", "query-jql", "--env", "no-such")
    assert ended.status == 2
