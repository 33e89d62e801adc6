"""What to do about a refusal that is nobody's credential, plan, quota or region."""

from __future__ import annotations

import re
from typing import Final

from mixtui.core.families import Family

_GENERAL: Final = {
    400: "The request is not what the operation wants: correct it.",
    404: "There is nothing at this URL: check API, path, ids and region.",
    405: "This URL does not take this method: choose another.",
    412: "The query or script failed: correct it.",
    413: "The body is too big: split it.",
    414: "The URL is too long: put the data into the body of a POST.",
    415: "The content type is not the right one: choose another body type.",
    422: "The request is not what the operation wants: correct it.",
}
_OF_FAMILY: Final = {
    (Family.IMPORT, 413): (
        "The batch is too big: send 2,000 events and 2 MB at most, as some servers "
        "take no 10 MB."
    ),
    (Family.TRACK, 413): "The batch is too big: send 2,000 events and 10 MB at most.",
    (Family.PROFILES, 413): (
        "The batch is too big: send 2,000 updates at most, each of 1 MB at most."
    ),
    (Family.LOOKUP, 413): "The table is too big: 100 MB of CSV at most.",
    (Family.LOOKUP, 404): (
        "There is no lookup table of this id: GET /lookup-tables lists them."
    ),
    (Family.JQL, 412): "The script failed: correct it.",
    (Family.PIPELINES, 404): (
        "There is no pipeline of this name: GET /pipeline/jobs lists them."
    ),
    (Family.GDPR, 404): (
        "There is no such job: check its id, the token and the region."
    ),
}
# Texts seen from Mixpanel's servers, in public issue reports and client code.
_OF_TEXT: Final = (
    (
        r"to_date cannot be later than today",
        "to_date is later than today in the project's time zone: choose an earlier day.",
    ),
    (
        r"request for page in uncached query",
        "Mixpanel no longer knows the pages of this query: begin again at page 0, and "
        "with behaviors send as_of_timestamp, too.",
    ),
    (
        r"invalid json format: ?(event|values|distinct_ids)",
        'This parameter is a JSON list, as in ["Sign up"]: correct it.',
    ),
)


def advice_for_text(family: Family, text: str) -> str:
    """Advice by the server's words; empty = they are of no known kind."""
    for pattern, advice in _OF_TEXT:
        if re.search(pattern, text, re.IGNORECASE):
            return advice
    return ""


def advice_for_status(family: Family, method: str, status: int) -> str:
    """Advice by the status."""
    if (family, method, status) == (Family.GDPR, "DELETE", 405):
        return "It is too late to cancel: the deletion has begun."
    general = _GENERAL.get(status, "The request was refused: correct it.")
    return _OF_FAMILY.get((family, status), general)
