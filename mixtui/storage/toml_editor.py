"""Edit TOML source, preserving form, order and comments of what is not changed.

Blocks (a table each) are moved, added and removed as text; tomlkit changes single values
within them. tomlkit alone loses the comments of rows that are moved or removed. Callers
check the result by reading it back: an unforeseen form of TOML must be refused, never
damage a file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mixtui.patterns import compile_late
from mixtui.storage import toml_values
from mixtui.storage.toml_values import Value

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


# Strings and comments hide brackets; the multi-line ones may end in up to five quotes.
_TOKEN = compile_late(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]"
)
TablePath = tuple[str, ...]


class TomlBlock(Struct):
    """A table, or the keys before the first one, without a header."""

    path: tuple[str, ...]
    is_array: bool
    """Whether it belongs to an array of tables: ``[[query]]``."""
    lead: str
    """Blank and comment lines directly above the header."""
    header: str
    """From the first bracket to the last."""
    tail: str
    """The rest of the header's line, with its newline."""
    body: str
    line: int
    """The header's line in the source, from 1."""

    @property
    def text(self) -> str:
        """The block's source."""
        return self.lead + self.header + self.tail + self.body


def split_blocks(source: str) -> list[TomlBlock]:
    """Split source into blocks, the first without a header; joined they are `source`."""
    headers, comments = _scan(source)
    blocks = [TomlBlock((), False, "", "", "", "", 1)]
    begin = 0
    for start, close, end in headers:
        lead = _lead_start(source, begin, start, comments)
        blocks[-1].body = source[begin:lead]
        header = source[start:close]
        blocks.append(
            TomlBlock(
                path=_header_path(header),
                is_array=header.startswith("[["),
                lead=source[lead:start],
                header=header,
                tail=source[close:end],
                body="",
                line=source.count("\n", 0, start) + 1,
            )
        )
        begin = end
    blocks[-1].body = source[begin:]
    return blocks


def content_length(body: str) -> int:
    """Return the length of a body without the blank and comment lines at its end."""
    end = len(body)
    _, comments = _scan(body)
    while end:
        start = body.rfind("\n", 0, end - 1) + 1
        if start not in comments and body[start:end].strip():
            break
        end = start
    return end


def line_of(
    source: str, table: tuple[str, ...], index: int | None, key: str
) -> int | None:
    """Return the line of a key, from 1; None = not found.

    Args:
        source: The document.
        table: The path of its table.
        index: Which table of an array, from 0; None = it is not an array.
        key: The key.
    """
    matches = [block for block in split_blocks(source) if block.path == table]
    block = matches[index or 0] if len(matches) > (index or 0) else None
    if block is None:
        return line_of(source, table[:-1], None, table[-1]) if table else None
    plain_body = _TOKEN.sub(_only_newlines, block.body)
    pattern = rf"^[ \t]*{re.escape(key)}[ \t]*[=.]"
    match = re.search(pattern, plain_body, re.MULTILINE)
    if match is None:
        return block.line if block.header else None
    under_header = 1 if block.header else 0
    return block.line + under_header + plain_body.count("\n", 0, match.start())


