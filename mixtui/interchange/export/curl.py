"""Write a request as a command for curl."""

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

_CURL_GLOB = "[]{}"


def write_curl(request: ExportRequest) -> str:
    """Write a command for curl, without a line feed at its end."""
    command = "curl" if request.method == "GET" else f"curl -X {request.method}"
    if any(c in p for p in request.url if isinstance(p, str) for c in _CURL_GLOB):
        command += " -g"
    arguments = [f"{command} {quote_argument(*request.url)}", *_curl_auth(request)]
    arguments += [f"-H {_curl_header(name, value)}" for name, value in request.headers]
    if not any(name.lower() == "accept-encoding" for name, _ in request.headers):
        arguments.append("--compressed")
    if request.body is not None and not _has_content_type(request):
        arguments.append("-H 'Content-Type:'")  # Otherwise curl declares a form.
    arguments += _curl_tls(request)
    pipe = ""
    match request.body:
        case Path():
            arguments.append(f"--data-binary {quote_argument(f'@{request.body}')}")
        case None:
            if request.method in ("POST", "PUT", "PATCH"):
                # curl sends no length by itself, but some servers require one.
                arguments.append("-H 'Content-Length: 0'")
        case body if request.compressed or not fits_an_argument(body):
            pipe = printf_pipe(body, compressed=request.compressed)
            arguments.append("--data-binary @-")
        case body:
            arguments.append(f"--data-raw {quote_argument(*body)}")
    return pipe + join_lines(*arguments)


def _has_content_type(request: ExportRequest) -> bool:
    return any(name.lower() == "content-type" for name, _ in request.headers)


def _curl_header(name: str, value: ExportText) -> str:
    return quote_argument(f"{name}: ", *value) if value else quote_argument(f"{name};")


def _curl_auth(request: ExportRequest) -> list[str]:
    match request.auth:
        case Basic(user, password):
            return [f"-u {quote_argument(*user, ':', *password)}"]
        case Bearer(token):
            return [f"-H {quote_argument('Authorization: Bearer ', *token)}"]
        case None:
            return []


def _curl_tls(request: ExportRequest) -> list[str]:
    tls = request.tls
    options = (
        ("--cacert", tls.ca_file),
        ("--cert", tls.client_certificate),
        ("--key", tls.client_key),
    )
    return [f"{option} {quote_argument(path)}" for option, path in options if path]
