"""Convert saved requests in TOML to drafts and back, preserving comments and unknown keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import (
    AuthChoice,
    Body,
    BodyType,
    ChoiceSource,
    Draft,
    Method,
    Options,
    Pair,
    RequestInput,
)
from mixtui.model.errors import BrokenFile, StorageError

# What a template may be called, and what the app adds, only `request` knows.
from mixtui.request.inputs import input_mistakes
from mixtui.request.omissions import ADDITION_NAMES, unknown_names
from mixtui.spelling import did_you_mean
from mixtui.storage import toml_values
from mixtui.storage.toml_editor import (
    NotEditable,
    TomlBlock,
    TomlEditor,
    change_row,
    line_of,
    new_row,
)
from mixtui.storage.toml_values import InvalidToml, InvalidValue, Table, Value

_TABLE_ORDER = ("input", "path", "query", "headers", "body", "options")
_Row = TypeVar("_Row", Pair, RequestInput)
_OPTION_KEYS = (
    "auth",
    "timeout",
    "follow_redirects",
    "delete_body",
    "history",
    "insert_ids",
    "leave_out",
)


def parse(source: str | bytes, path: Path) -> tuple[Draft, tuple[str, ...]]:
    """Read a draft, and return it with a warning for each unknown key.

    Args:
        source: The content of the file.
        path: Its path, for messages.

    Raises:
        BrokenFile: It does not parse or holds an invalid value; says line and reason.
    """
    try:
        text = source if isinstance(source, str) else toml_values.decode(source)
        document = Table(toml_values.parse_toml(text))
    except InvalidToml as error:
        raise BrokenFile(path, f"{error}.", error.line) from None
    unknown: list[str] = []
    try:
        draft = read_draft(document, unknown)
    except InvalidValue as error:
        line = line_of(text, error.table, error.index, error.key)
        raise BrokenFile(path, f"{error}.", line) from None
    warnings = [f"{path.name}: {sentence}" for sentence in dict.fromkeys(unknown)]
    warnings += [
        f"{path.name}: {toml_values.printable_excerpt(name)} in leave_out is ignored, "
        f"because mixtui never adds it. {did_you_mean(name, ADDITION_NAMES)}".rstrip()
        for name in dict.fromkeys(unknown_names(draft.options.leave_out))
    ]
    return draft, tuple(warnings)


def render(
    draft: Draft, original: str | None = None, *, path: Path = Path("the file")
) -> str:
    """Write a draft as TOML.

    Args:
        draft: What to write.
        original: The present source of the file. Whatever the draft does not change stays
            as it is: comments, unknown keys, order, how values are written. A value that
            returns to its default is removed.
        path: The path of the file, for messages.

    Raises:
        StorageError: `original` does not parse, or has a form that cannot be edited in
            place.
    """
    old = None if original is None else parse(original, path)[0]
    if original is not None and draft == old:
        return original
    editor = TomlEditor(original or "", _TABLE_ORDER)
    try:
        _edit(editor, draft, old, original or "")
        text = editor.text
        is_exact = parse(text, path)[0] == draft
    except (NotEditable, BrokenFile):
        is_exact = False
    if not is_exact:
        raise StorageError(
            path,
            f"mixtui cannot edit {path.name} without damaging it: save the request "
            "under another name.",
        )
    return text


def read_draft(document: Table, unknown: list[str]) -> Draft:
    """Read a draft from the document of a request file.

    Args:
        document: The file.
        unknown: Receives a sentence for each unknown key.

    Raises:
        InvalidValue: A key has an invalid value.
    """
    draft = Draft(
        name=document.text("name"),
        description=document.text("description"),
        favorite=document.flag("favorite", False),
        tags=document.texts("tags"),
        method=document.choice("method", Method, Method.GET),
        api=document.choice("api", Api, Api.QUERY),
        url=document.text("url"),
        inputs=_read_inputs(document, unknown),
        path=_read_pairs(document, "path", unknown),
        query=_read_pairs(document, "query", unknown),
        headers=_read_pairs(document, "headers", unknown),
        body=_read_body(document, unknown) if "body" in document else None,
        options=_read_options(document, unknown),
    )
    unknown += document.unknown_keys().values()
    return draft


def _read_pairs(document: Table, key: str, unknown: list[str]) -> tuple[Pair, ...]:
    rows = document.rows(key)
    pairs = tuple(
        Pair(row.text("name"), row.text("value"), row.flag("enabled", True))
        for row in rows
    )
    for row in rows:
        unknown += row.unknown_keys().values()
    return pairs


def _read_inputs(document: Table, unknown: list[str]) -> tuple[RequestInput, ...]:
    rows = document.rows("input")
    inputs = tuple(map(_read_input, rows))
    for index, key, reason in input_mistakes(inputs):
        raise rows[index].invalid(key, reason)
    for row in rows:
        unknown += row.unknown_keys().values()
    return inputs


def _read_input(row: Table) -> RequestInput:
    return RequestInput(
        name=row.required_text("name", "templates refer to the input by it"),
        description=row.text("description"),
        default=row.text("default") if "default" in row else None,
        choices=row.texts("choices"),
        choices_from=row.choice("choices_from", ChoiceSource, ChoiceSource.EVENTS)
        if "choices_from" in row
        else None,
        event=row.text("event"),
        secret=row.flag("secret", False),
    )


def _read_body(document: Table, unknown: list[str]) -> Body:
    table = document.table("body")
    kind = table.choice("type", BodyType, BodyType.JSON)
    body = Body(kind, table.text("text"), table.text("path"))
    unknown += table.unknown_keys().values()
    return body


def _read_options(document: Table, unknown: list[str]) -> Options:
    table = document.table("options")
    default = Options()
    options = Options(
        auth=table.choice("auth", AuthChoice, default.auth),
        timeout=table.positive_seconds("timeout"),
        follow_redirects=table.flag("follow_redirects", default.follow_redirects),
        delete_body=table.flag("delete_body", default.delete_body),
        history=table.flag("history", default.history),
        insert_ids=table.flag("insert_ids", default.insert_ids),
        leave_out=table.texts("leave_out"),
    )
    unknown += table.unknown_keys().values()
    return options


def _edit(
    editor: TomlEditor, draft: Draft, old_draft: Draft | None, source: str
) -> None:
    old = old_draft or Draft()
    for key in ("name", "description", "favorite", "tags"):
        default = getattr(Draft(), key)
        _edit_value(editor, (), key, getattr(draft, key), getattr(old, key), default)
    # Method, API and URL are always written, so that a file explains itself.
    for key in ("method", "api", "url"):
        value = str(getattr(draft, key))
        if old_draft is None or value != getattr(old, key):
            editor.set((), key, value)
    _edit_rows(editor, "input", draft.inputs, old.inputs, source, _input_values)
    for key in ("path", "query", "headers"):
        pairs, old_pairs = getattr(draft, key), getattr(old, key)
        _edit_rows(editor, key, pairs, old_pairs, source, _pair_values)
    _edit_body(editor, draft.body, old.body)
    for key in _OPTION_KEYS:
        value, default = getattr(draft.options, key), getattr(Options(), key)
        _edit_value(
            editor, ("options",), key, value, getattr(old.options, key), default
        )
    if draft.options != old.options:
        editor.remove_if_empty(("options",))


def _edit_value(
    editor: TomlEditor,
    table: tuple[str, ...],
    key: str,
    value: Value | None,
    old: Value | None,
    default: Value | None,
) -> None:
    if value == old:
        return
    if value is None or value == default:
        editor.remove((*table, key))
    else:
        editor.set(table, key, value)


def _edit_body(editor: TomlEditor, body: Body | None, before: Body | None) -> None:
    if body is None:
        editor.remove(("body",))
        return
    if before is None or body.type != before.type:
        editor.set(("body",), "type", str(body.type))
    old = before or Body()
    _edit_value(editor, ("body",), "text", body.text, old.text, "")
    _edit_value(editor, ("body",), "path", body.path, old.path, "")


def _edit_rows(
    editor: TomlEditor,
    key: str,
    items: Sequence[_Row],
    old_items: Sequence[_Row],
    source: str,
    values_of: Callable[[_Row], dict[str, Value]],
) -> None:
    if items == old_items:
        return
    rows = editor.rows(key)
    if not rows:
        # There are none, or they are a list of inline tables, which is rewritten.
        values = toml_values.parse_toml(source).get(key, [])
        rows = [[new_row(key, value)] for value in values]
        editor.remove((key,))
    contents, old_contents = (
        [values_of(each) for each in each_items] for each_items in (items, old_items)
    )
    new_rows: list[Sequence[TomlBlock]] = []
    matches = _match_rows(contents, old_contents)
    for content, match in zip(contents, matches, strict=True):
        if match is None:
            new_rows.append([new_row(key, content)])
        else:
            change_row(rows[match][0], _changes(content, old_contents[match]))
            new_rows.append(rows[match])
    editor.replace_rows(key, new_rows)


def _pair_values(pair: Pair) -> dict[str, Value]:
    row: dict[str, Value] = {"name": pair.name, "value": pair.value}
    return row if pair.enabled else {**row, "enabled": False}


def _input_values(declared: RequestInput) -> dict[str, Value]:
    row: dict[str, Value] = {"name": declared.name}
    if declared.description:
        row["description"] = declared.description
    if declared.default is not None:
        row["default"] = declared.default
    if declared.choices:
        row["choices"] = list(declared.choices)
    if declared.choices_from is not None:
        row["choices_from"] = str(declared.choices_from)
    if declared.event:
        row["event"] = declared.event
    if declared.secret:
        row["secret"] = True
    return row


def _changes(
    row: Mapping[str, Value], old: Mapping[str, Value]
) -> Mapping[str, Value | None]:
    """Return the keys to set, and as None those to remove."""
    return {
        key: row.get(key)
        for key in dict.fromkeys((*old, *row))
        if row.get(key) != old.get(key)
    }


def _match_rows(
    rows: Sequence[Mapping[str, Value]], old_rows: Sequence[Mapping[str, Value]]
) -> list[int | None]:
    """Match each row with the old row that it was, so that its comments follow it.

    First rows that did not change, wherever they are now; then rows of the same name;
    then rows of which only the name changed; each old row once.

    Returns:
        For each row the index of its old row; None = a new row.
    """
    matches: list[int | None] = [None] * len(rows)
    unmatched = dict.fromkeys(range(len(old_rows)))
    criteria: tuple[Callable[[Mapping[str, Value], Mapping[str, Value]], bool], ...] = (
        lambda a, b: a == b,
        lambda a, b: a["name"] == b["name"],
        lambda a, b: _content(a) == _content(b) != {},
    )
    for is_same in criteria:
        for index, row in enumerate(rows):
            if matches[index] is None:
                position = next(
                    (old for old in unmatched if is_same(row, old_rows[old])), None
                )
                matches[index] = position
                if position is not None:
                    del unmatched[position]
    return matches


def _content(row: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a row holds besides its name; empty values say nothing."""
    return {key: value for key, value in row.items() if key != "name" and value}