def _only_newlines(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _scan(source: str) -> tuple[list[tuple[int, int, int]], set[int]]:
    """Locate headers and comments.

    Returns:
        The headers as (first bracket, after the last bracket, next line), and the starts
        of all lines that hold only a comment.
    """
    headers: list[tuple[int, int, int]] = []
    comments: set[int] = set()
    depth = line = close = 0
    opened: int | None = None
    for match in _TOKEN.finditer(source):
        token = match.group()
        first_on_line = depth == 0 and not source[line : match.start()].strip()
        if token == "\n":
            if opened is not None:
                headers.append((opened, close, match.end()))
                opened = None
            line = match.end()
        elif token.startswith("#"):
            if first_on_line:
                comments.add(line)
        elif token in ("[", "{"):
            if token == "[" and first_on_line:
                opened = match.start()
            depth += 1
        elif token in ("]", "}"):
            depth -= 1
            close = match.end()
    if opened is not None:
        headers.append((opened, close, len(source)))
    return headers, comments


def _lead_start(source: str, begin: int, start: int, comments: set[int]) -> int:
    line = source.rfind("\n", 0, start) + 1

    def above(position: int) -> int:
        return source.rfind("\n", 0, position - 1) + 1

    while line > begin and above(line) in comments:
        line = above(line)
    while line > begin and not source[above(line) : line].strip():
        line = above(line)
    return line


def _header_path(header: str) -> tuple[str, ...]:
    names: list[str] = []
    node: object = tomllib.loads(header)
    while node:
        if isinstance(node, list):
            node = node[0]
        elif isinstance(node, dict):
            name, node = next(iter(node.items()))
            names.append(name)
    return tuple(names)


class NotEditable(Exception):
    """The source has a form that cannot be edited in place."""


class TomlEditor:
    """The source of one file while it is edited."""

    def __init__(self, source: str, order: Sequence[str] = ()) -> None:
        """Begin to edit.

        Args:
            source: The present source.
            order: The top-level tables, in the order in which new ones are placed.
        """
        self._order = order
        self._crlf = source.count("\r\n") * 2 > source.count("\n")
        source = source.replace("\r\n", "\n")
        if source and not source.endswith("\n"):
            source += "\n"
        self._blocks = split_blocks(source)

    @property
    def text(self) -> str:
        """The edited source."""
        text = "".join(block.text for block in self._blocks)
        if not self._blocks[0].body:
            text = text.lstrip("\n")
        return text.replace("\n", "\r\n") if self._crlf else text

    def set(self, table: TablePath, key: str, value: Value) -> None:
        """Set one key, regardless of the form of its table."""
        key_path = (*table, key)
        for block, names in self._containing_blocks(key_path):
            document = _parse(block.body)
            if _contains(document, names):
                _navigate(document, names[:-1])[names[-1]] = _toml_item(value)
                block.body = document.as_string()
                return
        self._remove_tables(key_path)
        if any(block.path == table and not block.is_array for block in self._blocks):
            block = next(b for b in self._blocks if b.path == table and not b.is_array)
            is_first_key = not block.header and not block.body
            _insert_key(block, (key,), value)
            if is_first_key and len(self._blocks) > 1:
                self._blocks[1].lead = "\n" + self._blocks[1].lead.lstrip("\n")
            return
        for block, names in self._containing_blocks(key_path):
            document = _parse(block.body)
            if len(names) > 1 and _contains(document, names[:-1]):
                _add_within(block, document, names, value)
                return
        block = _new_block(table, {key: value})
        self._blocks.insert(self._insertion_index(table), block)

    def remove(self, path: TablePath) -> None:
        """Remove a key or a table, if it exists."""
        self._remove_tables(path)
        for block, names in self._containing_blocks(path):
            document = _parse(block.body)
            if _contains(document, names):
                del _navigate(document, names[:-1])[names[-1]]
                block.body = document.as_string()

    def remove_if_empty(self, table: TablePath) -> None:
        """Remove a table if it holds neither a key nor a comment."""
        for block in self._blocks:
            has_no_subtables = not any(
                _has_prefix(b.path, table) for b in self._blocks if b is not block
            )
            if block.path == table and has_no_subtables and not block.body.strip():
                self._remove_tables(table)

    def rename(self, table: TablePath, name: str) -> None:
        """Rename a table, with its content, without moving it."""
        depth = len(table) - 1
        for block in self._blocks:
            if _has_prefix(block.path, table):
                block.path = (*table[:depth], name, *block.path[depth + 1 :])
                inner = f"[{toml_values.dotted_key(block.path)}]"
                block.header = f"[{inner}]" if block.is_array else inner
        for block, names in self._containing_blocks(table):
            document = _parse(block.body)
            if _contains(document, names):
                parent = _navigate(document, names[:-1])
                value = parent.pop(names[-1])
                parent[name] = _toml_item(value.unwrap())
                block.body = document.as_string()

    def rows(self, name: str) -> list[list[TomlBlock]]:
        """Return the ``[[name]]`` tables, each with the tables inside it."""
        groups: list[list[TomlBlock]] = []
        is_in_row = False
        for block in self._blocks:
            if block.path == (name,) and block.is_array:
                groups.append([block])
                is_in_row = True
            elif is_in_row and len(block.path) > 1 and block.path[0] == name:
                groups[-1].append(block)
            else:
                is_in_row = False
        return groups

    def replace_rows(self, name: str, rows: Sequence[Sequence[TomlBlock]]) -> None:
        """Replace the ``[[name]]`` tables, each row in the place of an old one."""
        old = self.rows(name)
        starts = {id(group[0]) for group in old}
        members = {id(block) for group in old for block in group}
        position = self._insertion_index((name,)) if not old else 0
        pending = list(rows)
        blocks: list[TomlBlock] = []
        for index, block in enumerate(self._blocks):
            if not old and index == position:
                blocks += [b for row in pending for b in row]
            if id(block) in starts:
                blocks += pending.pop(0) if pending else ()
                if id(block) == id(old[-1][0]):
                    blocks += [b for row in pending for b in row]
            elif id(block) not in members:
                blocks.append(block)
        if not old and position == len(self._blocks):
            blocks += [b for row in pending for b in row]
        self._blocks = blocks

    def _containing_blocks(
        self, key_path: TablePath
    ) -> list[tuple[TomlBlock, TablePath]]:
        """Return blocks that may hold a key, with its path inside; the deepest first."""
        results = [
            (block, key_path[len(block.path) :])
            for block in self._blocks
            if not block.is_array
            and _has_prefix(key_path, block.path)
            and block.path != key_path
        ]
        return sorted(results, key=lambda holder: len(holder[1]))

    def _remove_tables(self, path: TablePath) -> None:
        self._blocks = [b for b in self._blocks if not _has_prefix(b.path, path)]

    def _insertion_index(self, table: TablePath) -> int:
        """Return where a new table goes: after the most related, else by `order`."""
        for length in range(len(table), 0, -1):
            related = [
                index
                for index, block in enumerate(self._blocks)
                if block.path[:length] == table[:length]
            ]
            if related:
                return related[-1] + 1
        if table[0] not in self._order:
            return len(self._blocks)
        rank = self._order.index(table[0])
        preceding = {None, *self._order[:rank]}
        indices = (
            index
            for index, block in enumerate(self._blocks)
            if (block.path[0] if block.path else None) in preceding
        )
        return max(indices) + 1


def new_row(name: str, values: Mapping[str, Value]) -> TomlBlock:
    """Create a ``[[name]]`` table."""
    block = _new_block((name,), values)
    block.is_array, block.header = True, f"[{block.header}]"
    return block


def change_row(block: TomlBlock, changes: Mapping[str, Value | None]) -> None:
    """Set keys of one block; None removes a key."""
    for key, value in changes.items():
        document = _parse(block.body)
        if value is None:
            document.pop(key, None)
        elif key in document:
            document[key] = _toml_item(value)
        else:
            _insert_key(block, (key,), value)
            continue
        block.body = document.as_string()


def _new_block(path: TablePath, values: Mapping[str, Value]) -> TomlBlock:
    block = TomlBlock(
        path, False, "\n", f"[{toml_values.dotted_key(path)}]", "\n", "", 0
    )
    for key, value in values.items():
        _insert_key(block, (key,), value)
    return block


def _insert_key(block: TomlBlock, names: TablePath, value: Value) -> None:
    line = f"{toml_values.dotted_key(names)} = {toml_values.to_toml(value)}\n"
    body = block.body
    # A separate comment at the end stays at the end, one at the top at the top.
    position = content_length(body) or len(body)
    block.body = body[:position] + line + body[position:]


def _add_within(
    block: TomlBlock, document: TOMLDocument, names: TablePath, value: Value
) -> None:
    """Add a key to a table written as ``table = { … }`` or ``table.key = …``."""
    from tomlkit.items import InlineTable

    for depth in range(1, len(names)):
        node = _navigate(document, names[:depth])
        if isinstance(node, InlineTable):
            _navigate(node, names[depth:-1])[names[-1]] = _toml_item(value)
            block.body = document.as_string()
            return
    _insert_key(block, names, value)


def _parse(body: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(body)
    except TOMLKitError:
        raise NotEditable from None


def _toml_item(value: Value) -> Any:
    import tomlkit

    return tomlkit.value(toml_values.to_toml(value))


def _contains(document: Any, names: TablePath) -> bool:
    for name in names:
        if not isinstance(document, Mapping) or name not in document:
            return False
        document = document[name]
    return True


def _navigate(document: Any, names: TablePath) -> Any:
    for name in names:
        document = document[name]
    return document


def _has_prefix(path: TablePath, prefix: TablePath) -> bool:
    return path[: len(prefix)] == prefix
