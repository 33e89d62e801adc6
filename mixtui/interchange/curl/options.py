"""Parse the options of curl.

https://curl.se/docs/manpage.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto

from msgspec import Struct

from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late


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
    CA_FILE = auto()
    CERTIFICATE = auto()
    KEY = auto()
    URL_QUERY = auto()
    GET = auto()
    NO_EFFECT = auto()
    """Changes nothing that matters here."""
    IGNORED = auto()
    """Left out, with a note that names it."""
    REJECTED = auto()
    """An error: without it the request would mean something else."""


class Option(Struct, frozen=True):
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
    Role.CA_FILE: "cacert",
    Role.CERTIFICATE: "E cert",
    Role.KEY: "key",
    Role.URL_QUERY: "url-query",
    Role.IGNORED: (
        "o output m max-time x proxy c cookie-jar D dump-header w write-out U proxy-user "
        "y speed-time Y speed-limit connect-timeout retry retry-delay "
        "retry-max-time max-redirs limit-rate capath cert-type key-type pass "
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


_ROLE_OF_OPTION_WITH_VALUE = {
    name: role for role, names in _OPTIONS_WITH_VALUE.items() for name in names.split()
}
_ROLE_OF_FLAG = {name: role for role, names in _FLAGS.items() for name in names.split()}
_ROLES = {**_ROLE_OF_OPTION_WITH_VALUE, **_ROLE_OF_FLAG}
_REJECTION_REASONS = {
    "form": "a multipart form, which Mixpanel APIs do not accept",
    "head": "a HEAD request, which Mixpanel APIs do not accept",
    "next": "a second request: import the commands one by one",
    "config": "options from another file: put them into the command",
}
_REJECTION_ALIASES = {
    "F": "form",
    "form-string": "form",
    "I": "head",
    ":": "next",
    "K": "config",
}
_OPTION_NAME = compile_late(r"--[a-z-]{1,30}|-[^-\s]")
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
            f"curl's option {written} does not take a value: remove it."
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
            _REJECTION_ALIASES.get(key, key),
            "something that mixtui requests do not have",
        )
        raise InterchangeError(
            f"The command cannot be imported: {written} means {reason}."
        )
    return Option(written, role, value)


def _next_value(written: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise InterchangeError(
            f"The command ends after {written}, which needs a value. Copy all of it."
        )
    return value


def _unknown_option_error(written: str) -> InterchangeError:
    is_name = _OPTION_NAME.fullmatch(written)
    label = f"curl's option {written}" if is_name else "one of the options"
    return InterchangeError(
        f"mixtui does not know {label}, nor whether it takes a value. Remove it."
    )
