"""All the rules, in the order in which they matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mixtui.core.advice.body import body
from mixtui.core.advice.call import HintContext, build_context
from mixtui.core.advice.dates import dates
from mixtui.core.advice.habits import operation_rules
from mixtui.core.advice.headers import headers
from mixtui.core.advice.lifecycle import lifecycle
from mixtui.core.advice.model import Hint
from mixtui.core.advice.parameters import parameters
from mixtui.core.advice.path import path
from mixtui.core.environments import Environment
from mixtui.core.masking import Redactor
from mixtui.core.requests import Draft
from mixtui.core.templates import Values

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


def _masked(call: HintContext, found: Iterator[Hint]) -> Iterator[Hint]:
    if not call.sensitive:
        yield from found
        return
    masker = Redactor(call.sensitive)
    for advice in found:
        yield replace(advice, message=masker.text(advice.message))
