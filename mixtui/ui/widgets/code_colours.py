"""The colours of code, from the theme: the same in request and response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.segment import Segment
from rich.style import Style
from textual.widget import Widget

from mixtui.document.highlight import Token, TokenKind

Styles = Mapping[TokenKind, Style]

_TEMPLATE_CLASSES = {
    TokenKind.TEMPLATE: "template--resolved",
    TokenKind.UNRESOLVED: "template--unresolved",
    TokenKind.SECRET: "template--secret",
    TokenKind.INPUT: "template--input",
}
TEMPLATE_CLASSES = frozenset(_TEMPLATE_CLASSES.values())
"""Component classes of a widget that shows text with templates."""
_CLASSES = {
    TokenKind.KEY: "code--key",
    TokenKind.STRING: "code--string",
    TokenKind.NUMBER: "code--number",
    TokenKind.KEYWORD: "code--keyword",
    TokenKind.PUNCTUATION: "code--punctuation",
    TokenKind.OFFSET: "code--offset",
    TokenKind.FOLDED: "code--folded",
    **_TEMPLATE_CLASSES,
    TokenKind.ERROR: "code--error",
}
CODE_CLASSES = frozenset(_CLASSES.values())
"""Component classes of a widget that shows code."""


def code_css(widget: str) -> str:
    """Return the styles of the component classes, for a widget's ``DEFAULT_CSS``."""
    return f"""
    {widget} > .code--key {{ color: $text-primary; }}
    {widget} > .code--string {{ color: $text-success; }}
    {widget} > .code--number {{ color: $text-warning; }}
    {widget} > .code--keyword {{ color: $text-accent; text-style: bold; }}
    {widget} > .code--punctuation {{ color: $text-muted; }}
    {widget} > .code--offset {{ color: $text-muted; }}
    {widget} > .code--folded {{ color: $text-muted; text-style: italic; }}
    {widget} > .code--error {{ color: $text-error; text-style: underline; }}
    {template_css(widget)}
    """


def text_area_css(widget: str) -> str:
    """Return the styles of a `TextArea`: those of Textual blend colors, some too faint."""
    return f"""
    {widget} > .text-area--cursor-line {{ background: $panel; }}
    {widget} > .text-area--placeholder {{ color: $text-muted; }}
    {widget}:ansi > .text-area--placeholder {{ text-style: italic; }}
    {widget}:ansi > .text-area--selection {{
        color: ansi_default; background: ansi_default; text-style: reverse;
    }}
    {widget} > .text-area--cursor, {widget}:light > .text-area--cursor {{
        color: $input-cursor-foreground; background: $input-cursor-background;
    }}
    {widget} > .text-area--matching-bracket {{
        background: $primary-muted; text-style: bold underline;
    }}
    """


def template_css(widget: str) -> str:
    """Return the styles of the component classes of templates, also without colours."""
    return f"""
    {widget} > .template--resolved {{ color: $text-secondary; text-style: bold; }}
    {widget} > .template--unresolved {{ color: $text-error; text-style: underline; }}
    {widget} > .template--secret {{ color: $text-warning; text-style: italic; }}
    {widget} > .template--input {{ color: $text-accent; text-style: bold italic; }}
    """


def template_class(kind: TokenKind) -> str:
    """Return the component class of a kind of template; empty = it is none."""
    return _TEMPLATE_CLASSES.get(kind, "")


def template_styles(widget: Widget) -> Styles:
    """Return the styles of templates; see `code_styles`."""
    return code_styles(widget, _TEMPLATE_CLASSES)


def code_styles(widget: Widget, classes: Mapping[TokenKind, str] = _CLASSES) -> Styles:
    """Return the styles in the current theme: text colour and weight, no background."""
    styles: dict[TokenKind, Style] = {}
    for kind, name in classes.items():
        # Not the partial style: colours like "auto 60%" need the background they are on.
        full_style = widget.get_component_rich_style(name)
        styles[kind] = Style(
            color=full_style.color,
            bold=full_style.bold,
            dim=full_style.dim,
            italic=full_style.italic,
            underline=full_style.underline,
        )
    return styles


def coloured(parts: Iterable[Token], styles: Styles, base: Style) -> list[Segment]:
    """Return tokens as segments; neighbours of one style become one segment."""
    segments: list[Segment] = []
    last: Style | None = None
    for kind, text in parts:
        style = base + styles[kind] if kind in styles else base
        if segments and (style == last or text.isspace()):
            before = segments[-1]
            segments[-1] = Segment(before.text + text, before.style)
        else:
            segments.append(Segment(text, style))
            last = style
    return segments
