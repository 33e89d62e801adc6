"""Every path that the sandbox answers, and what answers it.

All of Mixpanel's hosts share one origin here: Ingestion stands at the root, the web and
data hosts under ``/api``. Their paths do not clash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mixtui.sandbox import (
    app_account,
    app_annotations,
    app_experiments,
    app_flags,
    app_gdpr,
    app_schemas,
    app_service_accounts,
    export,
    flags,
    ingestion_events,
    ingestion_profiles,
    lookup_tables,
    pipelines,
    query_events,
    query_funnels,
    query_insights,
    query_jql,
    query_profiles,
    query_retention,
    query_segmentation,
    warehouse,
)
from mixtui.sandbox.call import Handler
from mixtui.sandbox.errors import Family
from mixtui.sandbox.query import QueryHandler, query_handler


@dataclass(frozen=True, slots=True)
class Answering:
    """One method of one path; ``{name}`` is a variable part, ``{name:path}`` the rest."""

    method: str
    path: str
    handler: Handler
    family: Family


def routes() -> Iterator[Answering]:
    """All of them; of those that fit a request, the first holds."""
    yield from _INGESTION
    for method, path, answering in _QUERIES:
        for prefix in ("/api/query", "/api/2.0"):
            yield Answering(
                method, prefix + path, query_handler(answering), Family.QUERY
            )
    for method, path, handler in _QUERY_FORMS:
        for prefix in ("/api/query", "/api/2.0"):
            yield Answering(method, prefix + path, handler, Family.QUERY)
    yield from _DATA
    for method, path, handler in _APP:
        yield Answering(method, f"/api/app{path}", handler, Family.APP)
    for method, path, handler in _MANAGEMENT:
        yield Answering(method, f"/api/app{path}", handler, Family.MANAGEMENT)


_INGESTION = (
    Answering("POST", "/import", ingestion_events.import_events, Family.INGESTION),
    Answering("POST", "/track", ingestion_events.track, Family.INGESTION),
    Answering("POST", "/engage", ingestion_profiles.change_users, Family.INGESTION),
    Answering("POST", "/groups", ingestion_profiles.change_groups, Family.INGESTION),
    Answering("GET", "/lookup-tables", lookup_tables.list_tables, Family.INGESTION),
    Answering(
        "PUT", "/lookup-tables/{id}", lookup_tables.replace_table, Family.INGESTION
    ),
    Answering("GET", "/flags", flags.evaluate, Family.APP),
    Answering("GET", "/flags/definitions", flags.definitions, Family.APP),
)

_QUERIES: tuple[tuple[str, str, QueryHandler], ...] = (
    ("GET", "/insights", query_insights.insights),
    ("GET", "/funnels", query_funnels.funnel),
    ("GET", "/funnels/list", query_funnels.list_funnels),
    ("GET", "/retention", query_retention.retention),
    ("GET", "/retention/addiction", query_retention.addiction),
    ("GET", "/segmentation", query_segmentation.segmentation),
    ("GET", "/segmentation/numeric", query_segmentation.numeric),
    ("GET", "/segmentation/sum", query_segmentation.total),
    ("GET", "/segmentation/average", query_segmentation.average),
    ("GET", "/stream/query", query_profiles.activity),
    ("POST", "/cohorts/list", query_profiles.list_cohorts),
    ("GET", "/events", query_events.event_counts),
    ("GET", "/events/top", query_events.top_events),
    ("GET", "/events/names", query_events.event_names),
    ("GET", "/events/properties", query_events.property_counts),
    ("GET", "/events/properties/top", query_events.top_properties),
    ("GET", "/events/properties/values", query_events.top_values),
)

# Their parameters stand in a form, or in the URL as well.
_QUERY_FORMS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/engage", query_profiles.engage),
    ("GET", "/engage", query_profiles.engage),
    ("POST", "/jql", query_jql.jql),
)

_PIPELINE = "/api/2.0/nessie/pipeline"
_DATA = (
    Answering("GET", "/api/2.0/export", export.export, Family.QUERY),
    # An older help article prints it with a slash at the end.
    Answering("GET", "/api/2.0/export/", export.export, Family.QUERY),
    Answering("GET", f"{_PIPELINE}/jobs", pipelines.list_jobs, Family.APP),
    Answering("GET", f"{_PIPELINE}/status", pipelines.status, Family.APP),
    Answering("GET", f"{_PIPELINE}/timeline", pipelines.timeline, Family.APP),
    Answering("POST", f"{_PIPELINE}/create", pipelines.create, Family.APP),
    Answering("POST", f"{_PIPELINE}/edit", pipelines.edit, Family.APP),
    Answering("POST", f"{_PIPELINE}/cancel", pipelines.cancel, Family.APP),
    Answering("POST", f"{_PIPELINE}/pause", pipelines.pause, Family.APP),
    Answering("POST", f"{_PIPELINE}/resume", pipelines.resume, Family.APP),
)

_SCHEMAS = "/projects/{project}/schemas"
_SCHEMAS_OF_TYPE = f"{_SCHEMAS}/{{entity_type}}"
# A name may hold a slash: sent as %2F, it arrives decoded.
_SCHEMA = f"{_SCHEMAS_OF_TYPE}/{{name:path}}"
_ANNOTATIONS = "/projects/{project}/annotations"
_ANNOTATION = f"{_ANNOTATIONS}/{{annotation}}"
_ACCOUNTS = "/organizations/{organization}/service-accounts"
_IMPORTS = "/projects/{project}/warehouse-sources/imports"
_IMPORT = f"{_IMPORTS}/{{import}}"

_APP: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/me", app_account.me),
    ("GET", "/projects/{project}/workspaces/public", app_account.list_workspaces),
    ("GET", _SCHEMAS, app_schemas.list_schemas),
    ("POST", _SCHEMAS, app_schemas.upload_schemas),
    ("DELETE", _SCHEMAS, app_schemas.delete_schemas),
    ("GET", _SCHEMAS_OF_TYPE, app_schemas.list_schemas),
    ("DELETE", _SCHEMAS_OF_TYPE, app_schemas.delete_schemas),
    ("GET", _SCHEMA, app_schemas.read_schema),
    ("POST", _SCHEMA, app_schemas.upload_schema),
    ("DELETE", _SCHEMA, app_schemas.delete_schemas),
    ("GET", _ANNOTATIONS, app_annotations.list_annotations),
    ("POST", _ANNOTATIONS, app_annotations.create_annotation),
    ("GET", f"{_ANNOTATIONS}/tags", app_annotations.list_tags),
    ("POST", f"{_ANNOTATIONS}/tags", app_annotations.create_tag),
    ("GET", _ANNOTATION, app_annotations.read_annotation),
    ("PATCH", _ANNOTATION, app_annotations.change_annotation),
    ("DELETE", _ANNOTATION, app_annotations.delete_annotation),
    ("GET", _ACCOUNTS, app_service_accounts.list_accounts),
    ("POST", _ACCOUNTS, app_service_accounts.create_account),
    ("POST", f"{_ACCOUNTS}/add-to-project", app_service_accounts.add_to_projects),
    (
        "POST",
        f"{_ACCOUNTS}/remove-from-project",
        app_service_accounts.remove_from_projects,
    ),
    ("GET", f"{_ACCOUNTS}/{{account}}", app_service_accounts.read_account),
    ("DELETE", f"{_ACCOUNTS}/{{account}}", app_service_accounts.delete_account),
    ("GET", "/projects/{project}/service-accounts", app_service_accounts.list_members),
    ("GET", _IMPORTS, warehouse.list_imports),
    ("POST", f"{_IMPORTS}/{{kind}}", warehouse.create_import),
    ("GET", _IMPORT, warehouse.read_import),
    ("PATCH", _IMPORT, warehouse.change_import),
    ("DELETE", _IMPORT, warehouse.delete_import),
    ("PUT", f"{_IMPORT}/manual-sync", warehouse.run_import),
    ("GET", f"{_IMPORT}/history", warehouse.history),
    ("POST", "/data-retrievals/v3.0", app_gdpr.create_retrieval),
    ("GET", "/data-retrievals/v3.0/{job}", app_gdpr.read_retrieval),
    ("POST", "/data-deletions/v3.0", app_gdpr.create_deletion),
    ("GET", "/data-deletions/v3.0/{job}", app_gdpr.read_deletion),
    ("DELETE", "/data-deletions/v3.0/{job}", app_gdpr.cancel_deletion),
)

_FLAGS = "/projects/{project}/workspaces/{workspace}/feature-flags"
_FLAG = f"{_FLAGS}/{{flag}}"
_EXPERIMENTS = "/workspaces/{workspace}/experiments"
_EXPERIMENT = f"{_EXPERIMENTS}/{{experiment}}"

_MANAGEMENT: tuple[tuple[str, str, Handler], ...] = (
    ("GET", _FLAGS, app_flags.list_flags),
    ("POST", _FLAGS, app_flags.create_flag),
    ("GET", _FLAG, app_flags.read_flag),
    ("PUT", _FLAG, app_flags.replace_flag),
    ("DELETE", _FLAG, app_flags.delete_flag),
    ("GET", _EXPERIMENTS, app_experiments.list_experiments),
    ("POST", _EXPERIMENTS, app_experiments.create_experiment),
    ("GET", _EXPERIMENT, app_experiments.read_experiment),
    ("PATCH", _EXPERIMENT, app_experiments.change_experiment),
    ("DELETE", _EXPERIMENT, app_experiments.delete_experiment),
    ("POST", f"{_EXPERIMENT}/archive", app_experiments.archive),
    ("DELETE", f"{_EXPERIMENT}/archive", app_experiments.unarchive),
    ("PATCH", f"{_EXPERIMENT}/decide", app_experiments.decide),
    ("PUT", f"{_EXPERIMENT}/force_conclude", app_experiments.force_conclude),
    ("PUT", f"{_EXPERIMENT}/launch", app_experiments.launch),
)
