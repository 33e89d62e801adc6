"""The context of the rules: the target of a draft and its parsed query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qsl

from mixtui.mixpanel.catalogue import Operation
from mixtui.model.draft import AuthChoice, Body, Draft, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.secrets import Redactor, Secret
from mixtui.request.operation_match import match_operation
from mixtui.request.templates import REFERENCE, Values, expand_text
from mixtui.request.urls import Target, resolve

_PREVIEW_UUID = "5c1f8a4e-0000-4000-8000-000000000000"
"""Replaces each new UUID: a value that every rule accepts."""
_UNFILLED = re.compile(rf"{REFERENCE}|\{{[^{{}}]*\}}")
_STAND_IN = "1"
_SHOWN = 40
"""The maximum length of a value in a sentence."""


@dataclass(frozen=True, slots=True)
class TypedParameter:
    """A query parameter as sent, with templates filled."""

    name: str
    value: str
    row: int | None = None
    """None = it is in the URL."""
    complete: bool = True
    """False = a template in it has no value, so it cannot be checked."""

    @property
    def field(self) -> Field:
        """Return the field that contains it."""
        return Field.URL if self.row is None else Field.QUERY


@dataclass(frozen=True, slots=True)
class HintContext:
    """The input of the rules."""

    draft: Draft
    environment: Environment
    values: Values
    target: Target | None
    """None = the URL has no known target."""
    operation: Operation | None
    """None = not documented by Mixpanel."""
    typed: tuple[TypedParameter, ...]
    """The query; parameters of the URL first."""
    today: date
    sensitive: tuple[Secret, ...] = ()
    """Values that no sentence may contain."""
    filled: Body | None = None
    """The body with templates filled; None = there is none, or a template has no value."""

    @property
    def identifies(self) -> bool:
        """Return whether the app adds tokens and ids."""
        return self.draft.options.auth is not AuthChoice.NONE

    def shown(self, value: str) -> str:
        """Return a value for use in a sentence, shortened and redacted."""
        text = " ".join(Redactor(self.sensitive).redact(value).split())
        return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text

    def with_value(self, typed: TypedParameter, value: str) -> Draft | None:
        """Return the draft with another value in a row; None if it is in the URL."""
        if typed.row is None:
            return None
        pair = replace(self.draft.query[typed.row], value=value)
        return self.with_row(typed.row, pair)

    def with_row(self, row: int, pair: Pair) -> Draft:
        """Return the draft with one row replaced."""
        rows = self.draft.query
        return replace(self.draft, query=(*rows[:row], pair, *rows[row + 1 :]))

    def without_row(self, row: int) -> Draft:
        """Return the draft with a row disabled."""
        return self.with_row(row, replace(self.draft.query[row], enabled=False))


def build_context(
    draft: Draft,
    environment: Environment,
    values: Values | None,
    *,
    with_body: bool = True,
) -> HintContext:
    """Fill the templates and resolve the target as far as possible."""
    if values is None:
        values = Values(environment, new_uuid=lambda: _PREVIEW_UUID)
    target = _target(draft, values)
    sensitive: list[Secret] = list(target.sensitive) if target else []
    typed = (
        [
            TypedParameter(n, v)
            for n, v in parse_qsl(target.query, keep_blank_values=True)
        ]
        if (target)
        else []
    )
    for row, pair in enumerate(draft.query):
        if pair.enabled and pair.name:
            typed.append(_row(pair, row, values, sensitive))
    return HintContext(
        draft=draft,
        environment=environment,
        values=values,
        target=target,
        operation=match_operation(draft, target) if target else None,
        typed=tuple(typed),
        today=values.now().date(),
        filled=_body(draft, values, sensitive) if with_body else None,
        sensitive=tuple(sensitive),
    )


def _target(draft: Draft, values: Values) -> Target | None:
    """Return the target; a variable without a value is assumed to be an id."""
    try:
        return resolve(draft, values)
    except DraftError:
        pass
    path, query, rest = draft.url.partition("?")
    stood_in = replace(draft, url=_UNFILLED.sub(_STAND_IN, path) + query + rest)
    for guess in _guesses(stood_in, rest):
        try:
            return resolve(guess, values)
        except DraftError:
            continue
    return None


def _guesses(draft: Draft, query: str) -> Iterator[Draft]:
    yield draft
    if query:
        yield replace(draft, url=draft.url.partition("?")[0])


def _row(
    pair: Pair, row: int, values: Values, sensitive: list[Secret]
) -> TypedParameter:
    if "{{" not in pair.name and "{{" not in pair.value:
        return TypedParameter(pair.name, pair.value, row)
    try:
        name = expand_text(pair.name, values, Field.QUERY)
        value = expand_text(pair.value, values, Field.QUERY)
    except DraftError:
        return TypedParameter(pair.name, "", row, complete=False)
    sensitive += [*name.sensitive, *value.sensitive]
    return TypedParameter(name.text, value.text, row)


def _body(draft: Draft, values: Values, sensitive: list[Secret]) -> Body | None:
    if draft.body is None:
        return None
    try:
        filled = expand_text(draft.body.text, values, Field.BODY)
    except DraftError:
        return None  # Sending reports the reason.
    sensitive += filled.sensitive
    return replace(draft.body, text=filled.text)
