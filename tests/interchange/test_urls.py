from __future__ import annotations

import pytest

from mixtui.interchange.urls import import_url, parse_url, query_rows
from mixtui.mixpanel.apis import Api, CredentialKind, Region, base_url
from mixtui.model.draft import Draft, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.model.secrets import FromVariable, Secret


@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize(
    ("api", "path"),
    [
        (Api.INGESTION, "/import"),
        (Api.INGESTION, "/engage#profile-set"),
        (Api.INGESTION, "/flags/definitions"),
        (Api.QUERY, "/query/events"),
        (Api.QUERY, "/2.0/jql"),
        (Api.LEXICON, "/12/schemas/event"),
        (Api.LEXICON, "/{projectId}/schemas"),
        (Api.EXPORT, ""),
        (Api.EXPORT, "/"),
        (Api.PIPELINES, "/pipeline/jobs"),
        (Api.APP, "/projects/12/annotations"),
        (Api.APP, "/organizations/5/service-accounts"),
        (Api.APP, "/me"),
    ],
)
def test_every_address_of_an_api_is_known(api: Api, path: str, region: Region) -> None:
    base = base_url(api, region)
    assert base is not None
    located = parse_url(base + path)
    assert (located.api, located.region, located.url) == (api, region, path)


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://MIXPANEL.COM/api/query/events?limit=1",
        "http://mixpanel.com/api/query/events?limit=1",
        "http://mixpanel.com:80/api/query/events?limit=1",
        "https://mixpanel.com:443/api/query/events?limit=1",
        "https://mixpanel.com./api/query/events?limit=1",
        "https://www.mixpanel.com/api/query/events?limit=1",
        "https://me:x@mixpanel.com/api/query/events?limit=1",
        "mixpanel.com/api/query/events?limit=1",
        "//mixpanel.com/api/query/events?limit=1",
        "  https://mixpanel.com/api/query/events?limit=1\n",
    ],
)
def test_spellings_of_a_url_mean_the_same(url: str) -> None:
    located = parse_url(url)
    assert (located.api, located.region) == (Api.QUERY, Region.US)
    assert located.url == "/query/events"
    assert located.query == (Pair("limit", "1"),)


def test_plain_http_is_reported() -> None:
    assert "https" in parse_url("http://api.mixpanel.com/track").notes[0]


def test_a_password_in_front_of_the_host_is_a_credential() -> None:
    (credential,) = parse_url("https://ci.x:p%40ss@mixpanel.com/api/app/me").credentials
    assert credential.kind is CredentialKind.SERVICE_ACCOUNT
    assert (credential.username, credential.secret) == ("ci.x", Secret("p@ss"))
    assert "p@ss" not in repr(credential)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", ()),
        ("a=1&b=x%20y&a=2", (("a", "1"), ("b", "x y"), ("a", "2"))),
        ("event=%5B%22Sign+up%22%5D", (("event", '["Sign up"]'),)),
        ("a=", (("a", ""),)),
        ("a={{today}}", (("a", "{{today}}"),)),
        ("a", None),
        ("=1", None),
        ("a=%ff", None),
        ("a=%7B%7Bx%7D%7D", (("a", r"\{{x}}"),)),
    ],
)
def test_a_query_becomes_rows_where_they_say_the_same(
    query: str, rows: tuple[tuple[str, str], ...] | None
) -> None:
    expected = None if rows is None else tuple(Pair(*row) for row in rows)
    assert query_rows(query) == expected


