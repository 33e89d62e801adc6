"""A request as a curl command line."""

from __future__ import annotations

from pathlib import Path

from mixtui.interchange.outgoing import Basic, Bearer, ExportRequest
from mixtui.interchange.parts import Text
from mixtui.interchange.shell_quoting import fits_an_argument, line, piped, word

_GLOBBED = "[]{}"


def curl(request: ExportRequest) -> str:
    """The command; it ends without a line feed."""
    command = "curl" if request.method == "GET" else f"curl -X {request.method}"
    if any(c in p for p in request.url if isinstance(p, str) for c in _GLOBBED):
        command += " -g"
    words = [f"{command} {word(*request.url)}", *_auth(request)]
    words += [f"-H {_header(name, value)}" for name, value in request.headers]
    if not any(name.lower() == "accept-encoding" for name, _ in request.headers):
        words.append("--compressed")
    if request.body is not None and not _says_type(request):
        words.append("-H 'Content-Type:'")  # Or curl says that it is a form.
    words += _tls(request)
    before = ""
    match request.body:
        case Path():
            words.append(f"--data-binary {word(f'@{request.body}')}")
        case None:
            if request.method in ("POST", "PUT", "PATCH"):
                # curl sends no length by itself; some servers insist.
                words.append("-H 'Content-Length: 0'")
        case body if request.compressed or not fits_an_argument(body):
            before = piped(body, compressed=request.compressed)
            words.append("--data-binary @-")
        case body:
            words.append(f"--data-raw {word(*body)}")
    return before + line(*words)


def _says_type(request: ExportRequest) -> bool:
    return any(name.lower() == "content-type" for name, _ in request.headers)


def _header(name: str, value: Text) -> str:
    return word(f"{name}: ", *value) if value else word(f"{name};")


def _auth(request: ExportRequest) -> list[str]:
    match request.auth:
        case Basic(user, password):
            return [f"-u {word(*user, ':', *password)}"]
        case Bearer(token):
            return [f"-H {word('Authorization: Bearer ', *token)}"]
        case None:
            return []


def _tls(request: ExportRequest) -> list[str]:
    tls = request.tls
    given = (
        ("--cacert", tls.ca_file),
        ("--cert", tls.client_certificate),
        ("--key", tls.client_key),
    )
    return [f"{option} {word(path)}" for option, path in given if path]
