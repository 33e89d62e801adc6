"""Which family of Mixpanel operations a request belongs to: each answers in its own way.

Known by server and path, so that a typed request has a family, too. A path may stand
behind a prefix (a proxy, another region of the sandbox).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.apis import Service

if TYPE_CHECKING:
    from mixtui.core.prepare import PreparedRequest


class Family(Enum):
    """Operations that answer alike."""

    IMPORT = auto()
    TRACK = auto()
    IDENTITY = auto()
    """``/track#create-identity`` and ``#identity-create-alias``."""
    PROFILES = auto()
    """Changes of users and groups."""
    LOOKUP = auto()
    FLAGS = auto()
    """Evaluation; management is App."""
    QUERY = auto()
    PROFILE_QUERY = auto()
    JQL = auto()
    EXPORT = auto()
    PIPELINES = auto()
    GDPR = auto()
    SERVICE_ACCOUNTS = auto()
    APP = auto()
    """Everything else on the App server."""
    OTHER = auto()


_PATHS = (
    (Service.INGESTION, r"/import", Family.IMPORT),
    (Service.INGESTION, r"/track", Family.TRACK),
    (Service.INGESTION, r"/(engage|groups)", Family.PROFILES),
    (Service.INGESTION, r"/lookup-tables(/[^/]*)?", Family.LOOKUP),
    (Service.INGESTION, r"/flags(/.*)?", Family.FLAGS),
    (Service.DATA, r"/export", Family.EXPORT),
    (Service.DATA, r"/nessie/.*", Family.PIPELINES),
    (Service.WEB, r"/app/data-(retrievals|deletions)/.*", Family.GDPR),
    (
        Service.WEB,
        r"/app/organizations/[^/]+/service-accounts",
        Family.SERVICE_ACCOUNTS,
    ),
    (Service.WEB, r"/app/.*", Family.APP),
    (Service.WEB, r"/(query|2\.0)/jql", Family.JQL),
    (Service.WEB, r"/(query|2\.0)/engage", Family.PROFILE_QUERY),
    (Service.WEB, r"/(query|2\.0)/.*", Family.QUERY),
)
_FAMILIES = tuple(
    (service, re.compile(rf"(?:/.*)?{path}/?"), family)
    for service, path, family in _PATHS
)


def family_of(request: PreparedRequest) -> Family:
    """The family of a request."""
    parts = urlsplit(request.url)
    for service, path, family in _FAMILIES:
        if service is request.endpoint.service and path.fullmatch(parts.path):
            if family is Family.TRACK and "identity" in parts.fragment:
                return Family.IDENTITY
            return family
    return Family.OTHER
