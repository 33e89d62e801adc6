"""The Mixpanel APIs and the base URL of each, by region.

The base URLs are those of the connector card this product is based on where it is
right, and of Mixpanel's own reference
(https://developer.mixpanel.com/reference/overview) elsewhere. A relative URL is
appended to its base as plain text.
"""

from __future__ import annotations

from enum import StrEnum


class Region(StrEnum):
    """The region of a project's data; sending to the wrong one loses data."""

    US = "us"
    EU = "eu"
    IN = "in"


class Api(StrEnum):
    """A base URL per region, chosen by name."""

    INGESTION = "ingestion"
    QUERY = "query"
    LEXICON = "lexicon"
    EXPORT = "export"
    PIPELINES = "pipelines"
    CONNECTORS = "connectors"
    APP = "app"

    @property
    def label(self) -> str:
        """Return the common name, as in "Raw Data Export"."""
        return _LABELS[self]


_LABELS = {
    Api.INGESTION: "Ingestion",
    Api.QUERY: "Query",
    Api.LEXICON: "Lexicon Schemas",
    Api.EXPORT: "Raw Data Export",
    Api.PIPELINES: "Data Pipelines",
    Api.CONNECTORS: "Connectors",
    Api.APP: "App",
}


class Service(StrEnum):
    """The three servers behind the APIs; paths are unique within one."""

    INGESTION = "ingestion"
    WEB = "web"
    DATA = "data"


SERVICES = {
    Api.INGESTION: Service.INGESTION,
    Api.QUERY: Service.WEB,
    Api.LEXICON: Service.WEB,
    Api.APP: Service.WEB,
    Api.EXPORT: Service.DATA,
    Api.PIPELINES: Service.DATA,
    Api.CONNECTORS: Service.DATA,
}

_HOSTS = {
    Service.INGESTION: {
        Region.US: "https://api.mixpanel.com",
        Region.EU: "https://api-eu.mixpanel.com",
        Region.IN: "https://api-in.mixpanel.com",
    },
    Service.WEB: {
        Region.US: "https://mixpanel.com",
        Region.EU: "https://eu.mixpanel.com",
        Region.IN: "https://in.mixpanel.com",
    },
    Service.DATA: {
        Region.US: "https://data.mixpanel.com",
        Region.EU: "https://data-eu.mixpanel.com",
        Region.IN: "https://data-in.mixpanel.com",
    },
}

BASE_PATHS = {
    Api.INGESTION: "",
    Api.QUERY: "/api",
    Api.LEXICON: "/api/app/projects",
    Api.EXPORT: "/api/2.0/export",
    Api.PIPELINES: "/api/2.0/nessie",
    Api.CONNECTORS: "/api/2.0/export",
    Api.APP: "/api/app",
}
"""The path that relative URLs of an API are appended to."""


def base_url(api: Api, region: Region) -> str | None:
    """Return the official base URL, or None where an API does not exist in a region.

    The Connectors address is the card's own; it names no host for India.
    """
    if api is Api.CONNECTORS and region is Region.IN:
        return None
    return _HOSTS[SERVICES[api]][region] + BASE_PATHS[api]


def is_ingestion_fragment(fragment: str) -> bool:
    """Return whether a fragment names an Ingestion or Identity operation.

    ``/engage#profile-set`` is how the reference writes "POST /engage with $set". No
    other API uses fragments, so one of these means the Ingestion base whatever API is
    selected (that is how the card's own Query examples resolve).
    """
    return fragment.startswith(("profile-", "group-")) or fragment in (
        "create-identity",
        "identity-create-alias",
    )


class CredentialKind(StrEnum):
    """One kind of credential; the value is its key in environments.toml."""

    SERVICE_ACCOUNT = "service_account"
    PROJECT_TOKEN = "project_token"
    PROJECT_SECRET = "project_secret"
    OAUTH = "oauth"

    @property
    def label(self) -> str:
        """Return the kind in prose, for messages."""
        return "OAuth token" if self is self.OAUTH else self.value.replace("_", " ")

    @property
    def key(self) -> str:
        """Return the key under ``[environments.NAME.credentials]``."""
        return "oauth_token" if self is self.OAUTH else self.value
