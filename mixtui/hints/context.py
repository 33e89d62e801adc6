"""The context of the rules: a draft's operation, its parsed query and its body."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from urllib.parse import parse_qsl

from msgspec import Struct
from msgspec.structs import replace

from mixtui.mixpanel.catalogue import Operation
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import Secret
from mixtui.patterns import compile_late
from mixtui.request.forms import FormMistake, parse_fields
from mixtui.request.inputs import bind_inputs, declare_inputs
from mixtui.request.operation_match import match_operation
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import REFERENCE, Values, escape_text, expand_text
from mixtui.request.urls import Target, encode_pair, resolve

_PREVIEW_UUID = "5c1f8a4e-0000-4000-8000-000000000000"
"""Stands for each generated UUID: a value that every rule accepts."""
_VARIABLE_PART = compile_late(rf"{REFERENCE}|\{{[^{{}}]*\}}")
_ASSUMED_ID = "1"
_EXCERPT_LENGTH = 40
"""Characters of a value in a message."""


class TypedParameter(Struct, frozen=True):
    """A parameter as sent, with templates filled: of the URL, a row or a form."""

    name: str
    value: str
    row: int | None = None
    """Index of its row in the draft's query."""
    line: int | None = None
    """Its line in a form, from 1; without row and line it is in the URL."""
    complete: bool = True
    """False = a template in it has no value, so it cannot be checked."""

    @property
    def field(self) -> Field:
        """The field of the draft that contains it."""
        if self.line is not None:
            return Field.BODY
        return Field.URL if self.row is None else Field.QUERY


class HintContext(Struct, frozen=True, dict=True):
    """The input of the rules."""

    draft: Draft
    environment: Environment
    values: Values
    target: Target | None
    """None = the URL has no known target."""
    operation: Operation | None
    """None = not documented by Mixpanel."""
    query: tuple[TypedParameter, ...]
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

    @cached_property
    def form(self) -> tuple[TypedParameter, ...]:
        """The fields of a form that is sent.

        None if it is incomplete, or a template in it has no value.
        """
        if self.expanded_body is None or not self.sends_form:
            return ()
        try:
            fields = parse_fields(self.expanded_body.text)
        except FormMistake:
            return ()  # The check of the body reports the position.
        return tuple(TypedParameter(f.name, f.value, line=f.line) for f in fields)

    @property
    def checks_body_as_query(self) -> bool:
        """Whether parameters are in the body too, so that they are checked with it."""
        body, operation = self.draft.body, self.operation
        is_query = operation is not None and operation.is_query
        is_json = body is not None and body.type is BodyType.JSON
        return self.sends_form or (is_json and is_query and self.draft.sends_body)

    @property
    def sends_form(self) -> bool:
        """Whether the body is a form, and is sent."""
        body = self.draft.body
        is_form = body is not None and body.type is BodyType.FORM
        return is_form and self.draft.sends_body

    def on(self, draft: Draft) -> HintContext:
        """Return the context of a draft with another value in one place."""
        return replace(self, draft=draft)

    def with_value(self, parameter: TypedParameter, value: str) -> Draft | None:
        """Return the draft with another value; None if that takes more than an edit."""
        return self.with_typed_value(parameter, escape_text(value))

    def with_typed_value(self, parameter: TypedParameter, text: str) -> Draft | None:
        """Return the draft with a value that may hold templates; None as before."""
        return self._with_pair(parameter, Pair(parameter.name, text))

    def with_name(self, parameter: TypedParameter, name: str) -> Draft | None:
        """Return the draft with a parameter renamed; None as for `with_value`."""
        return self._with_pair(parameter, Pair(name, self.typed_value(parameter)))

    def without(self, parameter: TypedParameter) -> Draft | None:
        """Return the draft with a row disabled, or a line of a form removed."""
        if parameter.row is not None:
            pair = replace(self.draft.query[parameter.row], enabled=False)
            return self.with_row(parameter.row, pair)
        return self._with_line(parameter, None)

    def with_added(self, name: str, value: str) -> Draft:
        """Return the draft with a row added to the query."""
        return replace(self.draft, query=(*self.draft.query, Pair(name, value)))

    def typed_value(self, parameter: TypedParameter) -> str:
        """Return a value as it was typed, with its templates."""
        if parameter.row is not None:
            return self.draft.query[parameter.row].value
        return parameter.value

    def with_row(self, row: int, pair: Pair) -> Draft:
        """Return the draft with one row replaced."""
        rows = self.draft.query
        return replace(self.draft, query=(*rows[:row], pair, *rows[row + 1 :]))

    def _with_pair(self, parameter: TypedParameter, pair: Pair) -> Draft | None:
        if parameter.row is not None:
            return self.with_row(parameter.row, pair)
        if "\n" in pair.value or pair.value.startswith('"""'):
            return None
        return self._with_line(parameter, f"{pair.name}={pair.value}")

    def _with_line(self, parameter: TypedParameter, line: str | None) -> Draft | None:
        """Return the draft with a line of its form replaced; None if it is no such line.

        The line was counted with templates filled: one that holds a template, or that
        a template has moved, is left alone.
        """
        body = self.draft.body
        if body is None or parameter.line is None:
            return None
        lines = body.text.split("\n")
        index = parameter.line - 1
        typed = f"{parameter.name}={parameter.value}"
        if index >= len(lines) or lines[index].removesuffix("\r") != typed:
            return None
        lines[index : index + 1] = [] if line is None else [line]
        return replace(self.draft, body=replace(body, text="\n".join(lines)))


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
    try:
        values = bind_inputs(draft, values)
    except DraftError:
        values = declare_inputs(draft, values)
    target = _resolve_target(draft, values)
    sensitive: list[Secret] = list(target.sensitive) if target else []
    query = (
        [
            TypedParameter(n, v)
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
        return resolve(draft, values, keep_unfilled=True)
    except DraftError:
        pass
    path, query, rest = draft.url.partition("?")
    assumed = replace(draft, url=_VARIABLE_PART.sub(_ASSUMED_ID, path) + query + rest)
    for candidate in _candidates(assumed, rest):
        try:
            return resolve(candidate, values, keep_unfilled=True)
        except DraftError:
            continue
    return None


def _candidates(draft: Draft, query: str) -> Iterator[Draft]:
    yield draft
    if query:
        yield replace(draft, url=draft.url.partition("?")[0])


def _expand_row(
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


def _expand_body(draft: Draft, values: Values, sensitive: list[Secret]) -> Body | None:
    if draft.body is None:
        return None
    try:
        expanded = expand_text(draft.body.text, values, Field.BODY)
    except DraftError:
        return None  # Sending reports the reason.
    sensitive += expanded.sensitive
    return replace(draft.body, text=expanded.text)
