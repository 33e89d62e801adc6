"""Which limit a call counts against."""

from __future__ import annotations

from enum import StrEnum


class Bucket(StrEnum):
    """One of Mixpanel's limits (https://developer.mixpanel.com/reference/rate-limits)."""

    NONE = "none"
    """No limit of calls is documented."""
    INGESTION = "ingestion"
    QUERY = "query"
    JQL = "jql"
    """Counts as a query as well."""
    EXPORT = "export"
    LEXICON = "lexicon"
    GDPR = "gdpr"
    LOOKUP_REPLACE = "lookup_replace"
    WAREHOUSE_SYNC = "warehouse_sync"
