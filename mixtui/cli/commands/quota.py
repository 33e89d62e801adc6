"""``mixtui quota``: the remaining quota of a project, as counted on this machine."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.model.quota import QuotaStatus


def quota_arguments() -> Parser:
    parser = Parser(
        "quota",
        "Show the remaining quotas of an environment, as counted by mixtui on this\n"
        "machine and corrected by Mixpanel's 429 responses. Other clients use the "
        "same\n"
        "quotas, so this is an estimate. Nothing is sent.",
        (
            "mixtui quota",
            "mixtui quota --env prod-eu --json | jq '.[] | select(.bucket == \"query\")'",
        ),
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_quota(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    from contextlib import closing

    from mixtui.cli.arguments import session_from_arguments
    from mixtui.mixpanel.limits import LIMITS, is_worth_showing
    from mixtui.model.errors import ExitStatus
    from mixtui.outcome.quota import quota_account
    from mixtui.storage.paths import state_dir
    from mixtui.storage.quota import QuotaStore

    session = session_from_arguments(arguments, console)
    with closing(QuotaStore(state_dir())) as store:
        statuses = [
            store.status(quota_account(bucket, session.environment))
            for bucket in LIMITS
            if is_worth_showing(bucket)
        ]
        now = store.clock()
    if arguments.json:
        values = [_status_values(status, now) for status in statuses]
        console.print_json(values)
        return ExitStatus.ACCEPTED
    for each in statuses:
        text = each.label(now) or each.count
        bucket = each.account.bucket.replace("_", " ")
        console.print_untrusted(f"{bucket:<14}  {text:<50}  {each.account.owner}")
    return ExitStatus.ACCEPTED


def _status_values(status: QuotaStatus, now: float) -> dict[str, Any]:
    free = status.free_at(now)
    return {
        "bucket": status.account.bucket.value,
        "owner": status.account.owner,
        "used": status.used,
        "limit": status.limit,
        "seconds": status.account.limit.seconds,
        "wait": round(free - now, 1),
    }
