"""A value as it stands in the URL or in a form: encoded exactly once."""

from __future__ import annotations

import re

from mixtui.core.urls import encode_component

_TEMPLATE = re.compile(r"(\{\{[^{}]*\}\})")


def encode_pair_for_display(name: str, value: str) -> str:
    """``name=value`` as it is sent; templates, not filled yet, stay as they are."""
    parts = _TEMPLATE.split(value)
    encoded = (p if i % 2 else encode_component(p) for i, p in enumerate(parts))
    return f"{encode_component(name)}={''.join(encoded)}"
