"""The context of the rules: a draft's operation, its parsed query and its body."""

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
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import Secret
from mixtui.request.operation_match import match_operation
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import REFERENCE, Values, expand_text
from mixtui.request.urls import Target, encode_pair, resolve

_PREVIEW_UUID = "5c1f8a4e-0000-4000-8000-000000000000"
"""Stands for each generated UUID: a value that every rule accepts."""
_VARIABLE_PART = re.compile(rf"{REFERENCE}|\{{[^{{}}]*\}}")
_ASSUMED_ID = "1"
_EXCERPT_LENGTH = 40
"""Characters of a value in a message."""


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A query parameter as sent, with templates filled."""

    name: str
    value: str
    row: int | None = None
    """Index of its row in the draft's query; None = it is in the URL."""
    complete: bool = True
    """False = a template in it has no value, so it cannot be checked."""

    @property
    def field(self) -> Field:
        """The field of the draft that contains it."""
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
    query: tuple[QueryParameter, ...]
    """The query; parameters of the URL first."""
    today: date
    sensitive: tuple[Secret, ...] = ()
    """Values that no message may contain."""
    expanded_body: Body | None = None
    """The body with its templates expanded; None = no body, or a template has no value."""

    @property
    def adds_ids(self) -> bool:
        """Whether the app adds tokens and ids."""
        return self.draft.options.auth is not AuthChoice.NONE

    def excerpt(self, value: str) -> str:
        """Shorten and redact a value for a message."""
        text = " ".join(Redactor(self.sensitive).redact(value).split())
        return f"{text[:_EXCERPT_LENGTH]}…" if len(text) > _EXCERPT_LENGTH else text

    def with_value(self, parameter: QueryParameter, value: str) -> Draft | None:
        """Return the draft with another value in a row; None if it is in the URL."""
        if parameter.row is None:
            return None
        pair = replace(self.draft.query[parameter.row], value=value)
        return self.with_row(parameter.row, pair)

    def with_row(self, row: int, pair: Pair) -> Draft:
        """Return the draft with one row replaced."""
        rows = self.draft.query
        return replace(self.draft, query=(*rows[:row], pair, *rows[row + 1 :]))

    def with_row_disabled(self, row: int) -> Draft:
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
    target = _resolve_target(draft, values)
    sensitive: list[Secret] = list(target.sensitive) if target else []
    query = (
        [
            QueryParameter(n, v)
            for n, v in parse_qsl(target.query, keep_blank_values=True)
        ]
        if (target)
        else []
    )
    for row, pair in enumerate(draft.query):
        if pair.enabled and pair.name:
            query.append(_expand_row(pair, row, values, sensitive))
    url = "&".join(["?", *(encode_pair(each.name, each.value) for each in query)])
    headers = [(row.name, row.value) for row in draft.headers]
    sensitive += typed_secrets(url, headers, None)
    return HintContext(
        draft=draft,
        environment=environment,
        values=values,
        target=target,
        operation=match_operation(draft, target) if target else None,
        query=tuple(query),
        today=values.now().date(),
        expanded_body=_expand_body(draft, values, sensitive) if with_body else None,
        sensitive=tuple(sensitive),
    )


def _resolve_target(draft: Draft, values: Values) -> Target | None:
    """Resolve the URL; a variable without a value is assumed to be an id."""
    try:
        return resolve(draft, values)
    except DraftError:
        pass
    path, query, rest = draft.url.partition("?")
    assumed = replace(draft, url=_VARIABLE_PART.sub(_ASSUMED_ID, path) + query + rest)
    for candidate in _candidates(assumed, rest):
        try:
            return resolve(candidate, values)
        except DraftError:
            continue
    return None


def _candidates(draft: Draft, query: str) -> Iterator[Draft]:
    yield draft
    if query:
        yield replace(draft, url=draft.url.partition("?")[0])


def _expand_row(
    pair: Pair, row: int, values: Values, sensitive: list[Secret]
) -> QueryParameter:
    if "{{" not in pair.name and "{{" not in pair.value:
        return QueryParameter(pair.name, pair.value, row)
    try:
        name = expand_text(pair.name, values, Field.QUERY)
        value = expand_text(pair.value, values, Field.QUERY)
    except DraftError:
        return QueryParameter(pair.name, "", row, complete=False)
    sensitive += [*name.sensitive, *value.sensitive]
    return QueryParameter(name.text, value.text, row)


def _expand_body(draft: Draft, values: Values, sensitive: list[Secret]) -> Body | None:
    if draft.body is None:
        return None
    try:
        expanded = expand_text(draft.body.text, values, Field.BODY)
    except DraftError:
        return None  # Sending reports the reason.
    sensitive += expanded.sensitive
    return replace(draft.body, text=expanded.text)
