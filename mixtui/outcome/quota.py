"""How much of a quota is left: counted here, corrected by what the server says.

Mixpanel sends no header that tells, so the count is an estimate: other programs ask for
the same project. A 429 names the true counters, and then they hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.limits import LIMITS, Bucket, Limit
from mixtui.model.exchange import Exchange
from mixtui.outcome.paging import is_next_page
from mixtui.outcome.refusals import hour_counter, retry_after

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest

_PAGED = "query.engage-query"


@dataclass(frozen=True, slots=True)
class Account:
    """What calls are counted for: a project, or an organization, and a bucket."""

    owner: str
    """Such as ``project 123``."""
    bucket: Bucket

    @property
    def limit(self) -> Limit:
        """The documented limit."""
        return LIMITS[self.bucket]

    @property
    def key(self) -> str:
        """For a database."""
        return f"{self.owner}/{self.bucket}"


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """An account at one moment; times are Unix seconds."""

    account: Account
    used: int
    limit: int
    next_slot: float | None
    """When one call more will be free; None = nothing is counted."""
    blocked_until: float | None = None
    """What the server demanded, if that is still to come."""

    def free_at(self, now: float) -> float:
        """When a call may go out; `now` if it may at once."""
        if self.blocked_until is not None and self.blocked_until > now:
            return self.blocked_until
        if self.used < self.limit or self.next_slot is None:
            return now
        return max(self.next_slot, now)

    @property
    def count(self) -> str:
        """Such as ``60/60``."""
        return f"{self.used}/{self.limit}"

    def label(self, now: float) -> str:
        """Such as ``41/60 · next slot 12 min``; empty if nothing is counted."""
        at = max(self.next_slot or 0.0, self.blocked_until or 0.0)
        if not self.used and at <= now:
            return ""
        wait = f" · next slot {wait_label(at - now)}" if at > now else ""
        return f"{self.count}{wait}"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a 429 says about an account."""

    account: Account
    used: int | None
    """None = it does not say."""
    limit: int | None
    wait: float | None
    """Seconds until the next call, by ``Retry-After``."""


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


def quota_status(
    account: Account,
    times: Sequence[float],
    now: float,
    *,
    limit: int | None = None,
    blocked_until: float | None = None,
) -> QuotaStatus:
    """Where an account stands.

    Args:
        account: Which.
        times: When calls were counted, in rising order.
        now: The present.
        limit: What the server said, where that is not the documented limit.
        blocked_until: Until when the server wants no more calls.
    """
    rule, calls = account.limit, limit or account.limit.calls
    counted = [time for time in times if time > now - rule.seconds]
    # Over the limit, more than the oldest has to go.
    index = max(len(counted) - calls, 0)
    next_slot = counted[index] + rule.seconds if counted else None
    blocked = blocked_until if blocked_until and blocked_until > now else None
    return QuotaStatus(account, len(counted), calls, next_slot, blocked)


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


def wait_label(seconds: float) -> str:
    """A wait in words: ``45 s``, ``12 min``, ``3 h``."""
    if seconds < 60:
        return f"{max(math.ceil(seconds), 0)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _elsewhere(environment: Environment) -> str:
    """The server that stands in for Mixpanel's: it counts for itself."""
    hosts = {urlsplit(url).netloc for url in environment.hosts.values()}
    return f" at {', '.join(sorted(hosts))}" if hosts else ""
