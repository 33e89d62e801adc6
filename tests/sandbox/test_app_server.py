from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from mixtui.sandbox import identity
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.conftest import NOW, Connect

PROJECT = f"/api/app/projects/{identity.PROJECT_ID}"
SCHEMAS = f"{PROJECT}/schemas"
ANNOTATIONS = f"{PROJECT}/annotations"
IMPORTS = f"{PROJECT}/warehouse-sources/imports"
ACCOUNTS = f"/api/app/organizations/{identity.ORGANIZATION_ID}/service-accounts"
PIPELINE = "/api/2.0/nessie/pipeline"


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"status", "error"}
    assert body["status"] == "error"
    return str(body["error"])


def entry(name: str, entity_type: str = "event") -> dict[str, object]:
    schema = {"description": name, "properties": {"n": {"type": "number"}}}
    return {"entityType": entity_type, "name": name, "schemaJson": schema}


def names(answer: Any) -> list[str]:
    assert answer["status"] == "ok"
    return [row["name"] for row in answer["results"]]


class TestSchemas:
    def test_many_are_uploaded_listed_and_replaced(self, empty: httpx.Client) -> None:
        body = {"entries": [entry("A"), entry("B"), entry("$user", "profile")]}
        first = ok(empty.post(SCHEMAS, json=body))
        assert first == {"results": {"added": 3, "deleted": 0}, "status": "ok"}
        assert names(ok(empty.get(SCHEMAS))) == ["A", "B", "$user"]
        assert names(ok(empty.get(f"{SCHEMAS}/event"))) == ["A", "B"]
        only = ok(empty.get(f"{SCHEMAS}/event", params={"entity_name": "B"}))
        assert only["results"] == [entry("B")]
        truncated = ok(
            empty.post(SCHEMAS, json={"entries": [entry("C")], "truncate": True})
        )
        assert truncated["results"] == {"added": 1, "deleted": 3}
        assert names(ok(empty.get(SCHEMAS))) == ["C"]

    @pytest.mark.parametrize("name", ["Added To Cart", "a/b", "ü?#%"])
    def test_one_is_written_read_and_deleted_whatever_its_name(
        self, empty: httpx.Client, name: str
    ) -> None:
        url = f"{SCHEMAS}/event/" + httpx.URL("").copy_with(params={"": name}).query[
            1:
        ].decode().replace("+", "%20")
        schema = entry(name)["schemaJson"]
        assert ok(empty.post(url, json=schema)) == {"status": "ok"}
        assert ok(empty.get(url)) == schema
        assert ok(empty.delete(url)) == {
            "results": {"delete_count": 1},
            "status": "ok",
        }
        assert ok(empty.delete(url))["results"] == {"delete_count": 0}
        assert name in refused(empty.get(url), 404)

    def test_a_type_or_all_are_deleted(self, empty: httpx.Client) -> None:
        body = {"entries": [entry("A"), entry("B"), entry("$user", "profile")]}
        empty.post(SCHEMAS, json=body)
        one = empty.delete(f"{SCHEMAS}/event", params={"entity_name": "A"})
        assert ok(one)["results"] == {"delete_count": 1}
        assert ok(empty.delete(f"{SCHEMAS}/event"))["results"] == {"delete_count": 1}
        assert ok(empty.delete(SCHEMAS))["results"] == {"delete_count": 1}

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ([], "must be an object"),
            ({}, "'entries' is required"),
            ({"entries": [1]}, "each entry must be an object"),
            ({"entries": [{"name": "x"}]}, "'entityType' is required"),
            ({"entries": [{**entry("x"), "entityType": "x"}]}, "event or profile"),
            ({"entries": [{**entry("x"), "schemaJson": 1}]}, "'schemaJson'"),
            (
                {"entries": [{**entry("x"), "schemaJson": {"properties": {"n": {}}}}]},
                "'n' needs a type",
            ),
        ],
        ids=lambda item: str(item)[:30],
    )
    def test_a_wrong_schema_is_refused_and_nothing_is_stored(
        self, empty: httpx.Client, body: object, words: str
    ) -> None:
        assert words in refused(empty.post(SCHEMAS, json=body), 400)
        assert names(ok(empty.get(SCHEMAS))) == []

    def test_an_unknown_type_is_refused(self, client: httpx.Client) -> None:
        assert "event or profile" in refused(client.get(f"{SCHEMAS}/thing"), 400)


