"""TOML source as blocks: a header, the lines under it, the comment above it.

A comment belongs to the table whose header it stands above, so that a table can move,
be renamed or go together with what was written about it. The source must parse.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

# Strings and comments hide brackets; the multi-line ones may end in up to five quotes.
_TOKEN = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]"
)


@dataclass(slots=True)
class TomlBlock:
    """A table, or the keys before the first one (then `header` is empty)."""

    path: tuple[str, ...]
    array: bool
    """Whether it is one of an array of tables: ``[[query]]``."""
    lead: str
    """Blank and comment lines right above the header."""
    header: str
    """From the first bracket to the last."""
    tail: str
    """What follows on the header's line, with its newline."""
    body: str
    line: int
    """The header's line in the source, from 1."""

    @property
    def text(self) -> str:
        """The block's source."""
        return self.lead + self.header + self.tail + self.body


def split(source: str) -> list[TomlBlock]:
    """The blocks of `source`; the first has no header. Joined, they are `source`."""
    headers, comments = _scan(source)
    blocks = [TomlBlock((), False, "", "", "", "", 1)]
    begin = 0
    for start, close, end in headers:
        lead = _lead(source, begin, start, comments)
        blocks[-1].body = source[begin:lead]
        header = source[start:close]
        blocks.append(
            TomlBlock(
                path=_path(header),
                array=header.startswith("[["),
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
    """The length of `body` without the blank and comment lines at its end."""
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
    """The line of `key` in `table`, or in its `index`-th of an array; None = not found."""
    found = [block for block in split(source) if block.path == table]
    block = found[index or 0] if len(found) > (index or 0) else None
    if block is None:
        return line_of(source, table[:-1], None, table[-1]) if table else None
    bare = _TOKEN.sub(_only_newlines, block.body)
    pattern = rf"^[ \t]*{re.escape(key)}[ \t]*[=.]"
    match = re.search(pattern, bare, re.MULTILINE)
    if match is None:
        return block.line if block.header else None
    under_header = 1 if block.header else 0
    return block.line + under_header + bare.count("\n", 0, match.start())


def _only_newlines(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _scan(source: str) -> tuple[list[tuple[int, int, int]], set[int]]:
    """Headers as (first bracket, after the last bracket, next line), and the starts
    of all lines that hold nothing but a comment."""
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


def _lead(source: str, begin: int, start: int, comments: set[int]) -> int:
    line = source.rfind("\n", 0, start) + 1

    def above(position: int) -> int:
        return source.rfind("\n", 0, position - 1) + 1

    while line > begin and above(line) in comments:
        line = above(line)
    while line > begin and not source[above(line) : line].strip():
        line = above(line)
    return line


def _path(header: str) -> tuple[str, ...]:
    names: list[str] = []
    node: object = tomllib.loads(header)
    while node:
        if isinstance(node, list):
            node = node[0]
        elif isinstance(node, dict):
            name, node = next(iter(node.items()))
            names.append(name)
    return tuple(names)
