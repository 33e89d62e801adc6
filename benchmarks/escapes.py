"""Escape sequences: stripped from text, hidden from pyte, and answered like xterm."""

from __future__ import annotations

import re

_STRING = rb"\x1b[PX^_][^\x1b\x07]*(?:\x1b\\|\x07)"
_OSC = rb"\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)"
_CSI = rb"\x1b\[[0-?]*[ -/]*[@-~]"
_ANY = re.compile(
    b"|".join((_STRING, _OSC, _CSI, rb"\x1b[()*+#%].", rb"\x1b[0-Z\\^-~]"))
)
_UNFIT = re.compile(
    b"|".join(
        (
            _STRING,
            _OSC,
            rb"\x1b\[[0-?]*[<=>][0-?]*[ -/]*[@-~]",
            rb"\x1b\[[0-?]*[ -/]+[@-~]",
        )
    )
)
_ALTERNATE = re.compile(rb"\x1b\[\?(?:1049|1047|47)[hl]")
_PARTIAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x1b\x07]*\x1b?|[()*+#%]?)\Z")
_QUERY = re.compile(
    rb"\x1b\[(?P<da2>>0?c)|\x1b\[(?P<xtversion>>0?q)"
    rb"|\x1b\[(?P<kitty>\?u)"
    rb"|\x1b\[\?(?P<decrqm>\d+)\$p|\x1b\[(?P<rqm>\d+)\$p"
    rb"|\x1b\[(?P<da1>0?c)|\x1b\[(?P<status>\??5n)|\x1b\[(?P<cursor>\??6n)"
    rb"|\x1b\[(?P<window>18t)"
    rb"|\x1b\](?P<osc>1[012]);\?(?:\x07|\x1b\\)|\x1bP\+q(?P<tcap>[0-9a-fA-F;]*)\x1b\\"
)
_SYNCHRONIZED_OUTPUT = 2026
_KNOWN_MODES = frozenset(
    (
        *range(1, 10),
        *(12, 25, 40, 45, 47, 66, 67, 69, 95),
        *range(1000, 1008),
        *(1015, 1016, 1034, 1035, 1036, 1037, 1047, 1048, 1049, 2004),
    )
)


def without_escapes(data: bytes) -> bytes:
    """Return a program's output without escape sequences."""
    return _ANY.sub(b"", data)


def split_partial(data: bytes, look_back: int = 4096) -> tuple[bytes, bytes]:
    """Split output before an incomplete escape sequence at its end."""
    part = _PARTIAL.search(data[-look_back:])
    if part is None:
        return data, b""
    return data[: -len(part[0])], part[0]


def fit_for_pyte(data: bytes) -> bytes:
    """Remove what pyte does not know; switching screens clears the screen."""
    return _UNFIT.sub(b"", _ALTERNATE.sub(b"\x1b[m\x1b[2J\x1b[H", data))


class XtermReplies:
    """Answers queries like a plain xterm; the kitty protocol is not supported.

    Args:
        columns: Width of the terminal.
        rows: Height of the terminal.
        modern: Whether to know synchronized output and the query of the kitty
            protocol, as kitty, foot, WezTerm and tmux do.
    """

    def __init__(self, columns: int, rows: int, *, modern: bool = False) -> None:
        self._columns, self._rows = columns, rows
        self._modern = modern
        self._modes = _KNOWN_MODES | ({_SYNCHRONIZED_OUTPUT} if modern else set())
        self._tail = b""

    def replies_to(self, data: bytes) -> bytes:
        """Return the replies to the queries in the next piece of output."""
        scan = self._tail + data
        out, end = [], 0
        for query in _QUERY.finditer(scan):
            end = query.end()
            out.append(self._reply(query))
        self._tail = split_partial(scan[end:], 256)[1]
        return "".join(out).encode()

    def _reply(self, query: re.Match[bytes]) -> str:
        match query.lastgroup:
            case "da1":
                return "\x1b[?64;1;2;6;9;15;16;17;18;21;22c"
            case "da2":
                return "\x1b[>41;390;0c"
            case "xtversion":
                return "\x1bP>|XTerm(390)\x1b\\"
            case "decrqm":
                mode = int(query["decrqm"])
                return f"\x1b[?{mode};{2 if mode in self._modes else 0}$y"
            case "kitty":
                return "\x1b[?0u" if self._modern else ""
            case "rqm":
                return f"\x1b[{int(query['rqm'])};0$y"
            case "status":
                return "\x1b[0n"
            case "cursor":
                return "\x1b[1;1R"
            case "window":
                return f"\x1b[8;{self._rows};{self._columns}t"
            case "osc":
                code = query["osc"].decode()
                colour = "0000/0000/0000" if code == "11" else "e5e5/e5e5/e5e5"
                return f"\x1b]{code};rgb:{colour}\x1b\\"
            case _:
                return "\x1bP0+r\x1b\\"
