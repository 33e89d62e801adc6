"""Parse the options of curl, and the data that they send.

https://curl.se/docs/manpage.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote

from mixtui.model.errors import InterchangeError
from mixtui.request.templates import map_literals
from mixtui.text import sanitize_excerpt


class Role(Enum):
    """What an option means for a request."""

    METHOD = auto()
    URL = auto()
    HEADER = auto()
    AGENT = auto()
    REFERER = auto()
    COOKIE = auto()
    RANGE = auto()
    USER = auto()
    BEARER = auto()
    DATA = auto()
    RAW = auto()
    BINARY = auto()
    URLENCODED = auto()
    JSON = auto()
    UPLOAD = auto()
    URL_QUERY = auto()
    GET = auto()
    NO_EFFECT = auto()
    """Changes nothing that matters here."""
    IGNORED = auto()
    """Left out, with a note that names it."""
    REJECTED = auto()
    """An error: without it the request would mean something else."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command line."""

    name: str
    """As it was written: ``-d``, ``--data``."""
    role: Role
    value: str = ""


_OPTIONS_WITH_VALUE = {
    Role.METHOD: "X request",
    Role.URL: "url",
    Role.HEADER: "H header",
    Role.AGENT: "A user-agent",
    Role.REFERER: "e referer",
    Role.COOKIE: "b cookie",
    Role.RANGE: "r range",
    Role.USER: "u user",
    Role.BEARER: "oauth2-bearer",
    Role.DATA: "d data data-ascii",
    Role.RAW: "data-raw",
    Role.BINARY: "data-binary",
    Role.URLENCODED: "data-urlencode",
    Role.JSON: "json",
    Role.UPLOAD: "T upload-file",
    Role.URL_QUERY: "url-query",
    Role.IGNORED: (
        "o output m max-time x proxy c cookie-jar D dump-header w write-out U proxy-user "
        "E cert y speed-time Y speed-limit connect-timeout retry retry-delay "
        "retry-max-time max-redirs limit-rate cacert capath cert-type key key-type pass "
        "ciphers tls-max tls13-ciphers curves resolve connect-to interface local-port "
        "noproxy preproxy socks4 socks4a socks5 socks5-hostname proxy-header "
        "proxy-cacert proxy-cert proxy-key output-dir stderr trace trace-ascii "
        "keepalive-time dns-servers doh-url max-filesize proto proto-default "
        "proto-redir unix-socket abstract-unix-socket netrc-file hsts alt-svc "
        "etag-save etag-compare pinnedpubkey expect100-timeout happy-eyeballs-timeout-ms "
        "z time-cond C continue-at"
    ),
    Role.REJECTED: (
        "F form form-string K config request-target aws-sigv4 variable Q quote t "
        "telnet-option P ftp-port"
    ),
}
_FLAGS = {
    Role.GET: "G get",
    Role.NO_EFFECT: (
        "compressed s silent S show-error N no-buffer basic globoff g progress-bar # "
        "http1.1 http2 http2-prior-knowledge http3 http1.0 0 tlsv1 1 tlsv1.2 tlsv1.3 "
        "tlsv1.0 tlsv1.1 ipv4 4 ipv6 6 no-progress-meter tcp-nodelay no-keepalive "
        "path-as-is no-alpn ssl-reqd no-sessionid compressed-ssh q disable raw"
    ),
    Role.IGNORED: (
        "k insecure L location i include v verbose f fail fail-with-body fail-early O "
        "remote-name J remote-header-name n netrc netrc-optional location-trusted "
        "post301 post302 post303 create-dirs digest ntlm negotiate anyauth R "
        "remote-time trace-time retry-all-errors retry-connrefused p proxytunnel Z "
        "parallel j junk-session-cookies remote-name-all remove-on-error tr-encoding "
        "proxy-insecure proxy-basic proxy-digest ssl-no-revoke M manual V version "
        "styled-output no-styled-output show-headers a append B use-ascii l list-only "
        "disable-epsv"
    ),
    Role.REJECTED: "I head next :",
}


def _roles_by_name(rows: dict[Role, str]) -> dict[str, Role]:
    return {name: role for role, names in rows.items() for name in names.split()}


_ROLE_OF_OPTION_WITH_VALUE = _roles_by_name(_OPTIONS_WITH_VALUE)
_ROLE_OF_FLAG = _roles_by_name(_FLAGS)
_ROLES = {**_ROLE_OF_OPTION_WITH_VALUE, **_ROLE_OF_FLAG}
_REJECTION_REASONS = {
    "form": "a form of several parts, which no Mixpanel API takes",
    "head": "a HEAD request, which no Mixpanel API answers",
    "next": "a second request: take the commands over one by one",
    "config": "options from another file: write them into the command",
}
_REJECTION_ALIASES = {
    "F": "form",
    "form-string": "form",
    "I": "head",
    ":": "next",
    "K": "config",
}
_OPTION_NAME = re.compile(r"--[a-z-]{1,30}|-[^-\s]")
"""What of an unknown option is repeated; the rest may be a secret."""


def parse_options(arguments: Sequence[str]) -> Iterator[Option]:
    """Parse the options and URLs that follow curl.

    Raises:
        InterchangeError: An option is unknown, lacks its value or cannot be imported.
    """
    rest = iter(arguments)
    only_urls = False
    for argument in rest:
        if only_urls or not argument.startswith("-") or argument == "-":
            yield Option("URL", Role.URL, argument)
        elif argument == "--":
            only_urls = True
        elif argument.startswith("--"):
            yield _long_option(argument, rest)
        else:
            yield from _short_options(argument, rest)


