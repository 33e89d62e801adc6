"""Write a request as a Python script for httpx."""

from __future__ import annotations

from pathlib import Path

from mixtui.interchange.export.request import Basic, Bearer, ExportRequest
from mixtui.interchange.shell_quoting import (
    ExportText,
    Variable,
)


def write_python(request: ExportRequest) -> str:
    """Write a script for httpx, with a line feed at its end."""
    arguments = [_python_literal(request.method), _python_text(request.url)]
    headers = [(name, value) for name, value in request.headers]
    match request.auth:
        case Basic(user, password):
            arguments.append(f"auth=({_python_text(user)}, {_python_text(password)})")
        case Bearer(token):
            headers.append(("Authorization", ("Bearer ", *token)))
        case None:
            pass
    if headers:
        rows = "".join(
            f"        ({_python_literal(n)}, {_python_text(v)}),\n" for n, v in headers
        )
        arguments.append(f"headers=[\n{rows}    ]")
    if request.body is not None:
        arguments.append(f"content={_python_body(request)}")
    if any((request.tls.ca_file, request.tls.client_certificate)):
        arguments.append("verify=context")
    arguments.append(f"timeout={request.timeout!r}")
    argument_lines = "".join(f"    {argument},\n" for argument in arguments)
    return (
        f"{_python_imports(request)}\n{_python_tls(request)}"
        f"response = httpx.request(\n{argument_lines})\n"
        "print(response.status_code, response.reason_phrase, file=sys.stderr)\n"
        "print(response.text)\n"
    )


def _python_imports(request: ExportRequest) -> str:
    """Return comments on the variables to set, and the imports."""
    notes = "".join(f"# Set {v.name}: {v.description}.\n" for v in request.variables)
    modules = {"sys"}
    if request.variables:
        modules.add("os")
    if request.compressed:
        modules.add("gzip")
    if _python_tls(request):
        modules.add("ssl")
    imports = "".join(f"import {name}\n" for name in sorted(modules))
    if isinstance(request.body, Path):
        imports += "from pathlib import Path\n"
    return f"{notes}{imports}\nimport httpx\n"


def _python_tls(request: ExportRequest) -> str:
    tls = request.tls
    if not (tls.ca_file or tls.client_certificate):
        return ""
    lines = ["context = ssl.create_default_context()"]
    if tls.ca_file:
        lines.append(f"context.load_verify_locations({_python_literal(tls.ca_file)})")
    if tls.client_certificate:
        key = f", {_python_literal(tls.client_key)}" if tls.client_key else ""
        certificate = _python_literal(tls.client_certificate)
        lines.append(f"context.load_cert_chain({certificate}{key})")
    return "\n".join(lines) + "\n"


def _python_body(request: ExportRequest) -> str:
    match request.body:
        case Path():
            return f"Path({_python_literal(str(request.body))}).read_bytes()"
        case None:
            return "None"
        case body:
            text = _python_lines(body)
            return f"gzip.compress({text}.encode())" if request.compressed else text


def _python_lines(text: ExportText) -> str:
    """Write a text as one literal a line.

    Python joins adjacent literals; a long chain of + can be too much for its parser.
    """
    groups = [_python_literals(part) for part in text]
    if len(groups) == 1 and "\n" not in groups[0]:
        return groups[0]
    if len(groups) == 1:
        return f"(\n        {groups[0]}\n    )"
    rows = "".join(f"        {group},\n" for group in groups)
    return f'"".join((\n{rows}    ))'


def _python_literals(part: str | Variable) -> str:
    if isinstance(part, Variable):
        return _python_variable(part)
    return "\n        ".join(map(_python_literal, part.splitlines(keepends=True)))


def _python_text(text: ExportText) -> str:
    return " + ".join(_python_piece(part) for part in text) or '""'


def _python_piece(part: str | Variable) -> str:
    return (
        _python_variable(part) if isinstance(part, Variable) else _python_literal(part)
    )


def _python_variable(variable: Variable) -> str:
    return f"os.environ[{_python_literal(variable.name)}]"


def _python_literal(text: str) -> str:
    """Return a Python literal, in double quotes where that needs no more escapes."""
    literal = repr(text)
    if literal.startswith("'") and '"' not in text:
        return f'"{literal[1:-1]}"'
    return literal
