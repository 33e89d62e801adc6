"""Which next actions a response offers, and what the status line says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.actions import NEXT_ACTIONS
from mixtui.key_names import key_of
from mixtui.ui.response.state import FromHistory, Received, ResponseState

if TYPE_CHECKING:
    from mixtui.outcome.outcome import Outcome


_OF_REJECTED = ("refused_record", "keep_rejected")


def is_applicable(state: ResponseState, action: str) -> bool:
    """Return whether an action applies to a state; others than next actions do."""
    if action not in NEXT_ACTIONS:
        return True
    match state:
        case Received(exchange=exchange, outcome=outcome):
            from mixtui.outcome.body_facts import Family, family_of

            request = exchange.request
            pages = family_of(request) is Family.PROFILE_QUERY
            if action in _OF_REJECTED:
                return b'"failed_records"' in exchange.response.body
            return {
                "other_region": _may_live_elsewhere(outcome),
            }.get(action, pages and outcome.exit_status == 0)
        case FromHistory(record=record):
            refused = record.outcome.kind.name in ("PARTLY_STORED", "REJECTED")
            return action in _OF_REJECTED and record.writes and refused
        case _:
            return False


def _may_live_elsewhere(outcome: Outcome) -> bool:
    return outcome.kind.name in ("WRONG_REGION", "UNAUTHORIZED", "REJECTED")


def hint(state: Received) -> str:
    """Return the next action to offer, with its key; empty = none."""
    outcome, request = state.outcome, state.exchange.request
    if is_applicable(state, "refused_record"):
        key, keep = key_of("response.refused_record"), key_of("response.keep_rejected")
        return f"Press {key} in the response to go to the rejected records, {keep} to keep only those"
    if outcome.kind.name == "WRONG_REGION" and not request.safety.writes:
        key = key_of("response.other_region")
        return f"Press {key} in the response to try another region"
    if is_applicable(state, "next_page"):
        return _page_hint(state)
    return ""


def _page_hint(state: Received) -> str:
    from mixtui.outcome.paging import read_page

    response = state.exchange.response
    complete = len(response.body) == response.body_bytes
    page = read_page(response.body) if complete else None
    if page is not None and page.is_last and not page.number:
        return ""
    of = f" of {page.pages:,}" if page is not None and page.pages else ""
    position = f"Page {page.number + 1:,}{of} · " if page is not None else ""
    all_pages = f"{key_of('response.all_pages')} All pages to file"
    if page is not None and page.is_last:
        return f"{position}Last page · {all_pages}"
    return f"{position}{key_of('response.next_page')} Next page · {all_pages}"
