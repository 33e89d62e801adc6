"""A request as an HTTPie command line (3.0 or later): https://httpie.io/docs/cli."""

from __future__ import annotations

import re
from pathlib import Path

from mixtui.core.errors import InterchangeError
from mixtui.interchange.outgoing import Basic, Bearer, ExportRequest
from mixtui.interchange.parts import Text
from mixtui.interchange.shell_quoting import fits_an_argument, line, piped, word

_SWALLOWED = re.compile(r"(?<!\\)(?:\\\\)*\\[:;=@]")
"""An odd backslash before a separator. Two stay two, so there is no way to write one."""


def httpie(request: ExportRequest) -> str:
    """The command; it ends without a line feed.

    Raises:
        InterchangeError: A header cannot be written so that HTTPie sends it.
    """
    # The items follow the URL at once: behind options HTTPie does not look for them.
    words = [f"http {request.method} {word(*request.url)}"]
    words += [word(*_item(name, value)) for name, value in request.headers]
    if not any(name.lower() == "accept" for name, _ in request.headers):
        words.append("'Accept:*/*'")
    names = {name.lower() for name, _ in request.headers}
    if request.body is not None and "content-type" not in names:
        words.append("'Content-Type:'")  # Or HTTPie says that it is JSON.
    words += [*_auth(request), *_tls(request)]
    before = ""
    match request.body:
        case Path():
            words.append(f"< {word(str(request.body))}")
        case None:
            words.append("--ignore-stdin")
        case body if request.compressed or not fits_an_argument(body):
            before = piped(body, compressed=request.compressed)
        case body:
            words.append(f"--raw={word(*body)}")
            words.append("--ignore-stdin")
    return before + line(*words)


def _item(name: str, value: Text) -> Text:
    """A header as HTTPie's item ``name:value``; ``:=`` and ``:@`` are other items.

    Raises:
        InterchangeError: HTTPie cannot send it.
    """
    if not value:
        return (f"{name};",)
    if any(isinstance(piece, str) and _SWALLOWED.search(piece) for piece in value):
        raise InterchangeError(
            f"The header {name} has a \\ before one of : ; = @, which HTTPie would leave "
            "out: export it for curl or Python."
        )
    pieces = list(value)
    first = pieces[0]
    if isinstance(first, str) and first[0] in "=@":
        pieces[0] = f"\\{first}"
    return (f"{name}:", *pieces)


def _auth(request: ExportRequest) -> list[str]:
    match request.auth:
        case Basic(user, password):
            return [f"--auth={word(*user, ':', *password)}"]
        case Bearer(token):
            return [word("Authorization:Bearer ", *token)]
        case None:
            return []


def _tls(request: ExportRequest) -> list[str]:
    tls = request.tls
    given = (
        ("--verify", tls.ca_file),
        ("--cert", tls.client_certificate),
        ("--cert-key", tls.client_key),
    )
    return [f"{option} {word(path)}" for option, path in given if path]
