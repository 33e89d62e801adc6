"""Quiet help with a draft: what is probably wrong with it, and what to do.

Hints never stop a send and never raise; what cannot be sent at all is reported by
`request.prepare`. Each module holds the rules for one part of the request; a rule is a
function from a `HintContext` that yields `Hint`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from mixtui.hints.body import check_body, check_query_data
from mixtui.hints.context import HintContext, build_context
from mixtui.hints.headers import check_headers, check_lifecycle
from mixtui.hints.inputs import check_inputs
from mixtui.hints.model import Hint
from mixtui.hints.query import check_parameters
from mixtui.hints.secrets import check_body_secrets, check_secrets
from mixtui.hints.url import check_url
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.redaction import Redactor
from mixtui.request.templates import Values

_RULES = (
    check_url,
    check_parameters,
    check_query_data,
    check_headers,
    check_lifecycle,
    check_secrets,
    check_inputs,
)


def find_hints(
    draft: Draft,
    environment: Environment,
    *,
    values: Values | None = None,
    folder: Path | None = None,
) -> tuple[Hint, ...]:
    """Return the probable mistakes in a draft, most severe first; never raises.

    Args:
        draft: The draft as typed; may be incomplete.
        environment: The region, project, credentials and variables.
        values: The values of templates, for tests.
        folder: The base of a relative body file path; None = no file is checked.
    """
    context = build_context(draft, environment, values)
    return sort_by_severity((*_request_hints(context), *_body_hints(context, folder)))


def find_request_hints(
    draft: Draft, environment: Environment, *, values: Values | None = None
) -> tuple[Hint, ...]:
    """Return the hints about everything but the body; fast for any body."""
    return tuple(
        _request_hints(build_context(draft, environment, values, with_body=False))
    )


def find_body_hints(
    draft: Draft,
    environment: Environment,
    *,
    values: Values | None = None,
    folder: Path | None = None,
) -> tuple[Hint, ...]:
    """Return the hints about the body; takes milliseconds per megabyte."""
    return tuple(_body_hints(build_context(draft, environment, values), folder))


def sort_by_severity(hints: tuple[Hint, ...]) -> tuple[Hint, ...]:
    """Sort severe hints first."""
    return tuple(sorted(hints, key=lambda each: not each.severe))


def _request_hints(context: HintContext) -> Iterator[Hint]:
    for rule in _RULES:
        yield from _redact_messages(context, rule(context))


def _body_hints(context: HintContext, folder: Path | None) -> Iterator[Hint]:
    yield from _redact_messages(context, check_body(context, folder))
    yield from _redact_messages(context, check_body_secrets(context))


def _redact_messages(context: HintContext, hints: Iterator[Hint]) -> Iterator[Hint]:
    if not context.sensitive:
        yield from hints
        return
    redactor = Redactor(context.sensitive)
    for hint in hints:
        yield replace(hint, message=redactor.redact(hint.message))


__all__ = [
    "Hint",
    "find_body_hints",
    "find_hints",
    "find_request_hints",
    "sort_by_severity",
]
