"""Targets: what people type, paste and pass, and what a terminal sends."""

from __future__ import annotations

import asyncio
import json
import shlex
from argparse import ArgumentTypeError, Namespace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace
from textual.events import Key, Paste

from mixtui.cli.arguments import parse_pair
from mixtui.cli.commands import load_command
from mixtui.cli.commands.root import split_command, split_options
from mixtui.cli.completion.bash import split_line
from mixtui.cli.completion.shells import read_words
from mixtui.cli.doctor.replies import Replies, parse_replies
from mixtui.cli.parsing import HelpRequested, UsageError, number, whole_number
from mixtui.cli.secret_source import parse_source
from mixtui.document.document import Language
from mixtui.editing import json_value
from mixtui.editing.dates import (
    DateStep,
    End,
    OutOfRange,
    Window,
    move_window,
    read_day,
    shift,
    toggle_relative,
)
from mixtui.editing.finder import Findable, Finder, marks
from mixtui.editing.highlight import reference_tokens, template_tokens
from mixtui.editing.names import NameIndex, choices
from mixtui.editing.pairs import effect
from mixtui.editing.reformat import Reformat, reformat
from mixtui.editing.suggestions import template_names
from mixtui.hints import find_hints
from mixtui.hints.lookup_table import check_lookup_table
from mixtui.hints.model import parse_body
from mixtui.hints.values import check_value, parse_date
from mixtui.history.query import parse_day, parse_query, parse_status
from mixtui.jq.filter import compile_error
from mixtui.jq.process import FilterProcess
from mixtui.jsontext import Mistake
from mixtui.mixpanel.catalogue import operations
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.mixpanel.expression_check import check as check_expression
from mixtui.mixpanel.expression_check import is_bare_name
from mixtui.mixpanel.expressions import (
    property_expression,
    property_names,
    tokenize,
    unescape,
)
from mixtui.mixpanel.search import find_unambiguous, search_operations
from mixtui.model.draft import Body, BodyType, Draft
from mixtui.model.errors import Field
from mixtui.outcome.refusals import hint_for_text, hour_counter, is_plain_refusal
from mixtui.request.body import guess_body_type
from mixtui.request.event_ids import (
    add_insert_ids,
    inject_token,
    insert_id_note,
    token_note,
)
from mixtui.request.forms import (
    FormMistake,
    encode_form,
    exact_form_text,
    parse_fields,
    parse_form,
)
from mixtui.request.from_operation import draft_from_operation
from mixtui.request.headers import validate_header
from mixtui.request.prepare import prepare
from mixtui.request.preview import preview
from mixtui.request.record_data import read_data
from mixtui.request.secret_values import clear_body, clear_header, clear_text
from mixtui.request.templates import (
    Literal,
    Reference,
    Values,
    escape_text,
    expand_text,
    is_template_name,
    map_literals,
    map_references,
    mask_templates,
    parse_template,
    plain_text,
    references,
)
from mixtui.spelling import did_you_mean
from mixtui.text import mend_blanks, sanitize, sanitize_excerpt
from mixtui.ui.environments.draft import parse_lines
from mixtui.ui.frame import split_cells
from mixtui.ui.keys.paste import PasteParser, is_unbracketed_paste
from mixtui.ui.keys.paste import plain_text as pasted
from mixtui.ui.rows.model import (
    escape_controls,
    from_text,
    to_text,
    unescape_controls,
)
from tests.exchanges import ENVIRONMENT
from tests.fuzz.bodies import JSON_TEXTS
from tests.fuzz.target import Target, check_sentence, refused
from tests.fuzz.texts import AWKWARD, encoded, near, seeds
from tests.storage.strategies import drafts, pairs

_TODAY = date(2026, 1, 31)
_VALUES = Values(
    ENVIRONMENT,
    variables={"a": "1", "b": "{{a}}", "today": "x"},
    process={"HOME": "/h"},
    now=lambda: datetime(2026, 1, 31, tzinfo=UTC),
    new_uuid=lambda: "u",
)
_TEMPLATE_TOKENS = (
    *(
        "{{",
        "}}",
        "{",
        "}",
        "\\",
        "\\\\",
        "{{a}}",
        "{{ a }}",
        "{{today-7d}}",
        "{{env:HOME}}",
    ),
    *(
        "{{today+99999d}}",
        "{{now}}",
        "{{uuid}}",
        "{{$guid}}",
        "{{x y}}",
        "{{a",
        "{{{a}}}",
    ),
    *(
        "{{project_id}}",
        "{{month_start}}",
        "\\{{a}}",
        "\\\\{{a}}",
        "{{}}",
        "{{env:}}",
        "x",
    ),
)
_TEMPLATES = near(seeds("request/test_templates.py", r"\{\{"), _TEMPLATE_TOKENS)


