from __future__ import annotations

import base64

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.sandbox.conftest import SA, Connect

PS = (identity.PROJECT_SECRET, "")
TB = (identity.PROJECT_TOKEN, "")
WRONG = ("nobody", "wrong")
PROJECT = {"project_id": identity.PROJECT_ID}
DAYS = {"from_date": "2026-01-01", "to_date": "2026-01-02"}
FUNNELS = "/api/query/funnels/list"
EXPORT = "/api/2.0/export"
SCHEMAS = f"/api/app/projects/{identity.PROJECT_ID}/schemas"
JOBS = "/api/2.0/nessie/pipeline/jobs"
FLAGS = '/flags?context={"distinct_id":"ada"}'
Auth = tuple[str, str] | None


@pytest.fixture
def bare(sandbox: RunningSandbox, connect: Connect) -> httpx.Client:
    """A client without credentials or project id."""
    return connect(sandbox, auth=None, project_id="")


@pytest.mark.parametrize(
    ("path", "auth", "params"),
    [
        (FUNNELS, SA, PROJECT),
        (FUNNELS, PS, {}),
        (EXPORT, SA, {**PROJECT, **DAYS}),
        (EXPORT, PS, DAYS),
        (SCHEMAS, SA, {}),
        ("/api/app/me", SA, {}),
        (JOBS, SA, PROJECT),
        (JOBS, PS, {}),
        ("/lookup-tables", SA, PROJECT),
        (FLAGS, SA, PROJECT),
        (FLAGS, TB, {}),
        (FLAGS, PS, {}),
    ],
)
def test_reads_accept_the_credentials_of_the_reference(
    bare: httpx.Client, path: str, auth: Auth, params: dict[str, str]
) -> None:
    url = httpx.URL(path).copy_merge_params(params)
    assert bare.get(url, auth=auth).status_code == 200


@pytest.mark.parametrize(
    ("auth", "params"),
    [(SA, PROJECT), (PS, {}), (TB, {})],
    ids=["service account", "project secret", "project token"],
)
def test_import_accepts_three_kinds_of_basic_credentials(
    bare: httpx.Client, auth: Auth, params: dict[str, str]
) -> None:
    assert bare.post("/import", json=[], auth=auth, params=params).status_code == 200


def test_import_accepts_an_oauth_token(bare: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}
    response = bare.post("/import", json=[], headers=headers, params=PROJECT)
    assert response.status_code == 200


INVALID = {"code": 401, "error": "Invalid credentials", "status": "Unauthorized"}
MISLEADING = {**INVALID, "error": "Unauthorized, invalid project secret"}
APP = {"status": "error", "error": "Invalid service account credentials"}


@pytest.mark.parametrize(
    ("path", "auth", "params", "status", "body"),
    [
        ("/lookup-tables", None, PROJECT, 401, INVALID),
        ("/lookup-tables", WRONG, PROJECT, 401, INVALID),
        ("/lookup-tables", SA, {}, 401, MISLEADING),
        ("/lookup-tables", TB, {}, 401, MISLEADING),
        ("/lookup-tables", SA, {"project_id": "9"}, 401, INVALID),
        (SCHEMAS, None, {}, 401, APP),
        (SCHEMAS, WRONG, {}, 401, APP),
        (SCHEMAS, PS, {}, 401, APP),
        (
            JOBS,
            WRONG,
            PROJECT,
            401,
            {"status": "error", "error": "Unable to authenticate request"},
        ),
        (
            "/api/app/projects/9/schemas",
            SA,
            {},
            403,
            {"status": "error", "error": "You do not have access to this project"},
        ),
        (
            "/api/app/organizations/9/service-accounts",
            SA,
            {},
            403,
            {"status": "error", "error": "You do not have access to this organization"},
        ),
    ],
)
def test_wrong_credentials_get_the_error_of_their_api(
    bare: httpx.Client,
    path: str,
    auth: Auth,
    params: dict[str, str],
    status: int,
    body: dict[str, object],
) -> None:
    response = bare.get(path, auth=auth, params=params)
    assert (response.status_code, response.json()) == (status, body)


@pytest.mark.parametrize(
    ("auth", "params"),
    [(None, PROJECT), (WRONG, PROJECT), (TB, PROJECT), (SA, {})],
    ids=["none", "wrong", "token", "no project id"],
)
@pytest.mark.parametrize("path", [FUNNELS, EXPORT])
def test_query_and_export_refuse_wrong_credentials_with_400(
    bare: httpx.Client, path: str, auth: Auth, params: dict[str, str]
) -> None:
    response = bare.get(path, auth=auth, params=params)
    assert response.status_code == 400
    assert response.json() == {
        "request": response.request.url.raw_path.decode(),
        "error": "Unable to authenticate request",
    }


def test_import_without_project_id_blames_the_project_secret(
    bare: httpx.Client,
) -> None:
    response = bare.post("/import", json=[], auth=SA)
    assert (response.status_code, response.json()) == (401, MISLEADING)


def test_a_foreign_project_id_is_reported_as_one_of_another_cluster(
    bare: httpx.Client,
) -> None:
    response = bare.get(FUNNELS, auth=SA, params={"project_id": "9"})
    assert response.status_code == 400
    assert "invalid project id for cluster" in response.json()["error"]


def test_credentials_may_come_without_base64(bare: httpx.Client) -> None:
    headers = {"Authorization": f"Basic {SA[0]}:{SA[1]}"}
    assert bare.get("/api/app/me", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !",
        "Basic " + base64.b64encode(b"\xff:").decode(),
        "Digest x",
    ],
)
def test_a_broken_authorization_header_is_not_a_credential(
    bare: httpx.Client, header: str
) -> None:
    response = bare.get("/api/app/me", headers={"Authorization": header})
    assert (response.status_code, response.json()) == (401, APP)


def test_gdpr_requires_an_oauth_token_and_the_project_token(bare: httpx.Client) -> None:
    path = "/api/app/data-retrievals/v3.0"
    body = {"distinct_ids": ["ada"]}
    headers = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}
    token = {"token": identity.PROJECT_TOKEN}
    assert bare.post(path, json=body, headers=headers, params=token).status_code == 201
    assert bare.post(path, json=body, headers=headers).status_code == 403
    assert bare.post(path, json=body, auth=SA, params=token).status_code == 401


def test_a_free_plan_may_ingest_but_neither_query_nor_export(
    bare: httpx.Client,
) -> None:
    free = {"project_id": identity.FREE_PROJECT_ID}
    query = bare.get(FUNNELS, auth=SA, params=free)
    assert query.status_code == 402
    message = "Your plan does not allow API calls. Upgrade at mixpanel.com/pricing"
    assert query.json()["error"] == message
    export = bare.get(EXPORT, auth=SA, params={**free, **DAYS})
    assert export.status_code == 402
    assert export.json()["error"].startswith(
        "Your plan does not support raw data export"
    )
    assert bare.post("/import", json=[], auth=SA, params=free).status_code == 200
