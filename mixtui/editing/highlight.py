"""The tokens of a text that is typed: a template in it is a value of any type.

What is checked (`mask_templates`) is what is lexed, so that a text never looks wrong
that is valid.
"""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.document.document import Language
from mixtui.document.highlight import Token, TokenKind, tokens
from mixtui.request.templates import (
    Reference,
    ReferenceState,
    Values,
    mask_templates,
    parse_template,
)

_KINDS = {
    ReferenceState.RESOLVED: TokenKind.TEMPLATE,
    ReferenceState.UNRESOLVED: TokenKind.UNRESOLVED,
    ReferenceState.SECRET: TokenKind.SECRET,
    ReferenceState.INPUT: TokenKind.INPUT,
}


def reference_kind(reference: Reference, values: Values | None) -> TokenKind:
    """Return how a reference is drawn; without values, as one that has a value."""
    state = ReferenceState.RESOLVED if values is None else values.state(reference.name)
    return _KINDS[state]


def template_tokens(
    line: str,
    language: Language,
    values: Values | None = None,
    *,
    cropped: bool = False,
) -> list[Token]:
    """Split a line into tokens, as `tokens` does, with its templates as tokens."""
    if "{{" not in line:
        return tokens(line, language, cropped=cropped)
    lexed = tokens(mask_templates(line), language, cropped=cropped)
    return list(_with_references(line, lexed, values))


def reference_tokens(text: str, values: Values | None) -> list[Token]:
    """Split a text of any kind into plain parts and references."""
    if "{{" not in text:
        return [(TokenKind.TEXT, text)] if text else []
    parts: list[Token] = []
    for part in parse_template(text):
        kind = TokenKind.TEXT
        if isinstance(part, Reference):
            kind = reference_kind(part, values)
        parts.append((kind, part.text))
    return parts


def _with_references(
    line: str, lexed: list[Token], values: Values | None
) -> Iterator[Token]:
    """Yield the tokens of a masked line with the text of the line, cut at references."""
    references = [each for each in parse_template(line) if isinstance(each, Reference)]
    spans = [(e.start, e.end, reference_kind(e, values)) for e in references]
    ends = iter([*spans, (len(line), len(line), TokenKind.TEXT)])
    start, end, template = next(ends)
    index = 0
    for kind, text in lexed:
        token_end = index + len(text)
        while index < token_end:
            if index == end:
                start, end, template = next(ends)
            if index < start:
                stop, shown = min(start, token_end), kind
            else:
                stop, shown = min(end, token_end), template
            yield shown, line[index:stop]
            index = stop