def _check_template(text: str) -> None:
    parts = list(parse_template(text))
    assert "".join(part.text for part in parts) == text
    for reference in references(text):
        assert text[reference.start : reference.end] == reference.text
        is_template_name(reference.name)
    for foreign in (False, True):
        assert map_literals(text, lambda piece: piece, foreign=foreign) == text
        same = map_references(text, lambda r: r.text, foreign=foreign)
        assert [p.text for p in parse_template(same)] == [
            p.text for p in parse_template(text)
        ]
    assert len(mask_templates(text)) == len(text)
    escaped = escape_text(text)
    assert plain_text(escaped) == text and not list(references(escaped)), escaped
    assert not any(
        isinstance(p, Literal) and p.unclosed for p in parse_template(escaped)
    )
    expanded = refused(lambda: expand_text(text, _VALUES, Field.URL))
    if expanded is not None and not any(isinstance(p, Reference) for p in parts):
        assert expanded.text == plain_text(text)
    for tokens in (
        reference_tokens(text, _VALUES),
        template_tokens(text, Language.JSON, _VALUES),
        template_tokens(text, Language.TEXT, None, cropped=True),
    ):
        assert "".join(piece for _, piece in tokens) == text
    list(template_names(text, ["a", "b"]))


_FORM_TOKENS = (
    'a="""\n',
    '"""',
    "a=",
    "=",
    "\n",
    "\r\n",
    "b=c\n",
    "é=😀",
    " ",
    "{{a}}",
)
_FORMS = near(seeds("request/test_forms.py", "="), _FORM_TOKENS)


def _check_form(text: str) -> None:
    fields = refused(lambda: parse_form(text), FormMistake)
    refused(lambda: parse_fields(text), FormMistake)
    if fields is not None:
        written = exact_form_text(fields)
        assert written is None or parse_form(written) == fields
        refused(lambda: encode_form(fields), UnicodeEncodeError)
    for line in range(text.count("\n") + 1):
        field = json_value.field_at(text, line)
        assert field is None or field.first <= line <= field.last
    parse_lines(text)


def _check_json_value(text: str) -> None:
    mistake = json_value.check(text)
    if mistake is None:
        formatted = json_value.format_json(text)
        assert json_value.compact(formatted) == json_value.compact(text)
        if json_value.is_list(text):
            lines = json_value.as_lines(text)
            assert json_value.compact(json_value.from_lines(lines)) == (
                json_value.compact(text)
            ) or _same_json(json_value.from_lines(lines), text)
    json_value.decode(text)
    for name in ("where", "event", "x"):
        json_value.kind_of(name, text, None)
    json_value.from_lines(text)
    for how in Reformat:
        for kind in (BodyType.JSON, BodyType.NDJSON):
            done = reformat(how, kind, text, 0, 0)
            if isinstance(done, Mistake):
                assert done.line >= 1 and done.column >= 1
            elif how is not Reformat.SORT_KEYS and kind is BodyType.JSON:
                assert _without_space(done.text) == _without_space(text)
                assert 0 <= done.row <= done.text.count("\n")


def _same_json(one: str, other: str) -> bool:
    hooks: dict[str, Any] = {"parse_int": str, "parse_float": str}
    try:
        return bool(json.loads(one, **hooks) == json.loads(other, **hooks))
    except ValueError:
        return "{{" in one


def _without_space(text: str) -> str:
    return "".join(c for c in text if c not in " \t\r\n")


_DATE_TEXTS = near(
    (
        "2026-01-31",
        "{{today-7d}}",
        "today-2w",
        "{{month_start}}",
        "2026-02-29",
        "9999-12-31",
    ),
    ("today", "-", "+", "d", "w", "0001", "99999", "{{", "}}", "٣", "-01", "T00:00"),
)


def _check_dates(text: str) -> None:
    parse_date(text)
    day = refused(lambda: read_day(text, _TODAY))
    refused(lambda: parse_day(text, datetime(2026, 1, 31)))
    refused(lambda: parse_status(text))
    if day is None:
        return
    assert read_day(day.text(_TODAY), _TODAY) is not None
    refused(lambda: toggle_relative(day, _TODAY), OutOfRange)
    for step in DateStep:
        for by in (-1, 1, 400, -99_999_999):
            moved = refused(partial(shift, day, by, step, _TODAY), OutOfRange)
            assert moved is None or read_day(moved.text(_TODAY), _TODAY) is not None
            refused(
                partial(move_window, Window(day, day), by, step, _TODAY),
                OutOfRange,
            )
    assert Window(day, day).with_day(End.TO, day).is_valid


