"""Detect the format of a file by its content, not by its name, and import it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from mixtui.interchange.model import ImportedFile
from mixtui.interchange.sniff import is_curl
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError


class ImportKind(StrEnum):
    """Whose text it is."""

    CURL = "curl"
    OPENAPI = "OpenAPI"
    POSTMAN = "Postman"


_POSTMAN = re.compile(
    r'"_postman_|schema\.(?:get)?postman\.com|"item"\s*:\s*\[', re.IGNORECASE
)
_OPENAPI = re.compile(r"""^\s*\{?\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)


def detect_kind(source: str) -> ImportKind | None:
    """The kind of a text; None = it is none of them."""
    if is_curl(source):
        return ImportKind.CURL
    if _OPENAPI.search(source):
        return ImportKind.OPENAPI
    if _POSTMAN.search(source):
        return ImportKind.POSTMAN
    # JSON on one line has its keys anywhere.
    if re.search(r'"(?:openapi|swagger)"\s*:', source):
        return ImportKind.OPENAPI
    return None


def import_file(
    source: str, name: str, environments: Iterable[Environment] = ()
) -> ImportedFile:
    """The requests of a file, whosever it is.

    Raises:
        InterchangeError: It is no file of requests, or nothing in it can be called.
    """
    match detect_kind(source):
        case ImportKind.OPENAPI:
            from mixtui.interchange.files.openapi import import_openapi

            return import_openapi(source, name, environments)
        case ImportKind.POSTMAN:
            from mixtui.interchange.files.postman import import_postman

            return import_postman(source, name, environments)
    raise InterchangeError(
        f"{name} is none that mixtui knows: an OpenAPI file, a Postman collection or a "
        "curl command."
    )
