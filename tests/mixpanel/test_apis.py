"""The base URLs: each host as Mixpanel's reference prints it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from mixtui.mixpanel.apis import SERVICES, Api, Region, base_url, is_ingestion_fragment

WEB = ("mixpanel.com", "eu.mixpanel.com", "in.mixpanel.com")
DATA = ("data.mixpanel.com", "data-eu.mixpanel.com", "data-in.mixpanel.com")
INGESTION = ("api.mixpanel.com", "api-eu.mixpanel.com", "api-in.mixpanel.com")
BASES = [
    (Api.INGESTION, INGESTION, ""),
    (Api.QUERY, WEB, "/api"),
    (Api.LEXICON, WEB, "/api/app/projects"),
    (Api.EXPORT, DATA, "/api/2.0/export"),
    (Api.PIPELINES, DATA, "/api/2.0/nessie"),
    (Api.APP, WEB, "/api/app"),
]


@pytest.mark.parametrize(("api", "hosts", "path"), BASES)
def test_each_api_has_its_base_in_each_region(
    api: Api, hosts: tuple[str, ...], path: str
) -> None:
    bases = [base_url(api, region) for region in (Region.US, Region.EU, Region.IN)]
    assert bases == [f"https://{host}{path}" for host in hosts]


def test_connectors_has_the_address_of_the_card_and_none_in_india() -> None:
    assert base_url(Api.CONNECTORS, Region.US) == base_url(Api.EXPORT, Region.US)
    assert base_url(Api.CONNECTORS, Region.EU) == base_url(Api.EXPORT, Region.EU)
    assert base_url(Api.CONNECTORS, Region.IN) is None


def test_every_base_is_https_and_ends_without_a_slash() -> None:
    for api in Api:
        for region in Region:
            base = base_url(api, region) or "https://mixpanel.com"
            assert urlsplit(base).scheme == "https"
            assert not base.endswith("/")


def test_every_api_has_a_label_and_a_server() -> None:
    assert all(api.label for api in Api)
    assert set(SERVICES) == set(Api)


FRAGMENTS = [
    ("profile-set", True),
    ("profile-batch-update", True),
    ("group-unset", True),
    ("create-identity", True),
    ("identity-create-alias", True),
    ("", False),
    ("top", False),
    ("profile", False),
    ("create-identity-x", False),
]


@pytest.mark.parametrize(("fragment", "known"), FRAGMENTS)
def test_the_fragments_of_ingestion_are_known(fragment: str, known: bool) -> None:
    assert is_ingestion_fragment(fragment) is known
