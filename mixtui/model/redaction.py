"""Mask secrets in whatever form a server writes them.

What comes back is escaped for JSON, a script, a URL or a page, is Base64, or is a text in
a text that was escaped again. No list holds all spellings, so a text is decoded, step by
step, into *views*, and each is searched for the secret itself. Where one holds it, the
characters that it was decoded from are replaced.

Bodies are large and hold no secret as a rule, so little of them is decoded: only words
that are as long as a secret, made of its own characters and those that escapes are made
of. Bodies are read block by block: each overlaps the one before by more than an escaped
secret can be long.
"""

from __future__ import annotations

import binascii
import contextlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from urllib.parse import quote

from msgspec import Struct

from mixtui.model.draft import Headers
from mixtui.model.secrets import CREDENTIAL_HEADERS, REDACTED, SCHEMES, Secret
from mixtui.patterns import compile_late
from mixtui.text import sanitize_excerpt

MIN_LENGTH = 6
"""Bytes. A shorter secret occurs by chance: it is masked in a text where it is a word of
its own or in a body that was sent, and never in one that was received."""
_MAX_STEPS = 4
"""How many encodings may lie upon each other: JSON in JSON in a URL in Base64."""
_MAX_WORK = 32
"""Bytes decoded for each byte of a text: a bound for one that is built to take long."""
_MASK = REDACTED.encode()
_FREE_WORK = 1 << 25
"""Bytes that are decoded for any text."""
_BLOCK = 1 << 17
"""Bytes of a body that are searched at once: it takes five times as much memory."""
_ESCAPE_LENGTH = 6
"""Characters of a usual escape: ``\\u0061``."""
_MAX_REACH = 1 << 18

_URL_USER = compile_late(r"(?<=://)[^/?#\s@]*(?:@[^/?#\s@]*)*@")

_Span = tuple[int, int]


