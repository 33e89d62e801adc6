"""Choose the quotas that a request counts against, and read corrections from responses.

Mixpanel sends no quota headers, so the counts are estimates: other programs may query the
same project. A 429 states the true counters, which then replace the estimate.
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

_PROFILE_QUERY_ID = "query.engage-query"


def quota_accounts(
    request: PreparedRequest, environment: Environment
) -> tuple[Account, ...]:
    """Return the accounts of a request; a JQL script also counts as a query."""
    operation = request.operation
    bucket = operation.bucket if operation is not None else request.endpoint.bucket
    if (
        operation is not None
        and operation.id == _PROFILE_QUERY_ID
        and is_next_page(request)
    ):
        return ()  # Reported not to count (airbytehq/airbyte#57513).
    buckets = (Bucket.JQL, Bucket.QUERY) if bucket is Bucket.JQL else (bucket,)
    return tuple(quota_account(each, environment) for each in buckets if each in LIMITS)


def quota_account(bucket: Bucket, environment: Environment) -> Account:
    """Return the account of a bucket in an environment."""
    if LIMITS[bucket].per_organization and environment.organization_id:
        owner = f"organization {environment.organization_id}"
    elif environment.project_id:
        owner = f"project {environment.project_id}"
    else:
        owner = f"environment {environment.name}"
    return Account(owner + _custom_host_suffix(environment), bucket)


def read_correction(
    exchange: Exchange, text: str, account: Account
) -> Correction | None:
    """Return the true counters that a response states; None unless it is a 429.

    Args:
        exchange: Request and response.
        text: The server's error message.
        account: The account that the request was counted against.
    """
    if exchange.response.status != 429:
        return None
    used, limit = hour_counter(text) or (None, None)
    return Correction(account, used, limit, retry_after(exchange))


def _custom_host_suffix(environment: Environment) -> str:
    """Return a suffix naming custom hosts, which keep counts of their own."""
    hosts = {urlsplit(url).netloc for url in environment.hosts.values()}
    return f" at {', '.join(sorted(hosts))}" if hosts else ""
