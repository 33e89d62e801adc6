"""The rate limit that a request counts against, and the form that ids must have."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from mixtui.patterns import compile_late


class Bucket(StrEnum):
    """One of Mixpanel's limits (https://developer.mixpanel.com/reference/rate-limits)."""

    NONE = "none"
    """No rate limit is documented."""
    INGESTION = "ingestion"
    QUERY = "query"
    JQL = "jql"
    """Also counts as a query."""
    EXPORT = "export"
    LEXICON = "lexicon"
    GDPR = "gdpr"
    LOOKUP_REPLACE = "lookup_replace"
    WAREHOUSE_SYNC = "warehouse_sync"


class Limit(Struct, frozen=True):
    """A number of requests in a rolling period."""

    calls: int
    seconds: float
    unit: str
    """What is counted, in the plural."""
    per_organization: bool = False
    """Counted per organization rather than per project."""


_SHORTEST_SHOWN = 60.0
"""Seconds; a shorter period would be over before it could be read."""

LIMITS = {
    Bucket.QUERY: Limit(60, 3600, "queries"),
    Bucket.JQL: Limit(60, 3600, "JQL queries"),
    Bucket.EXPORT: Limit(60, 3600, "exports"),
    Bucket.LEXICON: Limit(5, 60, "Lexicon requests", per_organization=True),
    Bucket.LOOKUP_REPLACE: Limit(100, 86_400, "table replacements"),
    Bucket.WAREHOUSE_SYNC: Limit(5, 3600, "syncs"),
    Bucket.GDPR: Limit(1, 1, "GDPR requests"),
}
MAX_PERIOD = max(limit.seconds for limit in LIMITS.values())
"""Seconds; no wait that a server states is longer."""
"""Buckets without an entry have no documented rate limit."""


def is_worth_showing(bucket: Bucket) -> bool:
    """Return whether the quota of a bucket is worth displaying."""
    return bucket in LIMITS and LIMITS[bucket].seconds >= _SHORTEST_SHOWN


_UUID4 = compile_late(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    re.IGNORECASE,
)


def is_uuid4(text: str) -> bool:
    """Return whether a text is a UUID v4, as the ``$anon_id`` of ``$identify`` must be."""
    return _UUID4.fullmatch(text) is not None
