"""The constants of the sandbox: projects, credentials, environments, clock.

Nothing here is secret: the sandbox listens on this machine only and contains invented
data. The ids are fixed, so that saved requests can refer to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from mixtui.mixpanel.apis import BASE_PATHS, Api, Region
from mixtui.model.environment import (
    FROM_SANDBOX,
    Credentials,
    Environment,
    ServiceAccount,
)
from mixtui.model.secrets import FromVariable

ORGANIZATION_ID = "5000001"
WORKSPACE_ID = "4000001"
PROJECT_ID = "3000001"
FREE_PROJECT_ID = "3000002"

PROJECT_TOKEN = "5a0db0c5000000000000000000000001"
FREE_PROJECT_TOKEN = "5a0db0c5000000000000000000000002"

SERVICE_ACCOUNT = "sandbox.5a0db0.mp-service-account"
SECRET = "sandbox-service-account-secret"
PROJECT_SECRET = "sandbox-project-secret"
FREE_PROJECT_SECRET = "sandbox-free-project-secret"
OAUTH_TOKEN = "sandbox-oauth-token"

USER = "ada"
"""A distinct_id that always exists and visits the shop every day."""
FUNNEL_ID = 2001
INSIGHTS_ID = 1001
BREAKDOWN_ID = 1002
FUNNEL_REPORT_ID = 1003
RETENTION_REPORT_ID = 1004
COHORT_ID = 6001
COMPANY_GROUP_ID = 7001
"""The ``data_group_id`` of the group key "company"."""
LOOKUP_TABLE_ID = "5a0db0c5-0000-4000-8000-000000000001"
ANNOTATION_ID = 1
ANNOTATION_TAG_ID = 1
FLAG_ID = "5a0db0c5-0000-4000-8000-0000000000f1"
DRAFT_ID = "5a0db0c5-0000-4000-8000-0000000000e1"
"""An experiment that can be launched; the next two are active and concluded."""
ACTIVE_ID = "5a0db0c5-0000-4000-8000-0000000000e2"
CONCLUDED_ID = "5a0db0c5-0000-4000-8000-0000000000e3"
ARCHIVED_ID = "5a0db0c5-0000-4000-8000-0000000000e4"
RETRIEVAL_ID = "5a0db0c5-0000-4000-8000-0000000000a1"
DELETION_ID = "5a0db0c5-0000-4000-8000-0000000000d1"
IMPORT_ID = 1
"""The warehouse import."""
PIPELINE_NAME = "events-daily-s3-raw"
OWN_ACCOUNT_ID = 1
"""The service account that the sandbox accepts; it cannot be deleted."""
OTHER_ACCOUNT_ID = 2

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "MIXTUI_SANDBOX_SECRET": SECRET,
        "MIXTUI_SANDBOX_PROJECT_SECRET": PROJECT_SECRET,
        "MIXTUI_SANDBOX_FREE_PROJECT_SECRET": FREE_PROJECT_SECRET,
        "MIXTUI_SANDBOX_OAUTH_TOKEN": OAUTH_TOKEN,
    }
)
"""The values that a `SecretReader` needs for the environments below."""


class Plan(StrEnum):
    """The APIs that a project may use; https://mixpanel.com/pricing."""

    FREE = "free"
    GROWTH = "growth"


class Project(Struct, frozen=True):
    """A project of the sandbox; all of them are in the region us."""

    id: str
    name: str
    token: str
    secret: str
    plan: Plan


SHOP = Project(PROJECT_ID, "Sandbox shop", PROJECT_TOKEN, PROJECT_SECRET, Plan.GROWTH)
FREE = Project(
    FREE_PROJECT_ID,
    "Sandbox shop on a free plan",
    FREE_PROJECT_TOKEN,
    FREE_PROJECT_SECRET,
    Plan.FREE,
)
PROJECTS = (SHOP, FREE)
HOME = Region.US
"""The region of the projects."""


def environments(origin: str) -> tuple[Environment, ...]:
    """Return the environments of a sandbox, best first; read secrets with `VARIABLES`.

    Args:
        origin: The origin of the server, such as ``http://127.0.0.1:8123``.
    """
    everything = _environment("sandbox", origin, SHOP, "MIXTUI_SANDBOX_PROJECT_SECRET")
    return (
        everything,
        _environment(
            "sandbox-eu",
            f"{origin}/eu",
            SHOP,
            "MIXTUI_SANDBOX_PROJECT_SECRET",
            region=Region.EU,
        ),
        _environment(
            "sandbox-free", origin, FREE, "MIXTUI_SANDBOX_FREE_PROJECT_SECRET"
        ),
        _environment(
            "sandbox-read-only",
            origin,
            SHOP,
            "MIXTUI_SANDBOX_PROJECT_SECRET",
            read_only=True,
        ),
    )


def _environment(
    name: str,
    base: str,
    project: Project,
    project_secret: str,
    *,
    region: Region = HOME,
    read_only: bool = False,
) -> Environment:
    return Environment(
        name=name,
        region=region,
        project_id=project.id,
        workspace_id=WORKSPACE_ID,
        organization_id=ORGANIZATION_ID,
        read_only=read_only,
        credentials=Credentials(
            project_token=project.token,
            service_account=ServiceAccount(
                SERVICE_ACCOUNT, FromVariable("MIXTUI_SANDBOX_SECRET")
            ),
            project_secret=FromVariable(project_secret),
            oauth_token=FromVariable("MIXTUI_SANDBOX_OAUTH_TOKEN"),
        ),
        variables=MappingProxyType({"user": USER, "plan": "pro"}),
        hosts=MappingProxyType({api: base + BASE_PATHS[api] for api in Api}),
        origin=FROM_SANDBOX,
    )


Clock = Callable[[], datetime]
"""Returns an aware datetime."""

DAY_MS = 24 * 60 * 60 * 1000


def system_clock() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Return milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def moment(time_ms: int) -> datetime:
    """Convert milliseconds to a datetime; the reverse of `milliseconds`."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def midnight(day: date) -> int:
    """Return the first millisecond of a day."""
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def days(first: date, last: date) -> list[date]:
    """Return every day from first to last, inclusive."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
