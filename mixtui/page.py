"""A page of sections and rows, before it is wrapped: what is said, not how it is drawn.

The docs of an operation are one, on the screen and on the command line, and so is the
preview of a request.
"""

from __future__ import annotations

from msgspec import Struct


class PageRow(Struct, frozen=True):
    """One or more lines of a page."""

    text: str
    name: str = ""
    """The subject, in its own column; empty = a plain sentence."""
    facts: str = ""
    """The constraints, shown dim after the text."""
    required: bool = False
    is_code: bool = False
    """Formatted as in a request: line breaks are preserved."""
    is_warning: bool = False


class PageSection(Struct, frozen=True):
    """A heading, with rows below it."""

    title: str
    rows: tuple[PageRow, ...]
