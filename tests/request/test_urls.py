"""Every example URL of the card, and every pitfall of a relative URL."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region, base_url
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.request.templates import Values
from mixtui.request.urls import relative_to_known_base, resolve, resolve_base

US = Environment("prod", project_id="1234567", workspace_id="89")
EU = replace(US, name="prod-eu", region=Region.EU)
IN = replace(US, name="prod-in", region=Region.IN)
LITERAL_EU = replace(
    EU,
    hosts={
        Api.INGESTION: "https://api.mixpanel.com",
        Api.QUERY: "https://api.mixpanel.com",
        Api.LEXICON: "https://mixpanel.com/api/app/projects",
    },
)


def url_of(api: Api, url: str, environment: Environment = US) -> str:
    return resolve(Draft(api=api, url=url), Values(environment)).url()


# The card writes {Project ID} in its Lexicon rows; it stands for the project's id.
CARD = [
    ("general", "query", US, "/2.0/jql", "https://mixpanel.com/api/2.0/jql"),
    (
        "Ingestion, standard",
        "ingestion",
        US,
        "/engage#profile-set",
        "https://api.mixpanel.com/engage#profile-set",
    ),
    (
        "Ingestion, EU",
        "ingestion",
        LITERAL_EU,
        "/engage#profile-set",
        "https://api.mixpanel.com/engage#profile-set",
    ),
    (
        "Query, standard",
        "query",
        US,
        "/engage#profile-set",
        "https://api.mixpanel.com/engage#profile-set",
    ),
    (
        "Query, EU",
        "query",
        LITERAL_EU,
        "/engage#profile-set",
        "https://api.mixpanel.com/engage#profile-set",
    ),
    (
        "Lexicon, standard",
        "lexicon",
        US,
        "/{Project ID}/schemas",
        "https://mixpanel.com/api/app/projects/1234567/schemas",
    ),
    (
        "Lexicon, EU",
        "lexicon",
        LITERAL_EU,
        "/{Project ID}/schemas",
        "https://mixpanel.com/api/app/projects/1234567/schemas",
    ),
    (
        "Raw Data Export, standard",
        "export",
        US,
        "",
        "https://data.mixpanel.com/api/2.0/export",
    ),
    (
        "Raw Data Export, EU",
        "export",
        EU,
        "",
        "https://data-eu.mixpanel.com/api/2.0/export",
    ),
    (
        "Data Pipelines, standard",
        "pipelines",
        US,
        "/pipeline/jobs",
        "https://data.mixpanel.com/api/2.0/nessie/pipeline/jobs",
    ),
    (
        "Data Pipelines, EU",
        "pipelines",
        EU,
        "/pipeline/jobs",
        "https://data-eu.mixpanel.com/api/2.0/nessie/pipeline/jobs",
    ),
    (
        "Connectors, standard",
        "connectors",
        US,
        "",
        "https://data.mixpanel.com/api/2.0/export",
    ),
    (
        "Connectors, EU",
        "connectors",
        EU,
        "",
        "https://data-eu.mixpanel.com/api/2.0/export",
    ),
]


@pytest.mark.parametrize(
    ("api", "environment", "relative", "expected"),
    [row[1:] for row in CARD],
    ids=[row[0] for row in CARD],
)
def test_every_example_of_the_card_resolves_to_the_url_it_prints(
    api: str, environment: Environment, relative: str, expected: str
) -> None:
    assert url_of(Api(api), relative, environment) == expected


OFFICIAL = [
    (Api.INGESTION, EU, "/import", "https://api-eu.mixpanel.com/import"),
    (Api.INGESTION, IN, "/import", "https://api-in.mixpanel.com/import"),
    (Api.QUERY, EU, "/query/events", "https://eu.mixpanel.com/api/query/events"),
    (Api.QUERY, IN, "/query/events", "https://in.mixpanel.com/api/query/events"),
    (Api.QUERY, US, "/app/me", "https://mixpanel.com/api/app/me"),
    (Api.APP, US, "/me", "https://mixpanel.com/api/app/me"),
    (Api.APP, IN, "/me", "https://in.mixpanel.com/api/app/me"),
    (
        Api.LEXICON,
        EU,
        "/{projectId}/schemas",
        "https://eu.mixpanel.com/api/app/projects/1234567/schemas",
    ),
    (Api.EXPORT, US, "/", "https://data.mixpanel.com/api/2.0/export/"),
    (
        Api.EXPORT,
        IN,
        "?from_date=2026-01-01",
        "https://data-in.mixpanel.com/api/2.0/export?from_date=2026-01-01",
    ),
    (
        Api.PIPELINES,
        IN,
        "/pipeline/jobs",
        "https://data-in.mixpanel.com/api/2.0/nessie/pipeline/jobs",
    ),
]


@pytest.mark.parametrize(("api", "environment", "relative", "expected"), OFFICIAL)
def test_each_api_has_its_own_host_in_each_region(
    api: Api, environment: Environment, relative: str, expected: str
) -> None:
    assert url_of(api, relative, environment) == expected


def test_connectors_has_no_address_in_india() -> None:
    with pytest.raises(DraftError, match="is not available in the region in") as caught:
        url_of(Api.CONNECTORS, "", IN)
    assert caught.value.field is Field.API


REFUSED = [
    ("no slash", "query/events", "must start with /"),
    ("another host by a dot", ".evil.example/x", "must start with /"),
    ("another host by an at sign", "@evil.example/x", "must start with /"),
    ("scheme", "https://evil.example/x", "another host"),
    ("scheme in capitals", "HTTPS://evil.example/x", "another host"),
    ("javascript", "javascript:alert(1)", "another host"),
    ("two slashes", "//evil.example/x", "another host"),
    ("backslash", "/\\evil.example", "backslash"),
    ("encoded backslash", "/%5Cevil.example", "backslash"),
    ("dot dot", "/../secret", "would leave"),
    ("encoded dot dot", "/%2e%2E/secret", "would leave"),
    ("dot dot behind an encoded slash", "/query%2f..%2Fsecret", "would leave"),
    ("dot dot in the middle", "/query/../../secret", "would leave"),
    ("single dot", "/./query", "would leave"),
    ("doubled slash inside", "/query//events", "contains //"),
    ("half a surrogate pair", "/query/\udce9", "half a surrogate pair"),
    ("tab", "/query\t/events", "control character"),
    ("line feed", "/query\nevents", "control character"),
    ("NUL", "/query\0", "control character"),
    ("encoded line feed", "/query%0aevents", "control character"),
    ("lone brace", "/a{b", "brace"),
    ("query behind the fragment", "/engage#profile-set?verbose=1", "is after the #"),
    ("empty", "", "is empty"),
    ("unclosed template", "/{{today}", "not closed"),
    ("unknown template", "/{{nope}}", "nope"),
]


@pytest.mark.parametrize(
    ("relative", "sentence"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_relative_url_that_cannot_be_sent_is_refused_in_a_sentence(
    relative: str, sentence: str
) -> None:
    with pytest.raises(DraftError, match=sentence) as caught:
        url_of(Api.QUERY, relative)
    assert caught.value.field is Field.URL


SUGGESTED = [
    ("query/events", Api.QUERY, "/query/events"),
    (
        "/engage#profile-set?verbose=1",
        Api.QUERY,
        "/engage?verbose=1#profile-set",
    ),
    (
        "/engage?ip=0#profile-set?verbose=1",
        Api.QUERY,
        "/engage?ip=0&verbose=1#profile-set",
    ),
    ("/engage#profile-set?a={{today}}", Api.QUERY, "/engage?a={{today}}#profile-set"),
    ("https://mixpanel.com/api/x?a={{today}}", Api.QUERY, "/x?a={{today}}"),
    ("https://data.mixpanel.com/api/2.0/export?limit=1", Api.EXPORT, "?limit=1"),
    ("https://eu.mixpanel.com/api/app/projects/1/schemas", Api.LEXICON, "/1/schemas"),
    ("https://mixpanel.com/api/2.0/jql", Api.QUERY, "/2.0/jql"),
]


@pytest.mark.parametrize(("typed", "api", "relative"), SUGGESTED)
def test_the_probably_intended_url_is_suggested(
    typed: str, api: Api, relative: str
) -> None:
    with pytest.raises(DraftError) as caught:
        url_of(Api.QUERY, typed)
    suggestion = caught.value.suggestion
    assert suggestion is not None
    assert (suggestion.api, suggestion.url) == (api, relative)


PLACEHOLDERS = [
    "{Project ID}",
    "{projectId}",
    "{project_id}",
    "{project}",
    "{{project_id}}",
    "{{ project_id }}",
]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_the_project_is_filled_however_it_is_written(placeholder: str) -> None:
    assert url_of(Api.APP, f"/projects/{placeholder}/schemas").endswith(
        "/projects/1234567/schemas"
    )


def test_workspace_and_organization_are_filled_and_a_missing_one_is_named() -> None:
    assert url_of(Api.APP, "/workspaces/{workspace_id}/x").endswith("/89/x")
    with pytest.raises(DraftError, match="no organization_id"):
        url_of(Api.APP, "/organizations/{organizationId}/service-accounts")


def test_any_placeholder_is_filled_from_a_variable_of_its_name() -> None:
    environment = replace(US, variables={"importId": "42"})
    assert url_of(Api.APP, "/imports/{importId}", environment).endswith("/imports/42")


def test_a_value_can_never_change_the_path_it_is_put_into() -> None:
    environment = replace(US, variables={"name": "a b?c#d/é"})
    assert url_of(Api.APP, "/x/{{name}}", environment).endswith(
        "/x/a%20b%3Fc%23d%2F%C3%A9"
    )


ESCAPED = [
    ("/query/events?event=%5B%22a%22%5D", "?event=%5B%22a%22%5D"),
    ('/query/events?event=["a","b"]', "?event=%5B%22a%22,%22b%22%5D"),
    ("/query/x?a=1&a=2&b", "?a=1&a=2&b"),
    ("/query/x?a=100%", "?a=100%25"),
    ("/query/x?a=1+2", "?a=1+2"),
    ("/query/x?f={%22id%22:1}", "?f=%7B%22id%22:1%7D"),
    ("/engage%23profile-set", "/engage%23profile-set"),
]


@pytest.mark.parametrize(("typed", "suffix"), ESCAPED)
def test_a_typed_query_is_escaped_only_where_necessary(typed: str, suffix: str) -> None:
    assert url_of(Api.QUERY, typed).endswith(suffix)


def test_a_known_fragment_moves_the_request_to_ingestion_with_a_notice() -> None:
    draft = Draft(api=Api.QUERY, url="/engage#profile-set")
    target = resolve(draft, Values(EU))
    assert target.url() == "https://api-eu.mixpanel.com/engage#profile-set"
    assert "Ingestion" in target.notices[0]


def test_another_fragment_stays_where_it_is() -> None:
    assert url_of(Api.QUERY, "/query/x#top").startswith("https://mixpanel.com/api/")


HOSTS = [
    ("http://127.0.0.1:8080", Api.QUERY, "http://127.0.0.1:8080/api/query/x", False),
    (
        "http://127.0.0.1:8080/eu/api",
        Api.QUERY,
        "http://127.0.0.1:8080/eu/api/query/x",
        False,
    ),
    (
        "https://proxy.example.com/",
        Api.QUERY,
        "https://proxy.example.com/api/query/x",
        True,
    ),
    (
        "https://proxy.example.com",
        Api.INGESTION,
        "https://proxy.example.com/query/x",
        True,
    ),
]


@pytest.mark.parametrize(("override", "api", "expected", "warned"), HOSTS)
def test_a_host_override_replaces_host_or_base_and_warns(
    override: str, api: Api, expected: str, warned: bool
) -> None:
    environment = replace(US, hosts={api: override})
    target = resolve(Draft(api=api, url="/query/x"), Values(environment))
    assert target.url() == expected
    assert bool(target.notices) == warned


@pytest.mark.parametrize(
    "override",
    [
        "ftp://x",
        "example.com",
        "https://",
        "https://u:p@x",
        "https://:p@x",
        "https://x?a=1",
        "https://x:99999",
        "https://[x",
    ],
)
def test_an_invalid_host_override_is_refused(override: str) -> None:
    environment = replace(US, hosts={Api.QUERY: override})
    with pytest.raises(DraftError) as caught:
        resolve_base(Api.QUERY, environment)
    assert caught.value.field is Field.ENVIRONMENT


@given(st.text(), st.sampled_from(list(Api)), st.sampled_from(list(Region)))
def test_any_typed_url_stays_on_the_host_and_below_the_base(
    typed: str, api: Api, region: Region
) -> None:
    environment = replace(US, region=region, variables={"v": typed})
    for url in (typed, f"/{typed}", "/{{v}}"):
        try:
            target = resolve(Draft(api=api, url=url), Values(environment))
        except DraftError:
            continue
        base = urlsplit(base_url(target.api, region) or "")
        final = urlsplit(target.url())
        assert (final.scheme, final.netloc) == (base.scheme, base.netloc)
        assert final.path.startswith(base.path)
        assert ".." not in final.path.split("/")
        assert target.url().isascii() or target.fragment


def test_a_complete_mixpanel_url_is_split_into_api_region_and_path() -> None:
    assert relative_to_known_base("https://api-in.mixpanel.com/track") == (
        Api.INGESTION,
        Region.IN,
        "/track",
    )
    assert relative_to_known_base("https://example.com/track") is None
    assert relative_to_known_base("https://mixpanel.company/x") is None
