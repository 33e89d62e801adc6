"""The parameters in the path of a request: what the URL names, and what fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.mixpanel.operation import Operation, Parameter, ParameterLocation
from mixtui.model.errors import DraftError
from mixtui.request.templates import (
    PLACEHOLDER,
    Values,
    describe_sources,
    fill_placeholders,
    map_references,
    placeholder_id,
    value_sources,
)
from mixtui.request.urls import expand_path

if TYPE_CHECKING:
    from mixtui.model.draft import Draft


def placeholders(url: str) -> tuple[str, ...]:
    """Return the names of the placeholders in a relative URL, in order, each once."""
    without_templates = map_references(url, lambda reference: "")
    return tuple(dict.fromkeys(PLACEHOLDER.findall(without_templates)))


class OpenParameter(Struct, frozen=True):
    """A placeholder that no row of the draft fills."""

    name: str
    value: str
    """What the environment fills it with; empty = nothing."""
    origin: str
    """Where the value comes from; empty = it has none."""


def open_parameters(draft: Draft, values: Values) -> tuple[OpenParameter, ...]:
    """Return the placeholders of a draft that no enabled row fills."""
    filled = {row.name for row in draft.path if row.enabled}
    return tuple(
        _open_parameter(name, values)
        for name in placeholders(draft.url)
        if name not in filled
    )


def _open_parameter(name: str, values: Values) -> OpenParameter:
    placeholder = f"{{{name}}}"
    try:
        filled = fill_placeholders(placeholder, values, str, keep_unfilled=True)
    except DraftError:
        return OpenParameter(name, "", "")
    if filled.unfilled or filled.sensitive:
        return OpenParameter(name, "", "")
    key = placeholder_id(placeholder) or name
    sources = value_sources((f"{{{{{key}}}}}",), values)
    return OpenParameter(name, filled.text, describe_sources(sources))


def unfilled_parameters(draft: Draft, values: Values) -> tuple[str, ...]:
    """Return the names of the placeholders that neither a row nor the environment fills.

    Raises:
        DraftError: A template in a row has no value.
    """
    rows = expand_path(draft, values)
    return fill_placeholders(draft.url, values, str, rows, keep_unfilled=True).unfilled


def path_parameter(operation: Operation, url: str, name: str) -> Parameter | None:
    """Return the documented parameter that a placeholder stands for.

    By its name, else by its place in the path.

    Args:
        operation: What the draft calls.
        url: The relative URL of the draft.
        name: Of the placeholder.
    """
    parameter = operation.parameter(name, ParameterLocation.PATH)
    if parameter is not None:
        return parameter
    typed = url.strip().partition("#")[0].partition("?")[0].rstrip("/").split("/")
    documented = operation.path.rstrip("/").split("/")
    if len(typed) != len(documented):
        return None
    for segment, pattern in zip(typed, documented, strict=True):
        if segment == f"{{{name}}}" and pattern.startswith("{"):
            return operation.parameter(pattern.strip("{}"), ParameterLocation.PATH)
    return None
