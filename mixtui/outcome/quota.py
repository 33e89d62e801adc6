"""How much of a quota is left: counted here, corrected by what the server says.

Mixpanel sends no header that tells, so the count is an estimate: other programs ask for
the same project. A 429 names the true counters, and then they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.limits import LIMITS, Bucket
from mixtui.model.exchange import Exchange
from mixtui.model.quota import Account, Correction
from mixtui.outcome.paging import is_next_page
from mixtui.outcome.refusals import hour_counter, retry_after

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest

_PAGED = "query.engage-query"


def quota_accounts(
    request: PreparedRequest, environment: Environment
) -> tuple[Account, ...]:
    """What a request counts for; a script counts as a query as well."""
    operation = request.operation
    bucket = operation.bucket if operation is not None else request.endpoint.bucket
    if operation is not None and operation.id == _PAGED and is_next_page(request):
        return ()  # Said not to count (airbytehq/airbyte#57513).
    buckets = (Bucket.JQL, Bucket.QUERY) if bucket is Bucket.JQL else (bucket,)
    return tuple(account(each, environment) for each in buckets if each in LIMITS)


def account(bucket: Bucket, environment: Environment) -> Account:
    """The account of an environment."""
    if LIMITS[bucket].per_organization and environment.organization_id:
        owner = f"organization {environment.organization_id}"
    elif environment.project_id:
        owner = f"project {environment.project_id}"
    else:
        owner = f"environment {environment.name}"
    return Account(owner + _elsewhere(environment), bucket)


def correction(exchange: Exchange, text: str, account: Account) -> Correction | None:
    """What an answer corrects, or None: only a 429 tells.

    Args:
        exchange: The exchange.
        text: The server's own words.
        account: What it was counted for.
    """
    if exchange.response.status != 429:
        return None
    used, limit = hour_counter(text) or (None, None)
    return Correction(account, used, limit, retry_after(exchange))


def _elsewhere(environment: Environment) -> str:
    """The server that stands in for Mixpanel's: it counts for itself."""
    hosts = {urlsplit(url).netloc for url in environment.hosts.values()}
    return f" at {', '.join(sorted(hosts))}" if hosts else ""
