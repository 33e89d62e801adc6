"""What a text is that someone wants to import: told by its content, not by its name."""

from __future__ import annotations

import re
from enum import StrEnum

from mixtui.interchange.curl import is_curl


class Kind(StrEnum):
    """Whose text it is."""

    CURL = "curl"
    OPENAPI = "OpenAPI"
    POSTMAN = "Postman"


_POSTMAN = re.compile(
    r'"_postman_|schema\.(?:get)?postman\.com|"item"\s*:\s*\[', re.IGNORECASE
)
_OPENAPI = re.compile(r"""^\s*\{?\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)


def recognise(source: str) -> Kind | None:
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
