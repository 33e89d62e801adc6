from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox import identity
from tests.sandbox.asking import (
    PIPELINE,
    ok,
    refused,
)

FORM = {
    "project_id": identity.PROJECT_ID,
    "type": "s3-raw",
    "from_date": "2026-03-01",
    "events": ["A", "B"],
}


def test_one_is_created_paused_and_cancelled(empty: httpx.Client) -> None:
    (name,) = ok(empty.post(f"{PIPELINE}/create", data=FORM))["pipeline_names"]
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
    empty: httpx.Client, changes: dict[str, str], words: str
) -> None:
    answer = empty.post(f"{PIPELINE}/create", data={**FORM, **changes})
    assert words in refused(answer, 400)


def test_a_project_may_have_two(empty: httpx.Client) -> None:
    for _ in range(2):
        ok(empty.post(f"{PIPELINE}/create", data=FORM))
    third = empty.post(f"{PIPELINE}/create", data=FORM)
    assert "2 recurring" in refused(third, 400)


def test_the_project_id_of_a_post_stands_in_its_form(empty: httpx.Client) -> None:
    form = {k: v for k, v in FORM.items() if k != "project_id"}
    refused(empty.post(f"{PIPELINE}/create", data=form), 401)