class TestAnnotations:
    def test_one_is_made_read_changed_and_deleted(self, still: httpx.Client) -> None:
        tag = ok(still.post(f"{ANNOTATIONS}/tags", json={"name": "sale"}))
        assert tag == {
            "id": 2,
            "name": "sale",
            "project_id": int(identity.PROJECT_ID),
            "has_annotations": False,
        }
        body = {"date": "2026-03-01 12:00:00", "description": "Sale", "tags": [2]}
        made = ok(still.post(ANNOTATIONS, json=body), 201)
        assert made == {
            "status": "ok",
            "results": {
                "id": 3,
                "date": "2026-03-01 12:00:00",
                "description": "Sale",
                "tags": [{"id": 2, "name": "sale"}],
                "user": {"id": 1, "first_name": "Sandbox", "last_name": "Service"},
            },
        }
        one = f"{ANNOTATIONS}/3"
        assert ok(still.get(one)) == made
        changed = ok(still.patch(one, json={"description": "Big sale"}))["results"]
        assert (changed["description"], changed["date"]) == (
            "Big sale",
            "2026-03-01 12:00:00",
        )
        assert ok(still.get(f"{ANNOTATIONS}/tags"))[1]["has_annotations"] is True
        assert ok(still.delete(one)) == {"status": "ok", "results": {"id": 3}}
        assert "3" in refused(still.get(one), 404)

    def test_they_are_listed_between_two_days(self, still: httpx.Client) -> None:
        assert len(ok(still.get(ANNOTATIONS))["results"]) == 2
        late = {"fromDate": "2026-03-12", "toDate": "2026-03-12"}
        (found,) = ok(still.get(ANNOTATIONS, params=late))["results"]
        assert found["description"] == "Spring sale begins"

    def test_tags_are_a_bare_list(self, client: httpx.Client) -> None:
        assert ok(client.get(f"{ANNOTATIONS}/tags"))[0]["name"] == "release"

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"description": "x"}, "'date' is required"),
            ({"date": "2026-03-01"}, "must be YYYY-MM-DD HH:mm:ss"),
            ({"date": "2026-03-01 10:00:00"}, "'description' is required"),
            (
                {"date": "2026-03-01 10:00:00", "description": "x", "tags": [99]},
                "ids of existing tags",
            ),
            (
                {"date": "2026-03-01 10:00:00", "description": "x", "tags": [{}]},
                "ids of existing tags",
            ),
        ],
        ids=lambda item: str(item)[:30],
    )
    def test_a_wrong_one_is_refused(
        self, client: httpx.Client, body: object, words: str
    ) -> None:
        assert words in refused(client.post(ANNOTATIONS, json=body), 400)

    @pytest.mark.parametrize("body", ["", "{", "[]", '"x"'])
    def test_a_body_that_is_no_object_is_refused(
        self, client: httpx.Client, body: str
    ) -> None:
        answer = client.post(ANNOTATIONS, content=body)
        assert "Invalid JSON body" in refused(answer, 400)


class TestAccounts:
    def test_me_names_projects_and_workspaces_by_id(self, client: httpx.Client) -> None:
        results = ok(client.get("/api/app/me"))["results"]
        assert set(results["organizations"]) == {identity.ORGANIZATION_ID}
        project = results["projects"][identity.PROJECT_ID]
        assert (project["name"], project["timezone"]) == ("Sandbox shop", "UTC")
        assert set(results["workspaces"]) == {identity.WORKSPACE_ID}

    def test_workspaces_are_listed(self, client: httpx.Client) -> None:
        answer = ok(client.get(f"{PROJECT}/workspaces/public"))
        assert answer["results"][0]["id"] == int(identity.WORKSPACE_ID)

    def test_a_new_account_shows_its_secret_once(self, empty: httpx.Client) -> None:
        made = ok(empty.post(ACCOUNTS, json={"username": "ci"}), 201)["results"]
        assert made["token"]
        listed = ok(empty.get(ACCOUNTS))["results"]
        assert [row["username"] for row in listed] == [
            identity.SERVICE_ACCOUNT,
            made["username"],
        ]
        one = f"{ACCOUNTS}/{made['id']}"
        shown = {key: value for key, value in made.items() if key != "token"}
        assert ok(empty.get(one)) == shown
        assert ok(empty.delete(one)) == {"status": "ok"}
        refused(empty.get(one), 404)
        refused(empty.delete(one), 404)

    def test_the_sandbox_keeps_its_own_account(self, client: httpx.Client) -> None:
        assert "its own" in refused(client.delete(f"{ACCOUNTS}/1"), 400)
        members = ok(client.get(f"{PROJECT}/service-accounts"))["results"]
        assert members[0]["role"] == "owner"