_QUERIES = near(
    ("sign status:4xx after:today-7d", 'request:"a b" env:prod', "on:2026-01-01", "x"),
    (
        "status:",
        "after:",
        "until:",
        "before:",
        "on:",
        "env:",
        '"',
        ":",
        "4xx",
        "none",
        "9999",
    ),
)
_FINDER = Finder(
    [
        Findable("Weekly sign-ups", "Reports", "GET", "/query/segmentation?event=Sign"),
        Findable("日本 😀", "", "POST", "/track"),
    ]
)


def _check_queries(text: str) -> None:
    refused(lambda: parse_query(text, datetime(2026, 1, 31)))
    list(_FINDER.find(text))
    for shown in ("Weekly sign-ups", "日本 😀 İx", text):
        for is_path in (False, True):
            spans = marks(shown, text, is_path=is_path)
            assert all(0 <= start < end <= len(shown) for start, end in spans), spans
    search_operations(text)
    find_unambiguous(text)
    did_you_mean(text, ["status", "after", text])


_EXPRESSIONS = near(
    (
        'properties["a"] == "b" and not (user["x"] > 3)',
        'datetime(properties["time"]) in ["a"]',
        *seeds("mixpanel/test_expression_check.py", r"properties|user|=="),
    ),
    (
        'properties["',
        '"]',
        "==",
        "and",
        "not",
        "(",
        ")",
        "in",
        "[",
        "]",
        '"',
        "\\",
        "1",
        "{{a}}",
    ),
)


