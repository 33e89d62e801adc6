"""Form fields as people type them in mixtui, from names and values."""

from __future__ import annotations

from collections.abc import Iterable

from mixtui.core.forms import FormMistake, parse_form

_QUOTES = '"""'


def form_text(fields: Iterable[tuple[str, str]]) -> str:
    """``name=value`` lines; values of several lines between triple quotes."""
    return "\n".join(_field(name, value) for name, value in fields)


def written(fields: Iterable[tuple[str, str]]) -> str | None:
    """The same, or None where mixtui's form cannot hold them exactly."""
    fields = tuple(fields)
    text = form_text(fields)
    try:
        return text if parse_form(text) == fields else None
    except FormMistake:
        return None


def _field(name: str, value: str) -> str:
    if "\n" not in value and not value.startswith(_QUOTES) and "\r" not in value:
        return f"{name}={value}"
    return f"{name}={_QUOTES}\n{value}\n{_QUOTES}"