class TestGdpr:
    OAUTH = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}

    @pytest.fixture
    def later(self, new_sandbox: NewSandbox, connect: Connect) -> Any:
        """A client, and a function that moves the clock."""
        moved = [timedelta()]

        def clock() -> datetime:
            return NOW + moved[0]

        client = connect(new_sandbox(clock=clock, with_sample=False), auth=None)
        client.headers.update(self.OAUTH)

        def move() -> None:
            moved[0] += timedelta(minutes=2)

        return client, move

    def url(self, kind: str, job: str = "") -> str:
        return f"/api/app/data-{kind}/v3.0{job}?token={identity.PROJECT_TOKEN}"

    def test_a_retrieval_ends_with_a_link(self, later: Any) -> None:
        client, move = later
        made = ok(
            client.post(self.url("retrievals"), json={"distinct_ids": ["a"]}), 201
        )
        job = self.url("retrievals", f"/{made['results']['task_id']}")
        pending = {"status": "PENDING", "results": "", "distinct_ids": ["a"]}
        assert ok(client.get(job)) == {"status": "ok", "results": pending}
        move()
        done = ok(client.get(job))["results"]
        assert done["status"] == "SUCCESS"
        assert done["results"].startswith("https://")

    def test_a_deletion_can_be_cancelled_while_it_waits(self, later: Any) -> None:
        client, move = later
        made = ok(client.post(self.url("deletions"), json={"distinct_ids": ["a"]}), 201)
        job = self.url("deletions", f"/{made['results']['task_id']}")
        cancelled = client.delete(job)
        assert (cancelled.status_code, cancelled.content) == (204, b"")
        assert ok(client.get(job))["results"]["status"] == "REVOKED"
        made = ok(client.post(self.url("deletions"), json={"distinct_ids": ["a"]}), 201)
        job = self.url("deletions", f"/{made['results']['task_id']}")
        move()
        assert "no longer" in refused(client.delete(job), 405)

    def test_an_unknown_job_and_no_ids_are_refused(self, later: Any) -> None:
        client, _ = later
        refused(client.get(self.url("deletions", "/none")), 404)
        empty = client.post(self.url("deletions"), json={"distinct_ids": []})
        assert "between 1 and 2000" in refused(empty, 400)


