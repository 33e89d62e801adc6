"""All the rules, in the order in which they matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mixtui.core.advice.body import body
from mixtui.core.advice.call import Call, look_at
from mixtui.core.advice.dates import dates
from mixtui.core.advice.habits import habits
from mixtui.core.advice.headers import headers
from mixtui.core.advice.lifecycle import lifecycle
from mixtui.core.advice.model import Advice
from mixtui.core.advice.parameters import parameters
from mixtui.core.advice.path import path
from mixtui.core.environments import Environment
from mixtui.core.masking import Masker
from mixtui.core.requests import Draft
from mixtui.core.templates import Values

_RULES = (path, parameters, dates, habits, headers, lifecycle)


def advise(
    draft: Draft,
    environment: Environment,
    *,
    values: Values | None = None,
    folder: Path | None = None,
) -> tuple[Advice, ...]:
    """What is probably wrong with a draft, what matters most first; never raises.

    Args:
        draft: What was typed, whole or not.
        environment: Region, project, credentials, variables.
        values: Where templates get their values, for tests.
        folder: What the path of a body file is relative to; None = no file is looked at.
    """
    call = look_at(draft, environment, values)
    return in_order((*_request(call), *_body(call, folder)))


def advise_on_request(
    draft: Draft, environment: Environment, *, values: Values | None = None
) -> tuple[Advice, ...]:
    """The part that is quick, whatever the body: all but the body."""
    return tuple(_request(look_at(draft, environment, values, with_body=False)))


def advise_on_body(
    draft: Draft,
    environment: Environment,
    *,
    values: Values | None = None,
    folder: Path | None = None,
) -> tuple[Advice, ...]:
    """The part about the body: milliseconds for each megabyte."""
    return tuple(_body(look_at(draft, environment, values), folder))


def in_order(advice: tuple[Advice, ...]) -> tuple[Advice, ...]:
    """What is grave first."""
    return tuple(sorted(advice, key=lambda each: not each.grave))


def _request(call: Call) -> Iterator[Advice]:
    for rule in _RULES:
        yield from _masked(call, rule(call))


def _body(call: Call, folder: Path | None) -> Iterator[Advice]:
    yield from _masked(call, body(call, folder))


def _masked(call: Call, found: Iterator[Advice]) -> Iterator[Advice]:
    if not call.sensitive:
        yield from found
        return
    masker = Masker(call.sensitive)
    for advice in found:
        yield replace(advice, sentence=masker.text(advice.sentence))