def _check_expressions(text: str) -> None:
    for token in tokenize(text):
        assert text[token.start : token.end] == token.text
    for alone in (False, True):
        for problem in check_expression(text, property_alone=alone):
            assert problem.message
    list(property_names(text))
    is_bare_name(text)
    unescape(text)
    assert list(property_names(property_expression(text))) == [text]
    for cursor in (0, len(text) // 2, len(text)):
        choices(text, cursor, NameIndex(["a b", 'x"y', "日本"]))


_ROWS = st.lists(pairs, max_size=4).map(tuple)


def _check_rows(rows: tuple[Any, ...]) -> None:
    """Rows written as lines are the same rows again."""
    for separator in ("=", ":"):
        text = to_text(rows, separator)
        kept = [row for row in rows if to_text((row,), separator).strip()]
        assert from_text(text, separator) == tuple(kept), text
    for row in rows:
        escaped = escape_controls(row.value)
        assert unescape_controls(escaped) == row.value
        assert "\n" not in escaped and "\x1b" not in escaped


def _check_lines_of_rows(text: str) -> None:
    for separator in ("=", ":"):
        rows = from_text(text, separator)
        assert from_text(to_text(rows, separator), separator) == rows
        for row in rows:
            refused(partial(validate_header, row.name, row.value))
            clear_header(row.name, row.value)


_BODIES = st.builds(Body, st.sampled_from(BodyType), JSON_TEXTS | _FORMS)


def _check_body(body: Body) -> None:
    guess_body_type(body.text)
    parse_body(body.text, body.type)
    list(check_lookup_table(body.text))
    clear_body(body)
    clear_text(body.text)
    read_data(body.text)
    if json_value.check(body.text) is None:
        filled = mask_templates(body.text)
        insert_id_note(filled)
        added = add_insert_ids(filled, "1")
        assert json_value.check(added.text) is None
        for place in TokenPlace:
            token_note(filled, "t", place)
            again = inject_token(added.text, "t", place)
            assert json_value.check(again.text) is None


def _check_draft(draft: Draft) -> None:
    request = refused(lambda: prepare(draft, ENVIRONMENT, values=_VALUES))
    if request is not None:
        for notice in request.notices:
            check_sentence(notice)
        assert request.url.isascii() and request.url.isprintable(), request.url
        for name, value in request.headers:
            assert not set("\r\n\0") & set(name + value)
    preview(draft, ENVIRONMENT)
    for hint in find_hints(draft, ENVIRONMENT, values=_VALUES):
        check_sentence(hint.message)


_OPERATIONS = [o for o in operations() if o.body is not None]


def _check_operation(example: tuple[int, str]) -> None:
    """The example of an operation with another body has hints, or is sent."""
    number, text = example
    draft = draft_from_operation(_OPERATIONS[number % len(_OPERATIONS)])
    if draft.body is not None:
        draft = replace(draft, body=replace(draft.body, text=text))
    _check_draft(draft)


_PARAMETERS = [p for operation in operations() for p in operation.parameters]


def _check_parameter(example: tuple[int, str]) -> None:
    index, value = example
    if value:
        mistake = check_value(_PARAMETERS[index % len(_PARAMETERS)], value)
        assert mistake is None or mistake.problem


_COMMANDS = (
    *("send", "list", "show", "export", "history list", "history show", "env add"),
    *(
        "env check",
        "import curl",
        "new",
        "operations",
        "keys",
        "quota",
        "init",
        "trust",
    ),
)
_ARGUMENTS = near(
    (
        "--var",
        "a=b",
        "--timeout",
        "3",
        "--json",
        "-o",
        "x",
        "--env",
        "--dry-run",
        "name",
    ),
    (
        "--",
        "-",
        "=",
        "--va",
        "--header",
        "-h",
        "--all-pages",
        "--filter",
        ".",
        "--path",
        "1e9",
    ),
)
_SETTINGS = {"collection": None, "env": None}


def _check_command_line(example: tuple[str, list[str]]) -> None:
    name, arguments = example
    words = [*name.split(), *arguments]
    errors = (UsageError, HelpRequested)
    refused(lambda: split_options(words), *errors)
    split = refused(lambda: split_command(words), *errors)
    if split is None or not split[0]:
        return
    parser, _ = load_command(split[0])
    refused(lambda: parser.parse(split[1], Namespace(**_SETTINGS)), *errors)
    for word in arguments:
        refused(partial(parse_pair, word, "=", "--var"), *errors)
        refused(partial(number, word), ArgumentTypeError, *errors)
        refused(partial(whole_number, word), ArgumentTypeError, *errors)
        refused(partial(parse_source, word, "e", "k"), *errors)


_SHELL_LINES = near(
    (
        "mixtui send 'a b' --var x=y",
        'mixtui show "a',
        "mixtui send a\\ b",
        "mixtui x --env=",
    ),
    ("'", '"', "\\", " ", "=", ":", "$", "`", ";", "|", "--env", "mixtui "),
)


def _check_shell_line(line: str) -> None:
    words, last = split_line(line, "\"'><=;|&(:")
    assert all(isinstance(word, str) for word in words) and last is not None
    for shell in ("bash", "zsh", "fish"):
        read_words(shell, line)
    if not set(line) & set("$`;|&()<>\n\r#\\=:!{}*?[]~\"'"):
        assert words[:-1] == shlex.split(line)[: len(words) - 1]


_SCREEN_TEXTS = st.lists(st.sampled_from(AWKWARD), max_size=8).map("".join) | st.text(
    max_size=30
)


def _check_shown(text: str) -> None:
    """Nothing that a terminal obeys is in what is shown."""
    shown = sanitize(text)
    assert sanitize(shown) == shown
    assert not any(c < " " or "\x7f" <= c < "\xa0" for c in shown), repr(shown)
    assert not any(
        "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in shown
    )
    assert not any("\ud800" <= c <= "\udfff" for c in shown)
    assert len(sanitize_excerpt(text, 10)) <= 10
    mend_blanks(text)
    assert "".join(split_cells(shown)) == shown
    hint_for_text(text, True)
    is_plain_refusal(text)
    hour_counter(text)
    compile_error(text, text)
    for character in text[:5]:
        effect(character, text, text)


_SEQUENCES = (
    *(
        "\x1b[A",
        "\x1b[1;5C",
        "\x1bOP",
        "\x1b[27;5;13~",
        "\x1b[99;5u",
        "\x1b[<0;3;4M",
        "\x1b",
    ),
    *(
        "\x1b[200~",
        "\x1b[201~",
        "\x1b[?1;2c",
        "\x1b]11;rgb:0/0/0\x07",
        "\x1b[I",
        "\x1b[O",
        "a",
    ),
    *(
        "\x1b[999999999u",
        "\x1b[57344u",
        "\x1b[1114112u",
        "\x1b[;u",
        "\x1bP",
        "\x1b[M abc",
    ),
    *(
        "\r",
        "\n",
        "\t",
        "\x7f",
        "\x03",
        "日本",
        "😀",
        "\x1b[1;1;1R",
        "\x1b[?2026;1$y",
        "\x00",
    ),
    *(
        "\x1b[<99999;99999;99999M",
        "\x1b[8;1;1t",
        "\x1b[48;1;1;1;1t",
        "two words\nand a line\n",
    ),
)
_INPUT = st.lists(
    st.lists(st.sampled_from(_SEQUENCES) | st.text(max_size=3), max_size=4).map(
        "".join
    ),
    max_size=5,
)


def _messages(chunks: list[str]) -> list[Any]:
    parser = PasteParser()
    found: list[Any] = []
    for chunk in chunks:
        if chunk:
            found += parser.feed(chunk)
    found += parser.feed("")
    return found


def _check_terminal(chunks: list[str]) -> None:
    for message in _messages(chunks):
        if isinstance(message, Key):
            assert isinstance(message.key, str) and message.key
        if isinstance(message, Paste):
            assert "\x1b" not in message.text and "\r" not in message.text
    is_unbracketed_paste("".join(chunks))


def _check_paste(example: tuple[str, int]) -> None:
    """A bracketed paste is one event with its text, in however many reads it comes."""
    text, size = example
    text = text.replace("\x1b[201~", "").replace("\x1b", "").replace("\0", "")
    data = f"\x1b[200~{text}\x1b[201~"
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    pastes = [m.text for m in _messages(chunks) if isinstance(m, Paste)]
    assert pastes == [pasted(text)], pastes
    assert not [m for m in _messages(chunks) if isinstance(m, Key)]


_PROGRAMS = near(
    (".a", ".[] | select(.x > 1)", "map(.a)", "{a: .b}", ".a as $x | $x", '"\\(.a)"'),
    (
        ".",
        "[",
        "]",
        "|",
        "(",
        ")",
        "{",
        "}",
        "$",
        '"',
        "\\",
        "#",
        "def f: .;",
        "@csv",
        "error",
    ),
)


def _check_jq(program: str) -> None:
    async def run() -> None:
        process = FilterProcess(b"1")
        try:
            await process.check(program)
        finally:
            await process.close()

    refused(lambda: asyncio.run(run()))


def _check_table(text: str) -> None:
    for hint in check_lookup_table(text):
        check_sentence(hint.message)


_REPLIES = encoded(
    near(
        ("\x1b[?2026;2$y\x1bP>|kitty(0.43)\x1b\\\x1b[?0u\x1b[?62;52;c",),
        (
            "\x1b[?",
            "\x1bP>|",
            "\x1bP1$r",
            "\x1b\\",
            "48:2::1:2:3m",
            ";",
            "$y",
            "c",
            "u",
        ),
    )
)


def _check_replies(data: bytes) -> None:
    replies = parse_replies(data)
    assert len(replies.name) <= 60
    assert not replies.silence or replies == Replies(replies.silence)
    # A terminal that has replied once is not asked again, and keys may follow.
    if not replies.silence:
        assert parse_replies(data + b"\x1b[Als\r").silence == ""


TARGETS = (
    Target("template", _TEMPLATES, _check_template, 60),
    Target("form", _FORMS, _check_form, 40),
    Target("JSON value", JSON_TEXTS | _TEMPLATES, _check_json_value, 40),
    Target("dates", _DATE_TEXTS, _check_dates, 40),
    Target("search words", _QUERIES, _check_queries, 40),
    Target("expression", _EXPRESSIONS, _check_expressions, 60),
    Target("rows", _ROWS, _check_rows, 30),
    Target(
        "lines of rows",
        near(("a=b", "# a: b"), ("=", ":", "\n", "\\", "# ", "␛")),
        _check_lines_of_rows,
        40,
    ),
    Target("typed body", _BODIES, _check_body, 40),
    Target("typed draft", drafts, _check_draft, 25),
    Target(
        "body of an operation",
        st.tuples(st.integers(0, 999), JSON_TEXTS | _FORMS),
        _check_operation,
        30,
    ),
    Target(
        "parameter",
        st.tuples(st.integers(0, 999), _DATE_TEXTS | JSON_TEXTS),
        _check_parameter,
        40,
    ),
    Target(
        "command line",
        st.tuples(st.sampled_from(_COMMANDS), st.lists(_ARGUMENTS, max_size=4)),
        _check_command_line,
        60,
    ),
    Target("line to complete", _SHELL_LINES, _check_shell_line, 40),
    Target("text on the screen", _SCREEN_TEXTS, _check_shown, 60),
    Target("terminal input", _INPUT, _check_terminal, 60),
    Target("terminal replies", _REPLIES, _check_replies, 60),
    Target(
        "paste",
        st.tuples(_SCREEN_TEXTS | _TEMPLATES, st.integers(1, 20)),
        _check_paste,
        40,
    ),
    Target("jq filter", _PROGRAMS, _check_jq, 3),
    Target(
        "lookup table",
        near(("a,b\n1,2\n", '"a ""b""",c'), (",", '"', "\n")),
        _check_table,
        30,
    ),
)
