"""Completes the rows of the query and of the headers of the draft on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from mixtui.model.draft import Draft, Pair
from mixtui.model.environment import Environment
from mixtui.request.path_parameters import path_parameter, placeholders
from mixtui.request.preview import row_sources
from mixtui.request.templates import Values
from mixtui.ui.rows.row_edit import NameSource

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion
    from mixtui.mixpanel.catalogue import Operation, Parameter
    from mixtui.model.known_names import KnownNames, NameQuery


class CompletionContext(Protocol):
    """What completion depends on; the request pane has it."""

    @property
    def draft(self) -> Draft:
        """What is being edited."""

    @property
    def environment(self) -> Environment:
        """What it is resolved with."""

    @property
    def values(self) -> Values:
        """Where templates get their values."""

    @property
    def names(self) -> NameSource | None:
        """The project's names; None = there is nobody to ask."""

    @property
    def operation(self) -> Operation | None:
        """The operation that it is; None = none that is documented."""


def _own_names(context: CompletionContext) -> tuple[str, ...]:
    """Return the names that templates may have besides the built-in ones."""
    inputs = (each.name for each in context.draft.inputs)
    return (*inputs, *context.environment.variables)


class QueryCompleter(Struct):
    """Completes query rows from the operation's parameters and the project's names."""

    context: CompletionContext

    def names(self, typed: str) -> Sequence[Suggestion]:
        """Return parameters of the operation, those missing first."""
        from mixtui.editing.suggestions import query_names

        operation = self.context.operation
        if operation is None:
            return ()
        present = [pair.name for pair in self.context.draft.query if pair.name != typed]
        return query_names(operation, present, typed)

    def values(self, name: str, typed: str) -> Sequence[Suggestion]:
        """Return values that the parameter may have."""
        from mixtui.editing.suggestions import query_values, template_names

        if suggestions := template_names(typed, _own_names(self.context)):
            return suggestions
        parameter = self._parameter(name)
        if parameter is None:
            return ()
        present = {
            pair.name: pair.value
            for pair in reversed(self.context.draft.query)
            if pair.enabled
        }
        now = datetime.now().astimezone()
        return query_values(parameter, typed, present, self._known, now)

    def help(self, name: str) -> str | None:
        """Explain the parameter in one line."""
        from mixtui.mixpanel.docs import parameter_line

        if self.context.operation is None:
            return None
        # Of a name that the operation does not have, a hint tells, once it is typed.
        parameter = self._parameter(name)
        return parameter_line(parameter) if parameter is not None else ""

    def sources(self, row: Pair) -> str:
        """Return where the values of its templates come from."""
        return row_sources(row, self.context.values)

    def ask(self, lookup: NameQuery) -> None:
        """Look names up in the project."""
        if self.context.names is not None:
            self.context.names.ask(lookup)

    def _known(self, lookup: NameQuery) -> KnownNames | None:
        return (
            self.context.names.known(lookup) if self.context.names is not None else None
        )

    def _parameter(self, name: str) -> Parameter | None:
        operation = self.context.operation
        return operation.parameter(name) if operation is not None else None


class PathCompleter(QueryCompleter):
    """Completes path rows from the URL and the operation's path parameters."""

    def names(self, typed: str) -> Sequence[Suggestion]:
        """Return the path parameters in the URL that have no row yet."""
        from mixtui.editing.suggestions import Suggestion

        draft = self.context.draft
        present = {pair.name for pair in draft.path}
        return tuple(
            Suggestion(name, name)
            for name in placeholders(draft.url)
            if name not in present and name.startswith(typed)
        )

    def _parameter(self, name: str) -> Parameter | None:
        operation = self.context.operation
        if operation is None:
            return None
        return path_parameter(operation, self.context.draft.url, name)


class HeaderCompleter(Struct):
    """Completes header rows from common headers and the operation's."""

    context: CompletionContext

    def names(self, typed: str) -> Sequence[Suggestion]:
        """Return header names."""
        from mixtui.editing.suggestions import header_names

        present = [
            pair.name for pair in self.context.draft.headers if pair.name != typed
        ]
        return header_names(self.context.operation, present, typed)

    def values(self, name: str, typed: str) -> Sequence[Suggestion]:
        """Return values that the header may have."""
        from mixtui.editing.suggestions import header_values, template_names

        if suggestions := template_names(typed, _own_names(self.context)):
            return suggestions
        return header_values(self.context.operation, name, typed)

    def help(self, name: str) -> str | None:
        """Explain the header in one line, if the operation has any."""
        from mixtui.mixpanel.catalogue import ParameterLocation
        from mixtui.mixpanel.docs import parameter_line

        operation = self.context.operation
        rows = operation.parameters if operation is not None else ()
        headers = [each for each in rows if each.location is ParameterLocation.HEADER]
        parameters = (each for each in headers if each.name.lower() == name.lower())
        lines = [parameter_line(each) for each in parameters]
        return lines[0] if lines else ("" if headers else None)

    def sources(self, row: Pair) -> str:
        """Return where the values of its templates come from."""
        return row_sources(row, self.context.values)

    def ask(self, lookup: NameQuery) -> None:
        """Headers have no names to look up."""
