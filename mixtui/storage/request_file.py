"""Convert saved requests in TOML to drafts and back, preserving comments and unknown keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.errors import BrokenFile, StorageError

# A file may name something in leave_out that the app never adds, which only `request`
# knows: reading it warns about that.
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

_TABLE_ORDER = ("query", "headers", "body", "options")
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
    _edit_rows(editor, "query", draft.query, old.query, source)
    _edit_rows(editor, "headers", draft.headers, old.headers, source)
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
    pairs: Sequence[Pair],
    old_pairs: Sequence[Pair],
    source: str,
) -> None:
    if pairs == old_pairs:
        return
    rows = editor.rows(key)
    if not rows:
        # There are none, or they are a list of inline tables, which is rewritten.
        values = toml_values.parse_toml(source).get(key, [])
        rows = [[new_row(key, value)] for value in values]
        editor.remove((key,))
    new_rows: list[Sequence[TomlBlock]] = []
    for pair, match in zip(pairs, _match_rows(pairs, old_pairs), strict=True):
        if match is None:
            new_rows.append([new_row(key, _row_values(pair))])
        else:
            change_row(rows[match][0], _changes(pair, old_pairs[match]))
            new_rows.append(rows[match])
    editor.replace_rows(key, new_rows)


def _row_values(pair: Pair) -> dict[str, Value]:
    row: dict[str, Value] = {"name": pair.name, "value": pair.value}
    return row if pair.enabled else {**row, "enabled": False}


def _changes(pair: Pair, old: Pair) -> Mapping[str, Value | None]:
    changes: dict[str, Value | None] = {}
    if pair.name != old.name:
        changes["name"] = pair.name
    if pair.value != old.value:
        changes["value"] = pair.value
    if pair.enabled != old.enabled:
        changes["enabled"] = None if pair.enabled else False
    return changes


def _match_rows(pairs: Sequence[Pair], old_pairs: Sequence[Pair]) -> list[int | None]:
    """Match each row with the old row that it was, so that its comments follow it.

    First rows that did not change, wherever they are now; then rows of the same name;
    then rows of which only the name changed; each old row once.

    Returns:
        For each row the index of its old row; None = a new row.
    """
    matches: list[int | None] = [None] * len(pairs)
    unmatched = dict.fromkeys(range(len(old_pairs)))
    criteria: tuple[Callable[[Pair, Pair], bool], ...] = (
        lambda a, b: a == b,
        lambda a, b: a.name == b.name,
        lambda a, b: a.value == b.value and a.value != "",
    )
    for is_same in criteria:
        for index, pair in enumerate(pairs):
            if matches[index] is None:
                position = next(
                    (old for old in unmatched if is_same(pair, old_pairs[old])), None
                )
                matches[index] = position
                if position is not None:
                    del unmatched[position]
    return matches
