"""Quiet help with a draft: what is probably wrong with it, and what to do.

`advise` never stops a send and never raises; what cannot be sent at all is said by
`request.prepare`. Each file here holds one kind of rule; a rule is a function from a
`Call` to `Advice`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mixtui.hints.body import body
from mixtui.hints.context import HintContext, build_context
from mixtui.hints.headers import headers, lifecycle
from mixtui.hints.model import Hint
from mixtui.hints.query import dates, operation_rules, parameters
from mixtui.hints.url import path
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.secrets import Redactor
from mixtui.request.templates import Values

_RULES = (path, parameters, dates, operation_rules, headers, lifecycle)


def find_hints(
    draft: Draft,
    environment: Environment,
    *,
    values: Values | None = None,
    folder: Path | None = None,
) -> tuple[Hint, ...]:
    """What is probably wrong with a draft, what matters most first; never raises.

    Args:
        draft: What was typed, whole or not.
        environment: Region, project, credentials, variables.
        values: Where templates get their values, for tests.
        folder: What the path of a body file is relative to; None = no file is looked at.
    """
    call = build_context(draft, environment, values)
    return in_order((*_request(call), *_body(call, folder)))


def advise_on_request(
    draft: Draft, environment: Environment, *, values: Values | None = None
) -> tuple[Hint, ...]:
    """The part that is quick, whatever the body: all but the body."""
    return tuple(_request(build_context(draft, environment, values, with_body=False)))


def advise_on_body(
    draft: Draft,
    environment: Environment,
    *,
    values: Values | None = None,
    folder: Path | None = None,
) -> tuple[Hint, ...]:
    """The part about the body: milliseconds for each megabyte."""
    return tuple(_body(build_context(draft, environment, values), folder))


def in_order(advice: tuple[Hint, ...]) -> tuple[Hint, ...]:
    """What is grave first."""
    return tuple(sorted(advice, key=lambda each: not each.severe))


def _request(call: HintContext) -> Iterator[Hint]:
    for rule in _RULES:
        yield from _masked(call, rule(call))


def _body(call: HintContext, folder: Path | None) -> Iterator[Hint]:
    yield from _masked(call, body(call, folder))


def _masked(call: HintContext, hints: Iterator[Hint]) -> Iterator[Hint]:
    if not call.sensitive:
        yield from hints
        return
    masker = Redactor(call.sensitive)
    for advice in hints:
        yield replace(advice, message=masker.redact(advice.message))


__all__ = ["Hint", "advise_on_body", "advise_on_request", "find_hints", "in_order"]
