"""``/jql``: the sandbox runs no JavaScript, and says so as JQL says that a script fails.

https://developer.mixpanel.com/reference/query-jql
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.query import Query


def jql(query: Query) -> Response:
    """POST /jql: always refused."""
    raise Refusal(
        412,
        "UserVisiblePreconditionFailedError: The sandbox does not run JQL scripts. "
        "JQL is in maintenance mode; read a saved report with /insights instead.",
    )