class Redactor:
    """Masks secrets in texts, headers and bodies of any size."""

    def __init__(self, sensitive: Iterable[Secret] = ()) -> None:
        forms = {form for secret in sensitive for form in _forms(secret.reveal())}
        self._secrets = sorted(form for form in forms if len(form) >= MIN_LENGTH)
        short = forms.difference(self._secrets, (b"",))
        words = sorted(short | set(map(_quoted, short)), key=len, reverse=True)
        self._words = compile_late(
            rb"(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])" % b"|".join(map(re.escape, words))
            if words
            else rb"(?!)"
        )
        lengths = [len(secret) for secret in self._secrets]
        self._shortest = min(lengths, default=0)
        self._run = min((4 * self._shortest + 2) // 3, _MIN_LINE)
        self._members = frozenset(_ALPHABET + _SIGNS + b"".join(self._secrets))
        self._classes = _classes(self._members - {0})
        reach = max(lengths, default=0) * _ESCAPE_LENGTH ** (_MAX_STEPS - 1)
        self._reach = min(reach, _MAX_REACH)
        self._block = max(_BLOCK, 4 * self._reach)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def redact(self, text: str) -> str:
        """Mask the secrets in a text."""
        data = text.encode("utf-8", "surrogatepass")
        words = (match.span() for match in self._words.finditer(data))
        spans = _merge([*self._find(data), *words])
        return _replace(data, spans).decode("utf-8", "replace") if spans else text

    def excerpt(self, text: str, limit: int) -> str:
        """Mask a text, make it safe for a terminal, and shorten it to one line.

        In this order: a secret that was cut in two is found no more.
        """
        return sanitize_excerpt(self.redact(text), limit)

    def redact_bytes(self, content: bytes) -> bytes:
        """Mask the secrets in a body."""
        return b"".join(self.redact_chunks(blocks(content)))

    def redact_sent(self, content: bytes) -> bytes:
        """Mask the secrets in a body that was sent, short ones as well, as in a text."""
        masked = self.redact_bytes(content)
        words = [match.span() for match in self._words.finditer(masked)]
        return _replace(masked, words) if words else masked

    def redact_chunks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Mask the secrets in a body of any size, which may be cut anywhere."""
        if not self._secrets:
            yield from chunks
            return
        for block, spans in self._search(chunks):
            yield _replace(block, spans)

    def has_match(self, chunks: Iterable[bytes]) -> bool:
        """Return whether a body holds a secret."""
        return bool(self._secrets) and any(spans for _, spans in self._search(chunks))

    def redact_headers(self, headers: Headers) -> Headers:
        """Mask the secrets in headers, and all credential headers."""
        return tuple((name, self._value(name, value)) for name, value in headers)

    def _value(self, name: str, value: str) -> str:
        if name.lower() not in CREDENTIAL_HEADERS:
            return self.redact(value)
        scheme, space, _ = value.partition(" ")
        known = space and scheme.lower() in SCHEMES
        return f"{scheme} {REDACTED}" if known else REDACTED

    def _search(self, chunks: Iterable[bytes]) -> Iterator[tuple[bytes, list[_Span]]]:
        """Yield a body in blocks, with the spans to mask in each."""
        held = b""
        for chunk in chunks:
            held += chunk
            if len(held) < self._block + self._reach:
                continue
            # At the end of a line no escape is cut in two.
            limit = len(held) - self._reach
            end = held.rfind(b"\n", limit // 2, limit) + 1 or limit
            spans = [span for span in self._find(held) if span[0] < end]
            end = max(end, spans[-1][1] if spans else 0)
            yield held[:end], spans
            held = held[end:]
        yield held, self._find(held)

    def _find(self, data: bytes) -> list[_Span]:
        """Return where the secrets stand, in order."""
        if not self._secrets:
            return []
        found = self._occurrences(data)
        seen = {data}
        views = [_View(data)]
        if b"\0" in data:
            views.append(_unescape(views[0], _UTF16))
            found += views[1].in_original(self._occurrences(views[1].data))
        work = _MAX_WORK * len(data) + _FREE_WORK
        for _ in range(_MAX_STEPS):
            decoded: list[_View] = []
            for view in chain.from_iterable(self._decode(each) for each in views):
                work -= len(view.data)
                if work < 0:
                    return _merge(found)
                if view.data in seen:
                    continue
                seen.add(view.data)
                decoded.append(view)
                if spans := self._occurrences(view.data):
                    found += view.in_original(spans)
            views = decoded
        return _merge(found)

    def _occurrences(self, data: bytes) -> list[_Span]:
        spans = []
        for secret in self._secrets:
            start = data.find(secret)
            while start >= 0:
                spans.append((start, start + len(secret)))
                start = data.find(secret, start + len(secret))
        return spans

    def _decode(self, view: _View) -> Iterator[_View]:
        """Yield what a text is, read in each way that changes it."""
        escapes = [
            escape for escape in _escapes(self._members) if escape.occurs_in(view.data)
        ]
        words = self._condense(view, escapes)
        for escape in escapes:
            yield _unescape(words, escape)
        yield from _decode_base64(words, self._run)

    def _condense(self, view: _View, escapes: list[_Escape]) -> _View:
        """Return the words of a text that may hold a secret.

        Without escapes that is Base64 alone, which is longer than what it stands for.
        Every other escape is, too, except the + of forms.
        """
        data, classes = view.data, view.data.translate(self._classes)
        shortest = self._shortest + (ord(" ") not in self._members)
        needle = b"A" * min(self._run, shortest if escapes else self._run)
        has_escape = compile_late(b"|".join(each.pattern.pattern for each in escapes))
        words, separators = [], []
        begin, is_wrapped = classes.find(needle), False
        while begin >= 0:
            end = _end_of_run(classes, begin)
            if (
                is_wrapped
                or end - begin >= self._run
                or has_escape.search(data, begin, end)
            ):
                words.append((begin, end))
                separators.append(b"\n" if is_wrapped else b"\0")
            following = _next_line(data, begin, end)
            is_wrapped = following > 0
            begin = following or classes.find(needle, end)
        return _cut_out(view, words, separators)


def _forms(text: str) -> Iterator[bytes]:
    """Yield the bytes that a secret may be decoded to."""
    yield text.encode("utf-8", "surrogatepass")
    # Escapes of UTF-16 give the halves of a character (CESU-8).
    units = text.encode("utf-16-be", "surrogatepass")
    halves = (chr(int.from_bytes(units[i : i + 2])) for i in range(0, len(units), 2))
    yield "".join(halves).encode("utf-8", "surrogatepass")
    # What was not UTF-8 (PEP 383) is sent as it was; some servers answer in Latin-1, or
    # take UTF-8 for it.
    for encoding, errors in (("utf-8", "surrogateescape"), ("latin-1", "strict")):
        with contextlib.suppress(UnicodeEncodeError):
            yield text.encode(encoding, errors)
    yield text.encode("utf-8", "surrogatepass").decode("latin-1").encode()


def _quoted(form: bytes) -> bytes:
    return quote(form, safe="").encode()


def mask_url_users(text: str) -> str:
    """Mask user and password in the URLs of a text, known or not."""
    return _URL_USER.sub(f"{REDACTED}@", text)


def blocks(content: bytes) -> Iterator[bytes]:
    """Yield a body in pieces that take little memory to look through."""
    if len(content) <= _BLOCK:
        yield content
        return
    for start in range(0, len(content), _BLOCK):
        yield content[start : start + _BLOCK]


def _merge(spans: Iterable[_Span]) -> list[_Span]:
    """Return spans in order; those that overlap become one."""
    merged: list[_Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _replace(data: bytes, spans: list[_Span]) -> bytes:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [data[last:start], _MASK]
        last = end
    return b"".join([*pieces, data[last:]])


def _same(spans: list[_Span]) -> list[_Span]:
    return spans


class _View(Struct, frozen=True):
    """A text, or what it is decoded to."""

    data: bytes
    in_original: Callable[[list[_Span]], list[_Span]] = _same
    """From spans of `data` to those of the text that was decoded first."""


# Escapes of single characters


class _Escape(Struct, frozen=True):
    pattern: re.Pattern[bytes]
    decode: Callable[[bytes], bytes]
    """From one escape to what it stands for, in UTF-8."""
    signs: tuple[bytes, ...]
    """What one of them begins with."""

    def occurs_in(self, data: bytes) -> bool:
        """Return whether a text holds such an escape."""
        # Most texts hold no sign, and the pattern need not be compiled.
        is_possible = any(sign in data for sign in self.signs)
        return is_possible and self.pattern.search(data) is not None


def _unescape(view: _View, escape: _Escape) -> _View:
    decode = escape.decode
    data = escape.pattern.sub(lambda match: decode(match[0]), view.data)

    def in_original(spans: list[_Span]) -> list[_Span]:
        return view.in_original(_escaped_spans(view.data, escape, spans))

    return _View(data, in_original)


def _escaped_spans(data: bytes, escape: _Escape, spans: list[_Span]) -> list[_Span]:
    """Return the spans before decoding; an escape is never cut."""
    if not spans:
        return []
    # Of each escape: where it begins and ends, decoded and as written.
    starts, ends, written = [0], [0], [(0, 0)]
    saved = 0
    for match in escape.pattern.finditer(data):
        start, end = match.span()
        starts.append(start - saved)
        saved += end - start - len(escape.decode(match[0]))
        ends.append(end - saved)
        written.append((start, end))
    results = []
    for start, end in spans:
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
        beyond = start - ends[first]
        begin = written[first][0] if beyond < 0 else written[first][1] + beyond
        results.append((begin, written[last][1] + max(0, end - ends[last])))
    return results


def _utf8(code: int) -> bytes:
    return chr(code if code < 0x110000 else 0xFFFD).encode("utf-8", "surrogatepass")


_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


@lru_cache(maxsize=4096)
def _decode_backslash(escape: bytes) -> bytes:
    kind, digits = escape[1:2], escape[2:].strip(b"{}")
    if kind.isdigit():
        return bytes([int(escape[1:], 8)])
    if not digits:
        return _CONTROLS.get(kind, kind)
    return _utf8(int(digits, 16))


@lru_cache(maxsize=4096)
def _decode_percent(escape: bytes) -> bytes:
    if escape == b"+":
        return b" "
    if escape[1:2] in b"uU":
        return _utf8(int(escape[2:], 16))
    return bytes([int(escape[1:], 16)])


@lru_cache(maxsize=4096)
def _decode_entity(escape: bytes) -> bytes:
    name = escape[1:-1]
    if name[:2] in (b"#x", b"#X"):
        return _utf8(int(name[2:], 16))
    if name[:1] == b"#":
        return _utf8(int(name[1:]))
    from html.entities import html5

    return html5.get(f"{name.decode()};", escape.decode()).encode()


@lru_cache(maxsize=64)
def _escapes(members: frozenset[int]) -> tuple[_Escape, ...]:
    """Return how characters are escaped, as far as they matter.

    Args:
        members: The bytes of the secrets and those that escapes are made of. Others, such
            as the quotes of JSON in JSON, stay as they are written.
    """
    codes = members | {10, 13}
    code, digits = _hexadecimal(codes), b"[0-9A-Fa-f]"
    byte, unicode = b"(?:%s)" % code, b"00(?:%s)" % code
    if max(members) >= 0x80:
        byte, unicode = digits + b"{2}", digits + b"{4}"
    literal = bytes(c for c in b"\"'\\/" if c in members) + bytes(
        letter[0] for letter, control in _CONTROLS.items() if control[0] in members
    )
    backslash = rb"\\(?:u%s|u\{%s{1,6}\}|U%s{4}%s|x%s|[0-3][0-7]{2}|[%s])" % (
        unicode,
        digits,
        digits,
        unicode,
        byte,
        re.escape(literal),
    )
    percent = b"%%(?:%s|[uU]%s)" % (code, unicode)
    entity = rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    escapes = (
        _Escape(compile_late(backslash), _decode_backslash, (b"\\",)),
        _Escape(compile_late(percent), _decode_percent, (b"%",)),
        _Escape(compile_late(entity), _decode_entity, (b"&",)),
    )
    if ord(" ") not in members:
        return escapes
    form = compile_late(rb"\+|" + percent)
    return (*escapes, _Escape(form, _decode_percent, (b"+", b"%")))


def _hexadecimal(codes: Iterable[int]) -> bytes:
    """Return a pattern of two digits: ``2[56Ff]|4[1-9]``."""
    rows: dict[str, str] = {}
    for code in sorted(codes):
        high, low = f"{code >> 4:x}", f"{code & 15:x}"
        rows[high] = rows.get(high, "") + low + (low.upper() if low > "9" else "")
    return "|".join(
        f"[{high}{high.upper()}][{low}]" if high > "9" else f"{high}[{low}]"
        for high, low in rows.items()
    ).encode()


_UTF16 = _Escape(compile_late(rb"\0+"), lambda escape: b"", (b"\0",))


# Parts of a text


def _cut_out(view: _View, parts: list[_Span], separators: list[bytes]) -> _View:
    """Return parts of a text as a text of their own, each with a separator before it."""
    starts: list[int] = []
    pieces: list[bytes] = []
    length = 0
    for (start, end), separator in zip(parts, separators, strict=True):
        length += len(separator)
        starts.append(length)
        pieces += [separator, view.data[start:end]]
        length += end - start

    def in_original(spans: list[_Span]) -> list[_Span]:
        results = []
        for start, end in spans:
            last = bisect_right(starts, end - 1) - 1
            first = min(bisect_right(starts, start), last + 1) - 1
            if (
                first < last
                and start - starts[first] >= parts[first][1] - parts[first][0]
            ):
                first += 1  # It begins in the separator.
            begin = parts[first][0] + max(0, start - starts[first])
            stop = min(parts[last][0] + end - starts[last], parts[last][1])
            results.append((begin, stop))
        return view.in_original(results)

    return _View(b"".join(pieces), in_original)


def _classes(members: Iterable[int]) -> bytes:
    """Return a table that translates the members to A and all else to a blank."""
    table = bytearray(b" " * 256)
    for byte in members:
        table[byte] = ord("A")
    return bytes(table)


def _end_of_run(classes: bytes, start: int) -> int:
    end = classes.find(b" ", start)
    return end if end >= 0 else len(classes)


_LINE_BREAK = compile_late(rb"\r?\n|\r|(?:\\+r)?\\+n|(?:%0[Dd])?%0[Aa]")


def _next_line(data: bytes, start: int, end: int) -> int:
    """Return where the line after one of Base64 begins; 0 = it was not wrapped there."""
    if end - start < _MIN_LINE:
        return 0
    match = _LINE_BREAK.match(data, end)
    return match.end() if match else 0


# Base64

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SIGNS = b"\\%&#;{}=-_"
"""What else escapes are made of."""
_STANDARD = bytes.maketrans(b"-_", b"+/")
_IS_BASE64 = _classes(_ALPHABET + b"-_")
_MIN_LINE = 56
"""Characters; some encoders write lines of 60, 64 or 76."""
_SEPARATOR = b"CgoK"
"""Three line feeds: they keep what one run is decoded to from the next."""


def _decode_base64(view: _View, shortest: int) -> Iterator[_View]:
    """Decode every run of Base64, padded or not, in both alphabets.

    What stands before a run may look like a part of it, so all are decoded from each of
    four characters.
    """
    lines: list[_Span] = []
    separators: list[bytes] = []
    for run in _base64_runs(view.data, shortest):
        lines += run
        separators += [_SEPARATOR, *(b"" for _ in run[1:])]
    if not lines:
        return
    runs = _cut_out(view, lines, separators)
    text = runs.data.translate(_STANDARD)
    for skip in range(4):
        yield _decode_quanta(runs, text, skip)


def _decode_quanta(runs: _View, text: bytes, skip: int) -> _View:
    def in_original(spans: list[_Span]) -> list[_Span]:
        quanta = [(a // 3 * 4 + skip, (b + 2) // 3 * 4 + skip) for a, b in spans]
        return runs.in_original(quanta)

    padding = b"A" * ((skip - len(text)) % 4)
    return _View(binascii.a2b_base64(text[skip:] + padding), in_original)


def _base64_runs(data: bytes, shortest: int) -> Iterator[list[_Span]]:
    """Yield the lines of each run that is long enough to hold a secret."""
    classes = data.translate(_IS_BASE64)
    needle = b"A" * shortest
    start = classes.find(needle)
    while start >= 0:
        end = _end_of_run(classes, start)
        run = [(start, end)]
        while following := _next_line(data, start, end):
            start = following
            end = _end_of_run(classes, start)
            run.append((start, end))
        yield run
        start = classes.find(needle, end)
