"""Export a prepared request to another program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from mixtui.interchange.export.curl import write_curl
from mixtui.interchange.export.httpie import write_httpie
from mixtui.interchange.export.python import write_python
from mixtui.interchange.export.request import export_request
from mixtui.interchange.shell_quoting import is_visible
from mixtui.model.draft import Draft
from mixtui.model.environment import EMPTY
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import SecretReader


class Program(StrEnum):
    """A program to write a request for."""

    CURL = "curl"
    PYTHON = "python"
    HTTPIE = "httpie"

    @property
    def label(self) -> str:
        """The name people know."""
        return _LABELS[self]


_LABELS = {
    Program.CURL: "curl",
    Program.PYTHON: "Python (httpx)",
    Program.HTTPIE: "HTTPie",
}


class Exported(Struct, frozen=True):
    """A request written for another program."""

    text: str
    """Ends with a line feed."""
    variables: tuple[str, ...] = ()
    """The variables that must be set before it is run."""
    notes: tuple[str, ...] = ()
    """Sentences: which variables, and what they hold."""


def export(
    request: PreparedRequest,
    draft: Draft,
    program: Program,
    *,
    reader: SecretReader | None = None,
    variables: Mapping[str, str] = os.environ,
    secret_inputs: Mapping[str, str] = EMPTY,
) -> Exported:
    """Write a prepared request for another program.

    Args:
        request: What mixtui would send, with everything that it adds.
        draft: The draft it was prepared from.
        program: The program to write for.
        reader: Reads the secrets, which are then written in plain text; None = variables
            take their place. Blocking.
        variables: The environment variables of the process.
        secret_inputs: The texts of the secret inputs, by name.

    Raises:
        CredentialError: A secret cannot be read.
        InterchangeError: The program cannot express the request.
    """
    formatted = export_request(request, draft, reader, variables, secret_inputs)
    writers = {
        Program.CURL: write_curl,
        Program.PYTHON: write_python,
        Program.HTTPIE: write_httpie,
    }
    text = writers[program](formatted)
    notes = tuple(f"Set {v.name}: {v.description}." for v in formatted.variables)
    needs_escapes = any(
        not is_visible(p) for t in formatted.texts for p in t if isinstance(p, str)
    )
    if needs_escapes and program is not Program.PYTHON:
        notes += ("It uses $'…' quotes, which need bash, zsh or ksh.",)
    return Exported(
        text if text.endswith("\n") else f"{text}\n",
        tuple(variable.name for variable in formatted.variables),
        notes,
    )