@pytest.mark.parametrize(
    ("url", "api", "relative"),
    [
        ("https://{regionAndDomain}.com/api/query/engage", Api.QUERY, "/query/engage"),
        ("https://{regionAndDomain}.com/flags", Api.INGESTION, "/flags"),
        ("https://{region}.mixpanel.com/track", Api.INGESTION, "/track"),
        ("https://{server}.mixpanel.com/api/2.0/export", Api.EXPORT, ""),
        (
            "https://{server}.mixpanel.com/api/2.0/nessie/pipeline/jobs",
            Api.PIPELINES,
            "/pipeline/jobs",
        ),
        (
            "https://<region>.mixpanel.com/api/app/projects/{projectId}/schemas",
            Api.LEXICON,
            "/{projectId}/schemas",
        ),
        ("{{baseUrl}}/import?a=1", Api.INGESTION, "/import"),
        (r"https://\{{host}}/import", Api.INGESTION, "/import"),
        ("https://{{env:MP_HOST}}/import", Api.INGESTION, "/import"),
        ("{host}/engage#profile-set", Api.INGESTION, "/engage#profile-set"),
    ],
)
def test_a_host_with_a_variable_leaves_the_region_open(
    url: str, api: Api, relative: str
) -> None:
    parsed = parse_url(url)
    assert (parsed.api, parsed.url, parsed.region) == (api, relative, None)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://evil.{x}.com/import", "is not a Mixpanel host."),
        ("https://{x}.mixpanel.com.evil.com/import", "is not a Mixpanel host."),
        ("https://{x}@evil.com/import", "is not a Mixpanel host."),
        ("https://{server}.mixpanel.com/nowhere", "no Mixpanel API has the path"),
    ],
)
def test_a_host_with_a_variable_is_one_of_mixpanels_own(url: str, reason: str) -> None:
    with pytest.raises(InterchangeError, match=reason):
        parse_url(url)


def test_what_a_url_leaves_to_the_environment_is_reported() -> None:
    imported = import_url("https://{x}.com/api/app/projects/{projectId}/me/", Draft())
    assert imported.draft.url == "/projects/{projectId}/me/"
    assert imported.notes == (
        "The host does not determine the region: that of the environment is used.",
        "The environment fills in {projectId} in the path.",
    )


def test_blanks_of_web_pages_in_a_url_are_normalized_and_reported() -> None:
    parsed = parse_url("\u00a0https://mixpanel.com/api/query\u200b/events?a=b\u00a0c")
    assert parsed.url == "/query/events"
    assert parsed.query == (Pair("a", "b c"),)
    (note,) = parsed.notes
    assert "U+200B (zero width space), U+00A0 (no-break space)" in note


@pytest.mark.parametrize("separator", ["&amp;", "&AMP;", "&#38;", "&#x26;"])
def test_an_ampersand_of_the_source_of_a_page_is_read_and_reported(
    separator: str,
) -> None:
    url = "https://mixpanel.com/api/query/events?type=general&unit=day"
    parsed = parse_url(url.replace("&", separator))
    assert parsed.query == (Pair("type", "general"), Pair("unit", "day"))
    (note,) = parsed.notes
    assert "The HTML entity &amp;" in note
    assert parse_url(url).notes == ()


def test_a_user_beside_an_open_host_is_a_credential() -> None:
    parsed = parse_url("https://ci.x:{{env:PW}}@{server}.com/api/app/me")
    (credential,) = parsed.credentials
    assert (credential.username, credential.secret) == ("ci.x", FromVariable("PW"))


def test_known_placeholders_of_a_pasted_url_become_templates() -> None:
    url = "https://{server}.com/api/query/insights?project_id={projectId}&x=<string>"
    imported = import_url(url, Draft())
    assert imported.draft.query == (
        Pair("project_id", "{{project_id}}"),
        Pair("x", "<string>"),
    )
    assert imported.notes == (
        "The host does not determine the region: that of the environment is used.",
        "{projectId} was replaced by {{project_id}}.",
        "To be filled in: <string>.",
    )


def test_a_query_that_cannot_be_rows_stays_in_the_url() -> None:
    located = parse_url("https://api.mixpanel.com/track?flag&a=1#x")
    assert located.url == "/track?flag&a=1#x"
    assert located.query == ()


