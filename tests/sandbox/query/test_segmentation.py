from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.helpers import VISITS, import_rows, query_api


@pytest.fixture
def visits(empty_client: httpx.Client) -> httpx.Client:
    import_rows(empty_client, VISITS)
    return empty_client


def test_segmentation_splits_and_filters(visits: httpx.Client) -> None:
    response = query_api(
        visits, "/segmentation", event="Visit", on='properties["plan"]'
    )
    assert response["legend_size"] == 3
    assert response["data"]["values"] == {
        "free": {"2026-03-16": 1, "2026-03-18": 1},
        "pro": {"2026-03-16": 2},
        "undefined": {"2026-03-18": 1},
    }
    filtered = query_api(
        visits, "/segmentation", event="Visit", where='properties["n"] > 2'
    )
    assert filtered["data"]["values"] == {"Visit": {"2026-03-16": 1, "2026-03-18": 1}}


def test_the_dates_of_a_segmentation_are_complete_and_not_in_order(
    visits: httpx.Client,
) -> None:
    series = query_api(visits, "/segmentation", event="Visit")["data"]["series"]
    assert sorted(series) == ["2026-03-16", "2026-03-17", "2026-03-18"]
    assert series != sorted(series)


def test_segmentation_by_days_and_with_a_limit(visits: httpx.Client) -> None:
    response = query_api(visits, "/segmentation", event="Visit", interval=2)
    assert response["data"]["values"]["Visit"] == {"2026-03-16": 3, "2026-03-18": 2}
    top = query_api(
        visits, "/segmentation", event="Visit", on='properties["plan"]', limit=1
    )
    assert list(top["data"]["values"]) == ["free"]


def test_an_expression_may_read_the_profile(visits: httpx.Client) -> None:
    record = {
        "$token": identity.PROJECT_TOKEN,
        "$distinct_id": "ada",
        "$set": {"vip": True},
    }
    visits.post("/engage", json=[record])
    response = query_api(visits, "/segmentation", event="Visit", where='user["vip"]')
    assert response["data"]["values"]["Visit"] == {"2026-03-16": 2}


def test_numbers_are_counted_by_ranges(visits: httpx.Client) -> None:
    response = query_api(
        visits, "/segmentation/numeric", event="Visit", on='properties["n"]'
    )
    assert response["data"]["values"] == {
        "0 - 2": {"2026-03-16": 1},
        "2 - 4": {"2026-03-16": 2},
        "14 - 16": {"2026-03-18": 1},
    }
    assert response["legend_size"] == 3


def test_sums_and_averages_count_other_values_as_0(visits: httpx.Client) -> None:
    parameters = {"event": "Visit", "on": 'properties["n"]'}
    total = query_api(visits, "/segmentation/sum", **parameters)
    assert total["status"] == "ok"
    assert total["results"] == {"2026-03-18": 14, "2026-03-17": 0, "2026-03-16": 6}
    average = query_api(visits, "/segmentation/average", **parameters)
    assert average["results"] == {"2026-03-18": 7, "2026-03-17": 0, "2026-03-16": 2}


@pytest.mark.parametrize("numbers", [(0, 0), (0, 5e-324)])
def test_numbers_without_a_spread_are_in_one_range(
    empty_client: httpx.Client, numbers: tuple[float, float]
) -> None:
    import_rows(
        empty_client, [("Same", "ada", "2026-03-16 09:00", {"n": n}) for n in numbers]
    )
    response = query_api(
        empty_client, "/segmentation/numeric", event="Same", on='properties["n"]'
    )
    assert response["data"]["values"] == {"0 - 1": {"2026-03-16": 2}}
