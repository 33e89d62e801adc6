"""Detect the format of a file by its content, not by its name, and import it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from mixtui.interchange.model import ImportedFile
from mixtui.interchange.sniff import is_curl
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late

_POSTMAN = compile_late(
    r'"_postman_|schema\.(?:get)?postman\.com|"item"\s*:\s*\[', re.IGNORECASE
)
_OPENAPI = compile_late(
    r"""^\s*\{?\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE
)


class ImportFormat(StrEnum):
    """A format that can be imported."""

    CURL = "curl"
    OPENAPI = "OpenAPI"
    POSTMAN = "Postman"


def detect_format(source: str) -> ImportFormat | None:
    """Return the format of a text; None = it is none of them."""
    if is_curl(source):
        return ImportFormat.CURL
    if _OPENAPI.search(source):
        return ImportFormat.OPENAPI
    if _POSTMAN.search(source):
        return ImportFormat.POSTMAN
    # JSON on one line has its keys anywhere.
    if re.search(r'"(?:openapi|swagger)"\s*:', source):
        return ImportFormat.OPENAPI
    return None


def import_file(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """Import the requests of a file in any known format.

    Raises:
        InterchangeError: The format is unknown, or the file has no request to import.
    """
    match detect_format(source):
        case ImportFormat.OPENAPI:
            from mixtui.interchange.files.openapi.document import import_openapi

            return import_openapi(source, name, environments)
        case ImportFormat.POSTMAN:
            from mixtui.interchange.files.postman.collection import import_postman

            return import_postman(source, name, environments)
    raise InterchangeError(
        f"{name} is not an OpenAPI file, a Postman collection or a curl command."
    )