class TestPipelines:
    FORM = {
        "project_id": identity.PROJECT_ID,
        "type": "s3-raw",
        "from_date": "2026-03-01",
        "events": ["A", "B"],
    }

    def test_one_is_created_paused_and_cancelled(self, empty: httpx.Client) -> None:
        (name,) = ok(empty.post(f"{PIPELINE}/create", data=self.FORM))["pipeline_names"]
        (job,) = ok(empty.get(f"{PIPELINE}/jobs"))[identity.PROJECT_ID]
        assert job == {
            "name": name,
            "Dispatcher": "s3-raw",
            "last_dispatched": "2026-03-18T15:30:00",
            "frequency": "daily",
            "sync_enabled": False,
        }
        form = {"project_id": identity.PROJECT_ID, "name": name}
        for action in ("pause", "resume", "edit"):
            ok(empty.post(f"{PIPELINE}/{action}", data=form))
        status = ok(empty.get(f"{PIPELINE}/status", params={"name": name}))
        assert status == {"canceled": [], "retried": [], "succeeded": []}
        ok(empty.post(f"{PIPELINE}/cancel", data=form))
        assert ok(empty.get(f"{PIPELINE}/jobs")) == {identity.PROJECT_ID: []}
        assert name in refused(empty.post(f"{PIPELINE}/cancel", data=form), 404)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"type": "fax"}, "type must be one of"),
            ({"type": ""}, "type is required"),
            ({"from_date": "2025-01-01"}, "six months"),
            ({"from_date": "soon"}, "YYYY-MM-DD"),
        ],
        ids=str,
    )
    def test_a_wrong_one_is_refused(
        self, empty: httpx.Client, changes: dict[str, str], words: str
    ) -> None:
        answer = empty.post(f"{PIPELINE}/create", data={**self.FORM, **changes})
        assert words in refused(answer, 400)

    def test_a_project_may_have_two(self, empty: httpx.Client) -> None:
        for _ in range(2):
            ok(empty.post(f"{PIPELINE}/create", data=self.FORM))
        third = empty.post(f"{PIPELINE}/create", data=self.FORM)
        assert "2 recurring" in refused(third, 400)

    def test_the_project_id_of_a_post_stands_in_its_form(
        self, empty: httpx.Client
    ) -> None:
        form = {k: v for k, v in self.FORM.items() if k != "project_id"}
        refused(empty.post(f"{PIPELINE}/create", data=form), 401)


class TestWarehouse:
    BODY = {
        "import_type": "event_stream",
        "warehouse_source_id": 1,
        "table_params": {},
        "time_column_name": "t",
        "sync_mode": "full_sync",
    }

    def test_an_import_is_made_changed_run_and_deleted(
        self, empty: httpx.Client
    ) -> None:
        made = ok(empty.post(f"{IMPORTS}/event-stream", json=self.BODY))["results"]
        one = f"{IMPORTS}/{made['id']}"
        assert ok(empty.get(one))["results"] == made
        assert ok(empty.get(IMPORTS))["results"] == [made]
        changes = {"paused": True, "run_every": 3_600_000_000_000}
        assert ok(empty.patch(one, json=changes))["results"] == {**made, **changes}
        for _ in range(2):
            ok(empty.put(f"{one}/manual-sync", json={}))
        runs = ok(empty.get(f"{one}/history"))["results"]["runs"]
        assert [run["status"] for run in runs] == ["succeeded"] * 2
        body = empty.request("DELETE", one, json={"delete_data": True})
        assert ok(body) == {"status": "ok"}
        refused(empty.get(one), 404)

    @pytest.mark.parametrize(
        ("kind", "changes", "status"),
        [
            ("unknown", {}, 404),
            ("people", {}, 400),
            ("event-stream", {"run_every": 5}, 400),
            ("event-stream", {"sync_mode": None}, 400),
        ],
    )
    def test_a_wrong_one_is_refused(
        self, client: httpx.Client, kind: str, changes: dict[str, Any], status: int
    ) -> None:
        answer = client.post(f"{IMPORTS}/{kind}", json={**self.BODY, **changes})
        refused(answer, status)


class TestFlags:
    def test_a_user_always_gets_the_same_variant(self, client: httpx.Client) -> None:
        def variant(user: str) -> object:
            context = f'{{"distinct_id": "{user}"}}'
            flags = ok(client.get("/flags", params={"context": context}))["flags"]
            assert set(flags) == {"new-checkout"}
            return flags["new-checkout"]["variant_key"]

        variants = [variant(f"u{number}") for number in range(12)]
        assert set(variants) == {"control", "treatment"}
        assert variants == [variant(f"u{number}") for number in range(12)]

    def test_definitions_are_listed(self, client: httpx.Client) -> None:
        (flag,) = ok(client.get("/flags/definitions"))["flags"]
        assert (flag["key"], flag["status"]) == ("new-checkout", "enabled")

    @pytest.mark.parametrize("context", ["", "x", "[]", "{}", '{"distinct_id": 1}'])
    def test_a_wrong_context_is_refused(
        self, client: httpx.Client, context: str
    ) -> None:
        assert "context" in refused(
            client.get("/flags", params={"context": context}), 400
        )
