from __future__ import annotations

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
    assert "context" in error_of(client.get("/flags", params={"context": context}), 400)
