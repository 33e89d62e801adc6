"""The table of endpoints: whole, total, and right about what writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.mixpanel.apis import CredentialKind, Service
from mixtui.mixpanel.endpoints import Safety, find_endpoint
from mixtui.model.draft import BodyType, Method

INGESTION, WEB, DATA = Service.INGESTION, Service.WEB, Service.DATA

FOUND = [
    (INGESTION, "POST", "/import", "Import events"),
    (INGESTION, "POST", "/import/", "Import events"),
    (INGESTION, "POST", "/track", "Track events"),
    (INGESTION, "POST", "/engage", "Change user profiles"),
    (INGESTION, "POST", "/groups", "Change group profiles"),
    (INGESTION, "GET", "/lookup-tables", "Lookup tables"),
    (INGESTION, "PUT", "/lookup-tables/abc", "Lookup tables"),
    (INGESTION, "GET", "/flags", "Feature flag evaluation"),
    (INGESTION, "GET", "/flags/definitions", "Feature flag evaluation"),
    (INGESTION, "GET", "/importx", "Ingestion"),
    (WEB, "POST", "/api/query/jql", "Query (form)"),
    (WEB, "POST", "/api/query/engage", "Query (form)"),
    (WEB, "GET", "/api/query/events/names", "Query"),
    (WEB, "POST", "/api/2.0/jql", "Query (older form)"),
    (WEB, "GET", "/api/2.0/funnels", "Query (older prefix)"),
    (WEB, "POST", "/api/app/data-deletions/v3.0/", "GDPR"),
    (WEB, "GET", "/api/app/data-retrievals/v3.0/1", "GDPR"),
    (WEB, "GET", "/api/app/me", "App"),
    (WEB, "POST", "/api/app/projects/1/schemas", "App"),
    (WEB, "GET", "/api/jql", "Query"),
    (DATA, "GET", "/api/2.0/export", "Raw export"),
    (DATA, "GET", "/api/2.0/export/", "Raw export"),
    (DATA, "GET", "/api/2.0/nessie/pipeline/jobs", "Data Pipelines"),
    (DATA, "GET", "/anything", "Data"),
]


@pytest.mark.parametrize(("service", "method", "path", "title"), FOUND)
def test_a_path_is_known_by_its_family(
    service: Service, method: str, path: str, title: str
) -> None:
    assert find_endpoint(service, method, path).title == title


SAFETY = [
    (INGESTION, "POST", "/import", Safety.WRITE),
    (INGESTION, "POST", "/engage", Safety.WRITE),
    (INGESTION, "GET", "/track", Safety.WRITE),
    (INGESTION, "GET", "/lookup-tables", Safety.READ),
    (INGESTION, "PUT", "/lookup-tables/a", Safety.WRITE),
    (INGESTION, "GET", "/flags", Safety.READ),
    (INGESTION, "POST", "/flags/", Safety.READ),
    (INGESTION, "GET", "/flags/unknown", Safety.WRITE),
    (WEB, "POST", "/api/query/engage", Safety.READ),
    (WEB, "POST", "/api/query/jql", Safety.READ),
    (WEB, "POST", "/api/query/unknown", Safety.WRITE),
    (WEB, "GET", "/api/2.0/annotations", Safety.READ),
    (WEB, "GET", "/api/2.0/annotations/create", Safety.WRITE),
    (DATA, "GET", "/api/2.0/nessie/pipeline/unknown", Safety.WRITE),
    (WEB, "POST", "/api/2.0/jql", Safety.READ),
    (WEB, "DELETE", "/api/query/events", Safety.WRITE),
    (WEB, "POST", "/api/app/projects/1/schemas", Safety.WRITE),
    (WEB, "GET", "/api/app/projects/1/schemas", Safety.READ),
    (WEB, "POST", "/api/app/data-retrievals/v3.0", Safety.WRITE),
    (DATA, "GET", "/api/2.0/export", Safety.READ),
    (DATA, "POST", "/api/2.0/nessie/pipeline/create", Safety.WRITE),
]


@pytest.mark.parametrize(("service", "method", "path", "safety"), SAFETY)
def test_what_writes_is_known(
    service: Service, method: str, path: str, safety: Safety
) -> None:
    assert find_endpoint(service, method, path).safety(method) is safety


@given(st.sampled_from(list(Service)), st.sampled_from(list(Method)), st.text())
def test_every_path_has_an_endpoint(
    service: Service, method: Method, path: str
) -> None:
    endpoint = find_endpoint(service, method, f"/{path}")
    assert endpoint.service is service
    assert endpoint.credentials
    assert set(endpoint.credentials) <= set(CredentialKind)
    assert endpoint.body in ("", *BodyType)
    assert endpoint.timeout >= 120


def test_a_raw_export_may_take_ten_minutes() -> None:
    assert find_endpoint(DATA, "GET", "/api/2.0/export").timeout == 600
    assert find_endpoint(WEB, "GET", "/api/query/events").timeout == 120
