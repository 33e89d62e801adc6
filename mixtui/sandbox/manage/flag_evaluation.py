"""Assign a user to a variant of a flag, as the local evaluation of Mixpanel's clients does.

A user's place from 0.00 to 0.99 is FNV-1a of the id and a salt. A roll-out takes those
below its percentage, and the variants divide them in the order of their keys.

Rules are JsonLogic (https://jsonlogic.com). One with an operator that is missing here
takes nobody.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from mixtui.sandbox.data.expressions import as_number
from mixtui.sandbox.data.json_text import Json, JsonObject


class Assignment(Struct, frozen=True):
    """The variant of one user."""

    variant: JsonObject
    is_tester: bool
    """Whether the flag names the user as a tester."""


def assign(flag: JsonObject, context: JsonObject) -> Assignment | None:
    """Return a user's variant; None = the flag is not rolled out to the user.

    Args:
        flag: A flag as stored.
        context: The user: ``distinct_id``, ``custom_properties`` and what else flags are
            rolled out by.
    """
    rolled_out_by = context.get(str(flag["context"]))
    if not rolled_out_by:
        return None
    ruleset = flag["ruleset"]
    assert isinstance(ruleset, dict)
    variants = sorted_variants(ruleset)
    tester_variant = _find(variants, _tester_key(ruleset, context))
    if tester_variant is not None:
        return Assignment(tester_variant, is_tester=True)
    identifier = str(rolled_out_by)
    salt = f"{flag['key']}{flag['hash_salt']}"
    for index, rollout in enumerate(_objects(ruleset, "rollout")):
        percentage = as_number(rollout["rollout_percentage"]) or 0.0
        if place(identifier, f"{salt}{index}") < percentage and _applies(
            rollout, context
        ):
            variant = _choose(variants, rollout, place(identifier, f"{salt}variant"))
            return None if variant is None else Assignment(variant, is_tester=False)
    return None


def sorted_variants(ruleset: JsonObject) -> list[JsonObject]:
    """Return the variants in the order in which they divide the users."""
    return sorted(
        _objects(ruleset, "variants"), key=lambda variant: str(variant["key"])
    )


def place(identifier: str, salt: str) -> float:
    """Return a user's fixed place from 0.0 to 0.99."""
    value = 0xCBF29CE484222325
    for byte in f"{identifier}{salt}".encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value % 100 / 100


def _tester_key(ruleset: JsonObject, context: JsonObject) -> str:
    """Return the variant that the flag gives a tester; empty = the user is none."""
    test = ruleset.get("test")
    users = test.get("users") if isinstance(test, dict) else None
    return (
        str(users.get(str(context.get("distinct_id")), ""))
        if isinstance(users, dict)
        else ""
    )


def _choose(
    variants: list[JsonObject], rollout: JsonObject, place: float
) -> JsonObject | None:
    override = rollout.get("variant_override")
    if isinstance(override, dict):
        variant = _find(variants, str(override["key"]))
        if variant is not None:
            return variant
    splits = rollout["variant_splits"]
    assert isinstance(splits, dict)
    end = 0.0
    for variant in variants:
        split = splits.get(str(variant["key"]), variant["split"])
        end += as_number(split) or 0.0
        if place < end:
            return variant
    # Whoever is left over belongs to the last one.
    return variants[-1] if variants else None


def _find(variants: list[JsonObject], key: str) -> JsonObject | None:
    matching = (v for v in variants if str(v["key"]).casefold() == key.casefold())
    return next(matching, None)


def _applies(rollout: JsonObject, context: JsonObject) -> bool:
    """Whether a roll-out's rule about the user's properties holds."""
    try:
        return _is_rule_met(rollout, context)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def _is_rule_met(rollout: JsonObject, context: JsonObject) -> bool:
    rule = rollout.get("runtime_evaluation_rule")
    expected = rollout.get("runtime_evaluation_definition")
    if not rule and not expected:
        return True
    properties = _folded(context.get("custom_properties"), keys=True)
    if not properties or not isinstance(properties, dict):
        return False
    if rule:
        return bool(_evaluate(_folded(rule, keys=False), properties))
    assert isinstance(expected, dict)
    return all(
        name in properties and str(properties[name]) == str(value).casefold()
        for name, value in expected.items()
    )


def _folded(value: Json, *, keys: bool) -> Json:
    """Return a value whose texts are case-folded."""
    match value:
        case str():
            return value.casefold()
        case list():
            return [_folded(item, keys=keys) for item in value]
        case dict():
            return {
                name.casefold() if keys else name: _folded(item, keys=keys)
                for name, item in value.items()
            }
        case _:
            return value


def _evaluate(rule: Json, properties: JsonObject) -> Json:
    """Return the value of a rule.

    Raises:
        ValueError: An operator is not known.
        TypeError: An operator does not take these operands.
    """
    if isinstance(rule, list):
        return [_evaluate(item, properties) for item in rule]
    if not isinstance(rule, dict) or not rule:
        return rule
    if len(rule) > 1:
        raise ValueError("an operation has one operator")
    ((name, operand),) = rule.items()
    operands = operand if isinstance(operand, list) else [operand]
    values = [_evaluate(item, properties) for item in operands]
    if name == "var":
        return _look_up(properties, *values)
    if name not in _OPERATORS:
        raise ValueError(f"{name} is not known")
    return _OPERATORS[name](*values)


def _look_up(properties: JsonObject, name: Json = "", default: Json = None) -> Json:
    value: Json = properties
    for part in str(name).split(".") if name != "" else ():
        if not isinstance(value, dict) or part not in value:
            return default
        value = value[part]
    return value


def _equal(one: Json, other: Json) -> bool:
    """Compare as JavaScript does by ``==``."""
    if isinstance(one, str) or isinstance(other, str):
        return str(one) == str(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one) is bool(other)
    return one == other


def _identical(one: Json, other: Json) -> bool:
    return type(one) is type(other) and one == other


_ORDERED = str | int | float


def _comparison(
    compare: Callable[[float | str, float | str], bool],
) -> Callable[[Json, Json], bool]:
    def compared(one: Json, other: Json) -> bool:
        if isinstance(one, str) and isinstance(other, str):
            return compare(one, other)
        if not isinstance(one, _ORDERED) or not isinstance(other, _ORDERED):
            return False
        return compare(float(one), float(other))

    return compared


def _contains(item: Json, container: Json) -> bool:
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    return isinstance(container, list) and item in container


def _all(first: Json, *rest: Json) -> Json:
    return next((value for value in (first, *rest) if not value), (first, *rest)[-1])


def _any(first: Json, *rest: Json) -> Json:
    return next((value for value in (first, *rest) if value), (first, *rest)[-1])


_OPERATORS: Mapping[str, Callable[..., Json]] = {
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "===": _identical,
    "!==": lambda one, other: not _identical(one, other),
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
    "!": operator.not_,
    "!!": bool,
    "and": _all,
    "or": _any,
    "in": _contains,
}


def _objects(value: JsonObject, name: str) -> Iterator[JsonObject]:
    items = value[name]
    assert isinstance(items, list)
    return (item for item in items if isinstance(item, dict))
