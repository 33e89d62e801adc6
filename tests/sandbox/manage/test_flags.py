from __future__ import annotations

import json

import httpx
import pytest

from tests.sandbox.helpers import error_of, ok


def test_a_user_always_gets_the_same_variant(client: httpx.Client) -> None:
    def variant(user: str) -> object:
        context = f'{{"distinct_id": "{user}"}}'
        flags = ok(client.get("/flags", params={"context": context}))["flags"]
        assert set(flags) == {"new-checkout"}
        return flags["new-checkout"]["variant_key"]

    variants = [variant(f"u{number}") for number in range(12)]
    assert set(variants) == {"control", "treatment"}
    assert variants == [variant(f"u{number}") for number in range(12)]


def test_definitions_are_listed(client: httpx.Client) -> None:
    (flag,) = ok(client.get("/flags/definitions"))["flags"]
    assert (flag["key"], flag["status"]) == ("new-checkout", "enabled")


@pytest.mark.parametrize("context", ["", "x", "[]", "{}", '{"distinct_id": 1}'])
def test_an_invalid_context_is_refused(client: httpx.Client, context: str) -> None:
    error = error_of(client.get("/flags", params={"context": context}), 400)
    assert "context must be" in error or "distinct_id must be" in error


def test_the_response_has_a_code_and_may_be_about_one_flag(
    client: httpx.Client,
) -> None:
    asked = {"context": '{"distinct_id": "ada"}', "flag_key": "new-checkout"}
    body = ok(client.get("/flags", params=asked))
    assert body["code"] == 200
    assert body["flags"]["new-checkout"]["is_qa_tester"] is False
    other = ok(client.get("/flags", params={**asked, "flag_key": "none"}))
    assert other == {"code": 200, "flags": {}}


def test_the_context_may_be_in_a_body_as_older_clients_send_it(
    client: httpx.Client,
) -> None:
    context = {"distinct_id": "ada"}
    asked = ok(client.get("/flags", params={"context": json.dumps(context)}))
    headers = {"Content-Type": "application/octet-stream"}
    body = json.dumps({"context": context})
    assert ok(client.post("/flags/", content=body, headers=headers)) == asked
    for wrong in ("", "{}", "[]", '{"context": {}}', '{"context": []}'):
        response = client.post("/flags/", content=wrong, headers=headers)
        assert "must be" in error_of(response, 400)