@pytest.mark.parametrize(
    ("url", "project"),
    [
        ("https://mixpanel.com/api/query/events?project_id=12", "12"),
        ("https://mixpanel.com/api/app/projects/12/schemas", "12"),
        ("https://eu.mixpanel.com/api/app/projects/12/annotations/3", "12"),
        ("https://eu.mixpanel.com/api/app/projects/{projectId}/annotations", ""),
        ("https://mixpanel.com/api/app/organizations/12/service-accounts", ""),
        ("https://api.mixpanel.com/12/x", ""),
        ("https://mixpanel.com/api/query/events?project_id={{p}}", ""),
    ],
)
def test_the_project_id_is_extracted(url: str, project: str) -> None:
    assert parse_url(url).project_id == project


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://example.com/api/query/events", "is not a Mixpanel host."),
        (
            "https://mixpanel.com.example.com/api/query/events",
            "is not a Mixpanel host.",
        ),
        ("https://mixpanel.com@example.com/api/", "is not a Mixpanel host."),
        ("https://platform-us.mixpanel.com/x", "does not serve an HTTP API"),
        ("https://mixpanel.com:8443/api/query/events", "port 8443"),
        ("https://mixpanel.com/project/12/view/34/app/insights", "Mixpanel's website"),
        ("https://mixpanel.com/apiary", "Mixpanel's website"),
        ("https://data.mixpanel.com/api/2.0/exports", "not part of a known API"),
        ("ftp://mixpanel.com/api", "ftp"),
        ("https://", "does not have a host"),
        ("https://[::1/x", "does not have a host"),
        ("https://mixpanel.com:99999/api", "does not have a host"),
    ],
)
def test_another_address_is_rejected_with_a_message(url: str, reason: str) -> None:
    with pytest.raises(InterchangeError, match=reason):
        parse_url(url)


def test_no_error_shows_a_password() -> None:
    for url in ("https://me:geheim@[x/", "https://me:geheim@example.com/"):
        with pytest.raises(InterchangeError) as error:
            parse_url(url)
        assert "geheim" not in str(error.value)


def test_a_path_that_the_host_of_an_environment_lacks_is_not_called_mixpanels() -> None:
    mine = Environment("mine", hosts={Api.QUERY: "http://localhost:8000"})
    with pytest.raises(InterchangeError) as caught:
        parse_url("http://localhost:8000/page", [mine])
    assert str(caught.value) == (
        "/page on localhost is not part of the API query of the environment mine. "
        "Paths there start with /api/."
    )


def test_the_hosts_of_an_environment_are_accepted() -> None:
    proxied = Environment(
        "proxied",
        Region.EU,
        hosts={
            Api.QUERY: "http://127.0.0.1:8080",
            Api.INGESTION: "https://events.example.com/mp",
        },
    )
    located = parse_url("http://127.0.0.1:8080/api/query/events", (proxied,))
    assert (located.api, located.region, located.url, located.environment) == (
        Api.QUERY,
        Region.EU,
        "/query/events",
        "proxied",
    )
    assert parse_url("https://events.example.com/mp/track", (proxied,)).url == "/track"
    with pytest.raises(InterchangeError):
        parse_url("https://events.example.com/other", (proxied,))


@pytest.mark.parametrize(
    "written",
    ["<project-id>", "<projectId>", ":projectId", "[project_id]", "%7BprojectId%7D"],
)
def test_an_id_that_is_marked_in_any_way_becomes_a_template(written: str) -> None:
    url = (
        f"https://mixpanel.com/api/app/projects/{written}/schemas?project_id={written}"
    )
    imported = import_url(url, Draft())
    assert imported.draft.url == "/{{project_id}}/schemas"
    assert imported.draft.query[0].value == "{{project_id}}"
    assert any("was replaced by {{project_id}}" in note for note in imported.notes)
    other = import_url("https://mixpanel.com/api/query/x/:id/{projectId}", Draft())
    assert other.draft.url == "/query/x/:id/{projectId}"
