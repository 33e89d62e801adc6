"""Updates of profiles: what a record holds decides, and no server sees the fragment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.findings import Findings
from mixtui.core.advice.reading import Record
from mixtui.core.requests import Draft
from mixtui.mixpanel.operations import Operation, family_operations

PATHS = ("/engage", "/groups")
_ALSO = frozenset(
    (
        "$token",
        "$distinct_id",
        "$group_key",
        "$group_id",
        "$ip",
        "$time",
        "$ignore_time",
        "$ignore_alias",
        "$latitude",
        "$longitude",
    )
)
_IDS = {"/engage": ("$distinct_id",), "/groups": ("$group_key", "$group_id")}


def is_of_updates(operation: Operation) -> bool:
    """Whether the records of an operation change profiles."""
    return operation.family == "ingestion" and operation.path in PATHS


def operators(operation: Operation) -> tuple[str, ...]:
    """The keys that say what is done, on the path of an operation."""
    return tuple(_by_key(operation))


def known_keys(operation: Operation) -> frozenset[str]:
    """The keys that a record may have."""
    return _ALSO | frozenset(_by_key(operation))


def check_updates(
    call: HintContext, operation: Operation, records: Sequence[Record], found: Findings
) -> frozenset[str]:
    """Check what each record does against the fragment.

    Returns:
        Fields that need not be called missing: something was said of them.
    """
    known = _by_key(operation)
    key = operation.body.key if operation.body is not None else ""
    done = [_done(record, known) for record in records]
    first = {names[0] for names in done if len(names) == 1}
    instead = known[first.pop()] if len(first) == 1 and all(done) else None
    for record, names in zip(records, done, strict=True):
        if not isinstance(record.value, dict):
            continue
        if len(names) > 1:
            found.add(
                "several",
                record,
                (names[1],),
                f"{' and '.join(names)} are in one record: give each its own.",
            )
        elif key and names and names[0] != key:
            found.add(
                "fragment",
                record,
                (names[0],),
                f"it holds {names[0]}, while #{operation.fragment} stands for {key}: "
                "the server sees the body only, and does what it says.",
                suggestion=_other_fragment(call, instead),
            )
        elif not key:
            _of_a_batch(operation, record, names, found)
    return frozenset((key,)) if any(n and key not in n for n in done) else frozenset()


def _of_a_batch(
    operation: Operation, record: Record, names: list[str], found: Findings
) -> None:
    """A mixed batch lists no fields of its own."""
    assert isinstance(record.value, dict)
    if not names:
        some = ", ".join(list(operators(operation))[:3])
        found.add("none", record, (), f"it changes nothing: add {some} or another.")
    for name in _IDS[operation.path]:
        if name not in record.value:
            found.add(f"missing:{name}", record, (), f"{name} is missing: add it.")


def _done(record: Record, known: dict[str, Operation]) -> list[str]:
    value = record.value
    return [key for key in known if key in value] if isinstance(value, dict) else []


def _by_key(operation: Operation) -> dict[str, Operation]:
    return {
        each.body.key: each
        for each in family_operations("ingestion")
        if each.path == operation.path and each.body is not None and each.body.key
    }


def _other_fragment(call: HintContext, instead: Operation | None) -> Draft | None:
    before, mark, _ = call.draft.url.partition("#")
    if instead is None or not mark:
        return None
    return replace(call.draft, url=f"{before}#{instead.fragment}")
