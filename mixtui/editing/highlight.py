"""The tokens of a text that is typed: a template in it is a value of any type.

What is checked (`mask_templates`) is what is lexed, so that a text never looks wrong
that is valid.
"""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.document.document import Language
from mixtui.document.highlight import Token, TokenKind, tokens
from mixtui.request.templates import Reference, mask_templates, parse_template


def template_tokens(
    line: str, language: Language, *, cropped: bool = False
) -> list[Token]:
    """Split a line into tokens, as `tokens` does, with its templates as tokens."""
    if "{{" not in line:
        return tokens(line, language, cropped=cropped)
    lexed = tokens(mask_templates(line), language, cropped=cropped)
    return list(_with_references(line, lexed))


def _with_references(line: str, lexed: list[Token]) -> Iterator[Token]:
    """Yield the tokens of a masked line with the text of the line, cut at references."""
    references = [each for each in parse_template(line) if isinstance(each, Reference)]
    ends = iter([*((each.start, each.end) for each in references), (len(line),) * 2])
    start, end = next(ends)
    index = 0
    for kind, text in lexed:
        token_end = index + len(text)
        while index < token_end:
            if index == end:
                start, end = next(ends)
            if index < start:
                stop, shown = min(start, token_end), kind
            else:
                stop, shown = min(end, token_end), TokenKind.TEMPLATE
            yield shown, line[index:stop]
            index = stop
