"""What a text is that someone wants to import: told by its content, not by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from mixtui.interchange.model import ImportedFile
from mixtui.interchange.sniff import is_curl
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError


class Kind(StrEnum):
    """Whose text it is."""

    CURL = "curl"
    OPENAPI = "OpenAPI"
    POSTMAN = "Postman"


_POSTMAN = re.compile(
    r'"_postman_|schema\.(?:get)?postman\.com|"item"\s*:\s*\[', re.IGNORECASE
)
_OPENAPI = re.compile(r"""^\s*\{?\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)


def kind_of(source: str) -> Kind | None:
    """The kind of a text; None = it is none of them."""
    if is_curl(source):
        return Kind.CURL
    if _OPENAPI.search(source):
        return Kind.OPENAPI
    if _POSTMAN.search(source):
        return Kind.POSTMAN
    # JSON on one line has its keys anywhere.
    if re.search(r'"(?:openapi|swagger)"\s*:', source):
        return Kind.OPENAPI
    return None


def import_file(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """The requests of a file, whosever it is.

    Raises:
        InterchangeError: It is no file of requests, or nothing in it can be called.
    """
    match kind_of(source):
        case Kind.OPENAPI:
            from mixtui.interchange.files.openapi import import_openapi

            return import_openapi(source, name, environments)
        case Kind.POSTMAN:
            from mixtui.interchange.files.postman import import_postman

            return import_postman(source, name, environments)
    raise InterchangeError(
        f"{name} is none that mixtui knows: an OpenAPI file, a Postman collection or a "
        "curl command."
    )
