"""What one operation wants and its list of parameters does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.model import Hint
from mixtui.core.errors import Field
from mixtui.core.requests import Pair
from mixtui.mixpanel.operations import Place


def operation_rules(call: HintContext) -> Iterator[Hint]:
    """Rules that are about several parameters, or about one that is absent."""
    yield from _retention(call)
    yield from _ip(call)


def _retention(call: HintContext) -> Iterator[Hint]:
    if call.operation is None or call.operation.id != "query.retention-query":
        return
    found = {typed.name: typed for typed in call.typed}
    interval = found.get("interval")
    if interval is not None and "unit" in found:
        row = interval.row
        yield Hint(
            interval.field,
            "unit and interval are both there, and retention takes one of them: leave "
            "interval out.",
            row,
            suggestion=None if row is None else call.without_row(row),
        )
    kind = found.get("retention_type")
    if kind is not None and kind.value == "birth" and "born_event" not in found:
        yield Hint(
            kind.field,
            "born_event is missing, which retention_type=birth needs: add the event "
            "that a person begins with.",
            kind.row,
        )


def _ip(call: HintContext) -> Iterator[Hint]:
    """A profile takes the place of whoever calls, which is this machine."""
    operation = call.operation
    known = operation.parameter("ip", Place.QUERY) if operation else None
    if known is None or known.suggested != "0":
        return
    # A row that is switched off was seen.
    if any(typed.name == "ip" for typed in call.typed) or any(
        row.name == "ip" for row in call.draft.query
    ):
        return
    rows = (*call.draft.query, Pair("ip", "0"))
    yield Hint(
        Field.QUERY,
        "ip is missing, so the profile's city and country become those of this "
        "machine: add ip=0.",
        suggestion=replace(call.draft, query=rows),
        severe=False,
    )
