from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.document import Language
from mixtui.document.highlight import TokenKind, tokens
from mixtui.editing.highlight import template_tokens
from mixtui.jsontext import check
from mixtui.request.templates import mask_templates

_PIECES = (
    *("{{now}}", "{{", "}}", r"\{{x}}", '"', "{", "}", "[", "]", ":", ",", " ", "1"),
    *("true", '"a"', '"{{now}}"', "x", "\\"),
)
PARTS = st.lists(st.sampled_from(_PIECES)).map("".join)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"time": {{now}}}', [("template", "{{now}}")]),
        ('{"id": "u-{{uuid}}-1"}', [("template", "{{uuid}}")]),
        ("[{{a}}, {{b}}]", [("template", "{{a}}"), ("template", "{{b}}")]),
        ('{"a": {{x}}{{y}}}', [("template", "{{x}}"), ("template", "{{y}}")]),
        (r'{"a": "\{{x}}"}', []),
        ('{"a": {{now}', [("error", "{now"), ("error", "{")]),
        ("plain", [("error", "plain")]),
    ],
)
def test_a_template_is_a_token_and_no_mistake(
    line: str, shown: list[tuple[str, str]]
) -> None:
    marked = (TokenKind.TEMPLATE, TokenKind.ERROR)
    found = [t for t in template_tokens(line, Language.JSON) if t[0] in marked]
    if shown and shown[0][0] == "error":
        assert {kind for kind, _ in found} == {TokenKind.ERROR}
    else:
        assert [(str(kind), text) for kind, text in found] == shown


@given(PARTS, st.sampled_from(Language), st.booleans())
def test_the_tokens_joined_are_the_line(
    line: str, language: Language, cropped: bool
) -> None:
    parts = template_tokens(line, language, cropped=cropped)
    assert "".join(text for _, text in parts) == line
    assert all(text for _, text in parts)
    if "{{" not in line:
        assert parts == tokens(line, language, cropped=cropped)


@given(PARTS)
def test_what_is_valid_is_never_painted_as_a_mistake(line: str) -> None:
    if check(mask_templates(line)) is None:
        kinds = {kind for kind, _ in template_tokens(line, Language.JSON)}
        assert TokenKind.ERROR not in kinds
