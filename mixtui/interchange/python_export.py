"""A request as a Python script with httpx: https://www.python-httpx.org."""

from __future__ import annotations

from pathlib import Path

from mixtui.interchange.outgoing import Basic, Bearer, ExportRequest
from mixtui.interchange.parts import Text, Variable


def python(request: ExportRequest) -> str:
    """The script; it ends with a line feed."""
    arguments = [_literal(request.method), _text(request.url)]
    headers = [(name, value) for name, value in request.headers]
    match request.auth:
        case Basic(user, password):
            arguments.append(f"auth=({_text(user)}, {_text(password)})")
        case Bearer(token):
            headers.append(("Authorization", ("Bearer ", *token)))
        case None:
            pass
    if headers:
        rows = "".join(f"        ({_literal(n)}, {_text(v)}),\n" for n, v in headers)
        arguments.append(f"headers=[\n{rows}    ]")
    if request.body is not None:
        arguments.append(f"content={_content(request)}")
    if any((request.tls.ca_file, request.tls.client_certificate)):
        arguments.append("verify=context")
    arguments.append(f"timeout={request.timeout!r}")
    call = "".join(f"    {argument},\n" for argument in arguments)
    return (
        f"{_head(request)}\n{_context(request)}"
        f"response = httpx.request(\n{call})\n"
        "print(response.status_code, response.reason_phrase, file=sys.stderr)\n"
        "print(response.text)\n"
    )


def _head(request: ExportRequest) -> str:
    """What must be set, and the imports."""
    notes = "".join(f"# Set {v.name}: {v.what}.\n" for v in request.variables)
    modules = {"sys"}
    if request.variables:
        modules.add("os")
    if request.compressed:
        modules.add("gzip")
    if _context(request):
        modules.add("ssl")
    imports = "".join(f"import {name}\n" for name in sorted(modules))
    if isinstance(request.body, Path):
        imports += "from pathlib import Path\n"
    return f"{notes}{imports}\nimport httpx\n"


def _context(request: ExportRequest) -> str:
    tls = request.tls
    if not (tls.ca_file or tls.client_certificate):
        return ""
    lines = ["context = ssl.create_default_context()"]
    if tls.ca_file:
        lines.append(f"context.load_verify_locations({_literal(tls.ca_file)})")
    if tls.client_certificate:
        key = f", {_literal(tls.client_key)}" if tls.client_key else ""
        certificate = _literal(tls.client_certificate)
        lines.append(f"context.load_cert_chain({certificate}{key})")
    return "\n".join(lines) + "\n"


def _content(request: ExportRequest) -> str:
    match request.body:
        case Path():
            return f"Path({_literal(str(request.body))}).read_bytes()"
        case None:
            return "None"
        case body:
            text = _lines(body)
            return f"gzip.compress({text}.encode())" if request.compressed else text


def _lines(text: Text) -> str:
    """A text of several lines as one literal a line.

    Literals that follow each other are one; a chain of + might be too long for Python.
    """
    groups = [_group(part) for part in text]
    if len(groups) == 1 and "\n" not in groups[0]:
        return groups[0]
    if len(groups) == 1:
        return f"(\n        {groups[0]}\n    )"
    rows = "".join(f"        {group},\n" for group in groups)
    return f'"".join((\n{rows}    ))'


def _group(part: str | Variable) -> str:
    if isinstance(part, Variable):
        return _variable(part)
    return "\n        ".join(map(_literal, part.splitlines(keepends=True)))


def _text(text: Text) -> str:
    return " + ".join(_piece(part) for part in text) or '""'


def _piece(part: str | Variable) -> str:
    return _variable(part) if isinstance(part, Variable) else _literal(part)


def _variable(variable: Variable) -> str:
    return f"os.environ[{_literal(variable.name)}]"


def _literal(text: str) -> str:
    """A Python literal, in double quotes where that needs no more escapes."""
    written = repr(text)
    if written.startswith("'") and '"' not in text:
        return f'"{written[1:-1]}"'
    return written
