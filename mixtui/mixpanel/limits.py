"""How often a project may call, by bucket.

https://developer.mixpanel.com/reference/rate-limits, query-jql, raw-event-export,
replace-lookup-table, gdpr-api, and the Lexicon and Warehouse Connectors pages. Only
limits that count calls are here: Ingestion is limited by bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.mixpanel.buckets import Bucket


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in a rolling period."""

    calls: int
    seconds: float
    per_organization: bool = False
    """Counted for the organization, not for the project."""


_SHOWN = 60.0
"""Seconds; a shorter period is over before it could be read."""

LIMITS = {
    Bucket.QUERY: Limit(60, 3600),
    Bucket.JQL: Limit(60, 3600),
    Bucket.EXPORT: Limit(60, 3600),
    Bucket.LEXICON: Limit(5, 60, per_organization=True),
    Bucket.LOOKUP_REPLACE: Limit(100, 86_400),
    Bucket.WAREHOUSE_SYNC: Limit(5, 3600),
    Bucket.GDPR: Limit(1, 1),
}
"""What is not here has no documented limit of calls."""


def shown(bucket: Bucket) -> bool:
    """Whether the standing of a bucket is worth a look."""
    return bucket in LIMITS and LIMITS[bucket].seconds >= _SHOWN
