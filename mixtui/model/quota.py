"""The quota of a project: the account that requests count against, and its state."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from mixtui.mixpanel.limits import LIMITS, Bucket, Limit


class Account(Struct, frozen=True):
    """What requests count against: a project or an organization, and a bucket."""

    owner: str
    """Such as ``project 123``."""
    bucket: Bucket

    @property
    def limit(self) -> Limit:
        """The documented limit."""
        return LIMITS[self.bucket]

    @property
    def key(self) -> str:
        """The account as a string, for the database."""
        return f"{self.owner}/{self.bucket}"


class QuotaStatus(Struct, frozen=True):
    """The state of an account at one moment; times are Unix seconds."""

    account: Account
    used: int
    limit: int
    next_slot: float | None
    """When the oldest counted request expires; None = nothing is counted."""
    blocked_until: float | None = None
    """Until when the server accepts no request, if that is in the future."""

    def free_at(self, now: float) -> float:
        """Return when a request may be sent; `now` if immediately."""
        if self.blocked_until is not None and self.blocked_until > now:
            return self.blocked_until
        if self.used < self.limit or self.next_slot is None:
            return now
        return max(self.next_slot, now)

    @property
    def left(self) -> int:
        """How many more requests may be sent now."""
        return 0 if self.blocked_until is not None else max(self.limit - self.used, 0)

    @property
    def count(self) -> str:
        """What is left, such as ``59 of 60 queries left``."""
        return f"{self.left} of {self.limit} {self.account.limit.unit} left"

    def label(self, now: float) -> str:
        """Return such as ``59 of 60 queries left (resets in 12 min)``.

        Empty if nothing is counted.
        """
        free_at = max(self.next_slot or 0.0, self.blocked_until or 0.0)
        if not self.used and free_at <= now:
            return ""
        wait = f" (resets in {wait_label(free_at - now)})" if free_at > now else ""
        return f"{self.count}{wait}"


class Correction(Struct, frozen=True):
    """The true counters of an account, as a 429 states them."""

    account: Account
    used: int | None
    """None = not stated."""
    limit: int | None
    wait: float | None
    """Seconds until the next request, by ``Retry-After``."""


def quota_status(
    account: Account,
    times: Sequence[float],
    now: float,
    *,
    limit: int | None = None,
    blocked_until: float | None = None,
) -> QuotaStatus:
    """Compute the state of an account.

    Args:
        account: The account.
        times: When its requests were counted, ascending.
        now: The current time.
        limit: The server's own limit, if it differs from the documented one.
        blocked_until: Until when the server accepts no request.
    """
    rule, allowed = account.limit, limit or account.limit.calls
    counted = [time for time in times if time > now - rule.seconds]
    # Above the limit, more than the oldest request has to expire.
    index = max(len(counted) - allowed, 0)
    next_slot = counted[index] + rule.seconds if counted else None
    blocked = blocked_until if blocked_until and blocked_until > now else None
    return QuotaStatus(account, len(counted), allowed, next_slot, blocked)


def wait_label(seconds: float) -> str:
    """Format a wait: ``45 s``, ``12 min``, ``3 h``."""
    if seconds < 60:
        return f"{max(math.ceil(seconds), 0)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
