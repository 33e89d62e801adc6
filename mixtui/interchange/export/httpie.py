"""Write a request as a command for HTTPie."""

from __future__ import annotations

from pathlib import Path

from mixtui.interchange.export.request import Basic, Bearer, ExportRequest
from mixtui.interchange.shell_quoting import (
    ExportText,
    fits_an_argument,
    join_lines,
    printf_pipe,
    quote_argument,
)
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late

_HTTPIE_DROPPED_BACKSLASH = compile_late(r"(?<!\\)(?:\\\\)*\\[:;=@]")
"""A backslash that HTTPie drops: an odd one before a separator.

It keeps two as two, so a single one cannot be written.
"""


def write_httpie(request: ExportRequest) -> str:
    """Write a command for HTTPie, without a line feed at its end.

    Raises:
        InterchangeError: A header cannot be written so that HTTPie sends it.
    """
    # Items must follow the URL: HTTPie does not look for them after options.
    arguments = [f"http {request.method} {quote_argument(*request.url)}"]
    arguments += [
        quote_argument(*_httpie_item(name, value)) for name, value in request.headers
    ]
    if not any(name.lower() == "accept" for name, _ in request.headers):
        arguments.append("'Accept:*/*'")
    names = {name.lower() for name, _ in request.headers}
    if request.body is not None and "content-type" not in names:
        arguments.append("'Content-Type:'")  # Otherwise HTTPie declares JSON.
    arguments += [*_httpie_auth(request), *_httpie_tls(request)]
    pipe = ""
    match request.body:
        case Path():
            arguments.append(f"< {quote_argument(str(request.body))}")
        case None:
            arguments.append("--ignore-stdin")
        case body if request.compressed or not fits_an_argument(body):
            pipe = printf_pipe(body, compressed=request.compressed)
        case body:
            arguments.append(f"--raw={quote_argument(*body)}")
            arguments.append("--ignore-stdin")
    return pipe + join_lines(*arguments)


def _httpie_item(name: str, value: ExportText) -> ExportText:
    """Write a header as HTTPie's item ``name:value``; ``:=`` and ``:@`` are other items.

    Raises:
        InterchangeError: HTTPie cannot send it.
    """
    if not value:
        return (f"{name};",)
    if any(
        isinstance(piece, str) and _HTTPIE_DROPPED_BACKSLASH.search(piece)
        for piece in value
    ):
        raise InterchangeError(
            f"HTTPie would drop the \\ before : ; = or @ in the header {name}. Export "
            "the request as curl or Python."
        )
    pieces = list(value)
    first = pieces[0]
    if isinstance(first, str) and first[0] in "=@":
        pieces[0] = f"\\{first}"
    return (f"{name}:", *pieces)


def _httpie_auth(request: ExportRequest) -> list[str]:
    match request.auth:
        case Basic(user, password):
            return [f"--auth={quote_argument(*user, ':', *password)}"]
        case Bearer(token):
            return [quote_argument("Authorization:Bearer ", *token)]
        case None:
            return []


def _httpie_tls(request: ExportRequest) -> list[str]:
    tls = request.tls
    options = (
        ("--verify", tls.ca_file),
        ("--cert", tls.client_certificate),
        ("--cert-key", tls.client_key),
    )
    return [f"{option} {quote_argument(path)}" for option, path in options if path]
