"""Which operations words lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.mixpanel.search import find_unambiguous, search_operations


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("numeric segmentation", "query.segmentation-numeric-query"),
        ("seg num", "query.segmentation-numeric-query"),
        ("segnum", "query.segmentation-numeric-query"),
        ("histogram", "query.segmentation-numeric-query"),
        ("segmentation", "query.segmentation-query"),
        ("sum revenue", "query.segmentation-sum-query"),
        ("delete a profile", "ingestion.delete-profile"),
        ("Delete profile!", "ingestion.delete-profile"),
        ("delete user", "ingestion.delete-profile"),
        ("set once", "ingestion.profile-set-property-once"),
        ("$set", "ingestion.profile-set"),
        ("increment", "ingestion.profile-numerical-add"),
        ("engage", "query.engage-query"),
        ("gdpr", "gdpr.create-retrieval"),
        ("gdpr delete", "gdpr.create-deletion"),
        ("right to be forgotten", "gdpr.create-deletion"),
        ("alias", "identity.identity-create-alias"),
        ("merge users", "identity.identity-merge"),
        ("raw data", "export.raw-event-export"),
        ("export", "export.raw-event-export"),
        ("retention", "query.retention-query"),
        ("retension", "query.retention-query"),
        ("frequency", "query.retention-frequency-query"),
        ("funnel conversion", "query.funnels-query"),
        ("funnels", "query.funnels-query"),
        ("cohorts", "query.cohorts-list"),
        ("jql", "query.query-jql"),
        ("insights", "query.insights-query"),
        ("saved report", "query.insights-query"),
        ("event names", "query.query-months-top-event-names"),
        ("top events", "query.query-top-events"),
        ("property values", "query.query-events-top-property-values"),
        ("/import", "ingestion.import-events"),
        ("import", "ingestion.import-events"),
        ("track", "ingestion.track-event"),
        ("/track", "ingestion.track-event"),
        ("/engage#profile-unset", "ingestion.profile-delete-property"),
        ("events/properties/top", "query.query-events-top-properties"),
        ("lookup csv", "ingestion.replace-lookup-table"),
        ("flag", "flags.get-variant-assignments"),
        ("feature flag", "flags-management.list-feature-flags"),
        ("evaluate flags", "flags.get-variant-assignments"),
        ("kill switch", "flags-management.update-feature-flag"),
        ("ab test", "experiments.create-experiment"),
        ("launch", "experiments.launch-experiment"),
        ("annotations", "annotations.list-all-annotations-for-project"),
        ("data dictionary", "lexicon.list-all-schemas-for-project"),
        ("service accounts", "service-accounts.list-service-accounts"),
        ("manual sync", "warehouse.run-an-import"),
        ("pause pipeline", "pipelines.pause-warehouse-pipeline"),
        (
            "https://eu.mixpanel.com/api/app/projects/5/annotations/9",
            "annotations.get-annotation",
        ),
        ("api.mixpanel.com/groups#group-union", "ingestion.group-union"),
        ("https://mixpanel.com/api/query/jql?project_id=5", "query.query-jql"),
        ("https://mixpanel.com/api/2.0/engage?where=x", "query.engage-query"),
        ("/2.0/funnels/list", "query.funnels-list-saved"),
        ("/api/2.0/segmentation", "query.segmentation-query"),
        ("warehouse.run-an-import", "warehouse.run-an-import"),
    ],
)
def test_words_lead_to_an_operation(words: str, first: str) -> None:
    assert search_operations(words)[0].operation.id == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("seg", "query.segmentation-query"),
        ("segm", "query.segmentation-query"),
        ("segmentation", "query.segmentation-query"),
        ("segmentation where", "query.segmentation-query"),
        ("segmentation on", "query.segmentation-query"),
        ("seg avg", "query.segmentation-query-average"),
        ("seg sum", "query.segmentation-sum-query"),
        ("/segm", "query.segmentation-query"),
        ("query/ret", "query.retention-query"),
        ("ret", "query.retention-query"),
        ("addiction", "query.retention-frequency-query"),
        ("born_event", "query.retention-query"),
        ("fun", "query.funnels-query"),
        ("fun list", "query.funnels-list-saved"),
        ("imp", "ingestion.import-events"),
        ("tra", "ingestion.track-event"),
        ("eng", "query.engage-query"),
        ("coh", "query.cohorts-list"),
        ("ins", "query.insights-query"),
        ("jq", "query.query-jql"),
        ("expo", "export.raw-event-export"),
        ("events", "query.list-recent-events"),
        ("top ev", "query.query-top-events"),
        ("group", "ingestion.group-set-property"),
        ("prof", "ingestion.profile-set"),
        ("profile del", "ingestion.delete-profile"),
        ("del ann", "annotations.delete-annotation"),
        ("ann", "annotations.list-all-annotations-for-project"),
        ("schema", "lexicon.list-all-schemas-for-project"),
        ("look", "ingestion.list-lookup-tables"),
        ("identify", "identity.create-identity"),
        ("ali", "identity.identity-create-alias"),
        ("pipe", "pipelines.list-warehouse-pipeline-jobs"),
        ("exper", "experiments.list-experiments"),
        ("distinct_id", "query.activity-stream-query"),
    ],
)
def test_a_few_letters_lead_to_the_operation_that_starts_with_them(
    typed: str, first: str
) -> None:
    assert search_operations(typed)[0].operation.id == first


def test_a_synonym_that_starts_with_the_letters_comes_last() -> None:
    ids = [each.operation.id for each in search_operations("seg")]
    assert ids[-1] == "query.cohorts-list"


def test_a_family_is_found_as_a_whole() -> None:
    matches = search_operations("gdpr")
    assert {each.operation.family for each in matches} == {"gdpr"}
    assert len(matches) == 5


def test_no_words_find_everything_in_order() -> None:
    matches = search_operations("  ")
    assert tuple(each.operation for each in matches) == operations()
    assert {each.score for each in matches} == {0}


def test_what_is_nowhere_finds_nothing() -> None:
    assert search_operations("zzzqx") == []


def test_where_none_has_every_word_those_with_the_most_are_found() -> None:
    matches = search_operations("delete profile zzzqx")
    assert matches[0].operation.id == "ingestion.delete-profile"


def test_a_current_operation_comes_before_one_that_is_not() -> None:
    ids = [each.operation.id for each in search_operations("list")]
    assert ids.index("query.cohorts-list") < ids.index("query.funnels-list-saved")


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("delete profile", ["Delete", "profile"]),
        ("profile delete", ["Delete", "profile"]),
        ("del", ["Del"]),
        ("file delete", ["Delete", "file"]),
        ("profile-delete", ["Delete", "profile"]),
        ("/engage#profile-delete", []),
    ],
)
def test_what_fits_of_the_title_is_marked(words: str, marked: list[str]) -> None:
    every = {each.operation.id: each for each in search_operations(words)}
    matches = every["ingestion.delete-profile"]
    title = matches.operation.title
    assert [title[start:end] for start, end in matches.spans] == marked


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("query.query-jql", "query.query-jql"),
        ("query-jql", "query.query-jql"),
        ("Delete a profile", "ingestion.delete-profile"),
        ("numeric segmentation", "query.segmentation-numeric-query"),
        ("lookup csv", "ingestion.replace-lookup-table"),
        ("get one annotation", "annotations.get-annotation"),
        ("gdpr", None),
        ("delete", None),
        ("delete profile zzzqx", None),
        ("", None),
        ("zzzqx", None),
    ],
)
def test_words_that_can_only_mean_one(words: str, id: str | None) -> None:
    matches = find_unambiguous(words)
    assert (matches.id if matches else None) == id


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_an_operation_is_found_by_its_names(operation: Operation) -> None:
    assert find_unambiguous(operation.id) == operation
    assert find_unambiguous(operation.title) == operation
    assert search_operations(operation.title)[0].operation == operation
    for words in operation.synonyms:
        assert operation in [each.operation for each in search_operations(words)[:5]]


@given(st.text(max_size=40))
def test_anything_can_be_looked_for(words: str) -> None:
    for each in search_operations(words):
        end = 0
        for start, stop in each.spans:
            assert end <= start < stop <= len(each.operation.title)
            end = stop
