"""Choose the quotas that a request counts against.

Mixpanel sends no quota headers, so the counts are estimates: other programs may query the
same project. A 429 states the true counters (``refusals.read_correction``), which then
replace the estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.limits import LIMITS, Bucket
from mixtui.model.quota import Account

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
    if operation is not None and operation.id == _PROFILE_QUERY_ID:
        from mixtui.outcome.paging import is_next_page  # Late: the start needs none.

        if is_next_page(request):
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


def _custom_host_suffix(environment: Environment) -> str:
    """Return a suffix naming custom hosts, which keep counts of their own."""
    hosts = {urlsplit(url).netloc for url in environment.hosts.values()}
    return f" at {', '.join(sorted(hosts))}" if hosts else ""
