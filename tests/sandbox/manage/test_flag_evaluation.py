from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.manage.flag_evaluation import assign, place


def flag(**ruleset: Any) -> JsonObject:
    return {
        "key": "search",
        "context": "distinct_id",
        "hash_salt": "0" * 32,
        "ruleset": {
            "variants": [
                {"key": "b", "value": 2, "split": 0.5},
                {"key": "a", "value": 1, "split": 0.5},
            ],
            "rollout": [{"rollout_percentage": 1, "variant_splits": {}}],
            "test": None,
            **ruleset,
        },
    }


def variant(flag: JsonObject, **context: Json) -> str | None:
    assignment = assign(flag, {"distinct_id": "ada", **context})
    return None if assignment is None else str(assignment.variant["key"])


@pytest.mark.parametrize(
    ("text", "fnv1a"),
    # From the list of test vectors of the FNV authors.
    [
        ("", 0xCBF29CE484222325),
        ("a", 0xAF63DC4C8601EC8C),
        ("foobar", 0x85944171F73967E8),
    ],
)
def test_a_place_is_fnv_1a_modulo_100(text: str, fnv1a: int) -> None:
    assert place(text[:2], text[2:]) == fnv1a % 100 / 100


def test_the_variants_divide_the_users_by_key_and_the_last_takes_the_rest() -> None:
    users = [f"u{number}" for number in range(200)]
    places = {user: place(user, f"search{'0' * 32}variant") for user in users}
    for splits, border in (({}, 0.5), ({"a": 0.2}, 0.2), ({"a": 0.2, "b": 0}, 0.2)):
        rollout = [{"rollout_percentage": 1, "variant_splits": splits}]
        tried = flag(rollout=rollout)
        assert {user: variant(tried, distinct_id=user) for user in users} == {
            user: "a" if places[user] < border else "b" for user in users
        }


def test_each_roll_out_takes_its_own_share_of_the_users() -> None:
    rollouts = [
        {
            "rollout_percentage": 0.3,
            "variant_splits": {},
            "variant_override": {"key": k},
        }
        for k in ("a", "b")
    ]
    tried = flag(rollout=rollouts)
    salt = f"search{'0' * 32}"
    for user in (f"u{number}" for number in range(200)):
        in_first, in_second = (place(user, f"{salt}{index}") < 0.3 for index in (0, 1))
        expected = "a" if in_first else "b" if in_second else None
        assert variant(tried, distinct_id=user) == expected


def test_a_flag_is_rolled_out_by_its_own_context() -> None:
    by_company = {**flag(), "context": "company"}
    assert variant(by_company) is None
    assert variant(by_company, company="") is None
    with_company = {
        variant(by_company, company="acme", distinct_id=d) for d in "abcdefgh"
    }
    assert len(with_company) == 1


def test_a_tester_has_the_variant_of_the_test() -> None:
    tried = flag(test={"users": {"ada": "B"}}, rollout=[])
    assignment = assign(tried, {"distinct_id": "ada"})
    assert assignment is not None
    assert (assignment.variant["key"], assignment.is_tester) == ("b", True)
    assert variant(tried, distinct_id="bob") is None


def test_a_flag_without_variants_assigns_none() -> None:
    assert variant(flag(variants=[])) is None


PAID = {"==": [{"var": "Plan"}, "Paid"]}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (PAID, True),
        ({"!=": [{"var": "plan"}, "paid"]}, False),
        ({"===": [{"var": "age"}, 30]}, True),
        ({"===": [{"var": "age"}, "30"]}, False),
        ({"==": [{"var": "age"}, "30"]}, True),
        ({"!==": [{"var": "age"}, "30"]}, True),
        ({"<": [{"var": "age"}, "31"]}, True),
        ({"<=": [{"var": "age"}, 30]}, True),
        ({">": [{"var": "age"}, 30]}, False),
        ({">=": [{"var": "plan"}, "a"]}, True),
        ({">": [{"var": "missing"}, 3]}, False),
        ({"in": [{"var": "plan"}, ["Paid", "Trial"]]}, True),
        ({"in": ["ai", {"var": "plan"}]}, True),
        ({"in": [1, {"var": "plan"}]}, False),
        ({"!": [{"var": "missing"}]}, True),
        ({"!!": {"var": "plan"}}, True),
        ({"and": [PAID, {"==": [{"var": "age"}, 31]}]}, False),
        ({"or": [PAID, {"==": [{"var": "age"}, 31]}]}, True),
        ({"==": [{"var": "address.city"}, "BERLIN"]}, True),
        ({"==": [{"var": ["missing", "x"]}, "x"]}, True),
        ({"unknown": [1]}, False),
        ({"==": [1]}, False),
        ({"and": []}, False),
        ({"<": [1, 10**400]}, False),
        ({"<": [{"var": "plan"}, 3]}, False),
        ({"==": [1, 1], "!": [0]}, False),
    ],
)
def test_a_rule_decides_about_the_properties_of_a_user(rule: Json, holds: bool) -> None:
    rollout = [
        {"rollout_percentage": 1, "variant_splits": {}, "runtime_evaluation_rule": rule}
    ]
    properties: Json = {"PLAN": "paid", "age": 30, "address": {"City": "Berlin"}}
    found = variant(flag(rollout=rollout), custom_properties=properties)
    assert (found is not None) is holds
    assert variant(flag(rollout=rollout)) is None


@pytest.mark.parametrize(
    ("properties", "holds"),
    [
        ({"country": "us"}, True),
        ({"Country": "US", "n": 1}, True),
        ({"country": "de"}, False),
        ({"n": 1}, False),
        ({}, False),
        (None, False),
    ],
)
def test_an_old_rule_names_the_values_it_wants(properties: Json, holds: bool) -> None:
    rollout = [
        {
            "rollout_percentage": 1,
            "variant_splits": {},
            "runtime_evaluation_definition": {"country": "US"},
        }
    ]
    found = variant(flag(rollout=rollout), custom_properties=properties)
    assert (found is not None) is holds


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("plan"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["var", "==", "<", "!", "!!", "and", "or", "in", "x"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=8,
)


@given(JSON_VALUES.filter(bool), JSON_VALUES, JSON_VALUES)
def test_any_rule_holds_or_does_not(rule: Json, plan: Json, properties: Json) -> None:
    rollout = {"rollout_percentage": 1, "variant_splits": {}}
    tried = flag(rollout=[{**rollout, "runtime_evaluation_rule": rule}])
    for custom in ({"plan": plan}, properties):
        assert variant(tried, custom_properties=custom) in ("a", "b", None)