def _long_option(argument: str, rest: Iterator[str]) -> Option:
    name, equals, value = argument.removeprefix("--").partition("=")
    written = f"--{name}"
    key = _full_name(name)
    if key in _ROLE_OF_OPTION_WITH_VALUE:
        if not equals:
            value = _next_value(written, rest)
        return _option(written, key, value)
    if equals:
        raise InterchangeError(
            f"curl's option {written} takes no value, and here it has one: correct it."
        )
    return _option(written, key)


def _short_options(argument: str, rest: Iterator[str]) -> Iterator[Option]:
    """Parse one argument of short options, such as ``-sSXPOST``."""
    for index in range(1, len(argument)):
        letter = argument[index]
        written = f"-{letter}"
        if letter not in _ROLES:
            raise _unknown_option_error(written)
        if letter in _ROLE_OF_FLAG:
            yield _option(written, letter)
            continue
        yield _option(
            written, letter, argument[index + 1 :] or _next_value(written, rest)
        )
        return


def _full_name(name: str) -> str:
    """Complete the name of a long option; curl accepts any unambiguous prefix."""
    if name in _ROLES and len(name) > 1:
        return name
    if name.startswith("no-") and name.removeprefix("no-") in _ROLE_OF_FLAG:
        return "no-buffer"
    matches = {k for k in _ROLES if len(k) > 1 and len(name) > 2 and k.startswith(name)}
    if len(matches) != 1:
        raise _unknown_option_error(f"--{name}")
    return matches.pop()


def _option(written: str, key: str, value: str = "") -> Option:
    role = _ROLES[key]
    if role is Role.REJECTED:
        reason = _REJECTION_REASONS.get(
            _REJECTION_ALIASES.get(key, key), "something that no request here has"
        )
        raise InterchangeError(
            f"The command cannot be taken over: {written} means {reason}."
        )
    return Option(written, role, value)


def _next_value(written: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise InterchangeError(
            f"The command ends after {written}, which wants a value: copy all of it."
        )
    return value


def _unknown_option_error(written: str) -> InterchangeError:
    is_name = _OPTION_NAME.fullmatch(written)
    label = f"curl's option {written}" if is_name else "one of the options"
    return InterchangeError(
        f"mixtui does not know {label}, nor whether a value follows it: leave it out."
    )


_MAX_FILE_BYTES = 1_000_000
"""Bytes of a file whose text is put into a request."""
_PATH_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Data:
    """The combined data options; text and file exclude each other."""

    text: str = ""
    file: str = ""
    """The file that is sent byte for byte."""
    notes: tuple[str, ...] = ()


def join_data(options: Sequence[Option], folder: Path) -> Data:
    """Combine all data options into one text or file.

    Args:
        options: The data options, in order.
        folder: What a relative file path is relative to.

    Raises:
        InterchangeError: The data come from standard input, from a file that cannot be
            read, or from a file and another option.
    """
    notes: list[str] = []
    text = ""
    files = [o for o in options if _data_file(o)]
    if files and len(options) > 1:
        raise InterchangeError(
            "The command joins a file with other data into one body: join them in one "
            "file, or write the text into the command."
        )
    if files:
        path = _data_file(files[0])
        if path in ("-", "."):
            raise InterchangeError(
                "The body comes from standard input, which is not here: write "
                f"{files[0].name} @FILE with the file's name."
            )
        if files[0].role is Role.DATA:
            notes.append(
                f"curl's {files[0].name} drops line ends: the file is sent as it is."
            )
        return Data(file=path, notes=tuple(notes))
    for option in options:
        value, note = option.value, ""
        if option.role is Role.URLENCODED:
            value, note = encode_data(option, folder)
        # Texts of --json are joined as they are (curl, since 7.82).
        separator = "&" if text and option.role is not Role.JSON else ""
        text += separator + value
        notes += [note] if note else []
    return Data(text, notes=tuple(notes))


def encode_data(option: Option, folder: Path) -> tuple[str, str]:
    """Encode a value of ``--data-urlencode``, in any of its five forms; return it and a note.

    Raises:
        InterchangeError: The file cannot be read.
    """
    value = option.value
    index, equals = value.find("@"), value.find("=")
    if equals >= 0 and (index < 0 or equals < index):
        name, content = value[:equals], value[equals + 1 :]
        note = ""
    elif index >= 0:
        name, path = value[:index], value[index + 1 :]
        content = _read_file(path, option.name, folder)
        note = f"The text of {_path_excerpt(path)} was taken over as it is now."
    else:
        name, content, note = "", value, ""
    encoded = map_literals(content, lambda text: quote(text, safe=""))
    return (f"{name}={encoded}" if name else encoded), note


def _data_file(option: Option) -> str:
    """Return the file that an option names; empty = none."""
    if option.role is Role.UPLOAD:
        return option.value
    takes_file = option.role in (Role.DATA, Role.BINARY, Role.JSON)
    return (
        option.value[1:] or "-" if takes_file and option.value.startswith("@") else ""
    )


def _read_file(path: str, written: str, folder: Path) -> str:
    if path in ("", "-"):
        raise InterchangeError(
            f"{written} takes its text from standard input, which is not here: name a "
            "file."
        )
    try:
        with (folder / os.path.expanduser(path)).open("rb") as stream:
            data = stream.read(_MAX_FILE_BYTES + 1)
        if len(data) > _MAX_FILE_BYTES:
            raise InterchangeError(
                f"The file of {written} is too large to stand in a request."
            )
        return data.decode()
    except OSError as error:
        raise InterchangeError(
            # Without a file, this is the part of a value that follows its @.
            f"The file of {written} cannot be read: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise InterchangeError(
            f"The file of {written} is no UTF-8 text, so it cannot be taken over."
        ) from None


def _path_excerpt(path: str) -> str:
    return sanitize_excerpt(path, _PATH_LENGTH)
