"""The shapes of the bodies and forms of App and pipeline endpoints.

https://developer.mixpanel.com/reference; where the OpenAPI descriptions name no
required field (annotations, tags, GDPR), the reference pages do.
"""

from __future__ import annotations

from mixtui.sandbox.data.json_text import JsonObject
from mixtui.sandbox.requests.shapes import (
    Anything,
    Fields,
    Integer,
    Many,
    Names,
    Number,
    OrNull,
    Shape,
    Text,
    Truth,
    Word,
)

_NAME = Text(least=1)
_OBJECT = Names(Anything())
_TEXTS = Many(Text())
_TEXT_OR_NULL = OrNull(Text())
_DAY_AND_TIME = Text(
    pattern=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", example="YYYY-MM-DD HH:mm:ss"
)
_UUID = Text(
    pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", example="a UUID"
)

# Annotations
NEW_ANNOTATION = Fields(
    required={"date": _DAY_AND_TIME, "description": _NAME},
    optional={"tags": Many(Integer())},
)
ANNOTATION_CHANGE = Fields(optional={"description": _NAME, "tags": Many(Integer())})
NEW_TAG = Fields(required={"name": _NAME})

# Lexicon schemas
ENTITY_TYPES = ("event", "profile")
_MIXPANEL_OF_PROPERTY = Fields(
    optional={"displayName": Text(), "hidden": Truth(), "dropped": Truth()},
    closed=True,
)
_PROPERTY = Fields(
    required={
        "type": Word(
            ("array", "boolean", "integer", "null", "number", "object", "string")
        )
    },
    optional={
        "description": Text(),
        "metadata": Fields(optional={"com.mixpanel": _MIXPANEL_OF_PROPERTY}),
    },
    closed=True,
)
_MIXPANEL_OF_ENTITY = Fields(
    optional={
        "$source": Text(),
        "displayName": Text(),
        "tags": _TEXTS,
        "hidden": Truth(),
        "dropped": Truth(),
        "contacts": _TEXTS,
        "teamContacts": _TEXTS,
    },
    closed=True,
)
SCHEMA = Fields(
    optional={
        "description": Text(),
        "properties": Names(_PROPERTY),
        "metadata": Fields(optional={"com.mixpanel": _MIXPANEL_OF_ENTITY}),
    }
)
SCHEMAS = Fields(
    required={
        "entries": Many(
            Fields(
                required={
                    "entityType": Word(ENTITY_TYPES),
                    "name": _NAME,
                    "schemaJson": SCHEMA,
                },
                closed=True,
            )
        )
    },
    optional={"truncate": Truth()},
)

# Service accounts
_ROLE = Word(("owner", "admin", "analyst", "consumer"))
NEW_SERVICE_ACCOUNT = Fields(
    required={"username": _NAME},
    optional={
        "role": _ROLE,
        "expires": OrNull(Text(pattern=r"\d{4}-\d\d-\d\d.*", example="an ISO date")),
        "projects": Many(Fields(optional={"id": Integer(), "role": _ROLE})),
    },
)
NEW_MEMBERSHIPS = Fields(
    required={
        "projects": Many(Fields(required={"id": Integer(), "role": _ROLE})),
        "service_account_ids": Many(Integer()),
    }
)
ENDED_MEMBERSHIPS = Fields(
    required={
        "projects": Many(
            Fields(required={"id": Integer(), "service_account_ids": Many(Integer())})
        )
    }
)

# GDPR
MOST_IDS = 2000
_IDS = Many(Text(least=1), least=1, most=MOST_IDS)
_LAW = Word(("GDPR", "CCPA"))
NEW_DELETION = Fields(
    required={"distinct_ids": _IDS}, optional={"compliance_type": _LAW}
)
NEW_RETRIEVAL = Fields(
    required={"distinct_ids": _IDS},
    optional={
        "compliance_type": _LAW,
        "disclosure_type": Word(("Data", "Categories", "Sources")),
    },
)

# Feature flags
_SHARE = Number(least=0, most=1)
_VARIANT = Fields(
    required={
        "key": Text(),
        "value": Anything(),
        "is_control": Truth(),
        "split": _SHARE,
    },
    optional={"description": _TEXT_OR_NULL, "is_sticky": Truth()},
    closed=True,
)
_FIRST_TIME_EVENT = Fields(
    required={"event_name": Text(), "time_window": Word(("while_flag_enabled",))},
    optional={
        "duration": OrNull(Word(("end_of_session", "indefinitely"))),
        "property_filters": OrNull(_OBJECT),
    },
    closed=True,
)
_ROLLOUT = Fields(
    required={"rollout_percentage": _SHARE, "variant_splits": Names(Number())},
    optional={
        "name": _TEXT_OR_NULL,
        "cohort_definition": OrNull(_OBJECT),
        "runtime_evaluation_definition": OrNull(_OBJECT),
        "runtime_evaluation_rule": OrNull(_OBJECT),
        "runtime_event_rule": OrNull(_FIRST_TIME_EVENT),
        "cohort_hash": _TEXT_OR_NULL,
        "variant_override": OrNull(Fields(required={"key": Text()}, closed=True)),
    },
    closed=True,
)
FLAG = Fields(
    required={
        "name": Text(least=1, most=255),
        "key": Text(least=1, most=255),
        "tags": _TEXTS,
        "context": Text(least=1, most=255),
        "serving_method": Word(("client", "server", "remote_or_local", "remote_only")),
        "ruleset": Fields(
            required={"variants": Many(_VARIANT, most=11), "rollout": Many(_ROLLOUT)},
            optional={"test": OrNull(Names(Names(Text())))},
            closed=True,
        ),
    },
    optional={
        "description": _TEXT_OR_NULL,
        "experiment_id": OrNull(_UUID),
        "status": Word(("enabled", "disabled", "archived")),
        "data_group_id": Anything(),
        "workspace_id": OrNull(Integer()),
        "is_experiment_active": OrNull(Truth()),
        "hash_salt": OrNull(Text(least=32, most=32)),
        "reset_hash_salt": OrNull(Truth()),
    },
    closed=True,
)

# Experiments
_EXPERIMENT: dict[str, Shape] = {
    "description": Text(most=400),
    "hypothesis": Text(),
    "settings": _OBJECT,
    "variants": Many(Anything()),
    "metrics": Many(Anything()),
    "global_access_type": Text(),
}
_EXPERIMENT_NAME = Text(least=1, most=255)
NEW_EXPERIMENT = Fields(required={"name": _EXPERIMENT_NAME}, optional=_EXPERIMENT)
EXPERIMENT_CHANGE = Fields(
    optional={
        **_EXPERIMENT,
        "name": _EXPERIMENT_NAME,
        "status": Word(("draft", "active", "concluded", "success", "fail")),
        "start_date": Text(),
        "end_date": Text(),
        "exposures_cache": _OBJECT,
        "results_cache": _OBJECT,
        "tags": _TEXTS,
    }
)
DECISION = Fields(
    required={"success": Truth()}, optional={"variant": Text(), "message": Text()}
)
CONCLUSION = Fields(optional={"end_date": Text()})
NOTHING = Fields()


_WAREHOUSE_NAME = Text(least=1)
_WAREHOUSE_OBJECT = Names(Anything())
_TEXT_OR_NULL_warehouse_bodies = OrNull(Text())
HOUR, DAY, WEEK = 3_600_000_000_000, 86_400_000_000_000, 604_800_000_000_000
_EVERY = Integer((0, HOUR, DAY, WEEK))
"""Nanoseconds; 0 = only when asked."""
_CLUSTERS = OrNull(
    Fields(
        optional={
            "export_cluster_config": OrNull(
                Fields(
                    optional={
                        "spark_version": Text(),
                        "node_type_id": Text(),
                        "num_workers": Number(least=0),
                        "autoscale": OrNull(
                            Fields(
                                optional={
                                    "min_workers": Number(least=0),
                                    "max_workers": Number(least=1),
                                },
                                closed=True,
                            )
                        ),
                        "runtime_engine": OrNull(Word(("STANDARD", "PHOTON"))),
                    }
                )
            )
        }
    )
)
_COMMON: dict[str, Shape] = {
    "warehouse_source_id": Integer(),
    "table_params": _WAREHOUSE_OBJECT,
}
_ANY_SYNC = Word(("time_based", "mirror_mode", "full_sync", "one_time"))
_COMMON_OPTIONS: dict[str, Shape] = {
    "run_every": _EVERY,
    "insert_time_column_name": _TEXT_OR_NULL_warehouse_bodies,
    "json_properties_column_name": _TEXT_OR_NULL_warehouse_bodies,
    "property_mappings": OrNull(Names(Text())),
    "databricks_params": _CLUSTERS,
}
NEW_IMPORT = {
    "event-stream": Fields(
        required={
            "import_type": Word(("event_stream",)),
            **_COMMON,
            "time_column_name": _WAREHOUSE_NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional={
            **_COMMON_OPTIONS,
            "event_name": _WAREHOUSE_NAME,
            "event_column_name": _WAREHOUSE_NAME,
            "user_column_name": Text(),
            "company_column_name": Text(),
            "device_column_name": _TEXT_OR_NULL_warehouse_bodies,
        },
    ),
    "people": Fields(
        required={
            "import_type": Word(("people",)),
            **_COMMON,
            "user_column_name": _WAREHOUSE_NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional=_COMMON_OPTIONS,
    ),
    "groups": Fields(
        required={
            "import_type": Word(("groups",)),
            **_COMMON,
            "group_key": _WAREHOUSE_NAME,
            "group_id_column": _WAREHOUSE_NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional=_COMMON_OPTIONS,
    ),
    "lookup-table": Fields(
        required={
            "import_type": Word(("lookup_table",)),
            **_COMMON,
            "mixpanel_property": Fields(
                required={
                    "value": _WAREHOUSE_NAME,
                    "resourceType": Word(("event", "user")),
                },
                optional={"customPropertyId": OrNull(Integer())},
            ),
            "property_key_column_name": _WAREHOUSE_NAME,
            "sync_mode": Word(("full_sync", "one_time")),
        },
        optional={"run_every": _EVERY, "databricks_params": _CLUSTERS},
    ),
}
CHANGE = Fields(
    required={"paused": Truth(), "run_every": _EVERY},
    optional={"databricks_params": _CLUSTERS},
)
DELETION = Fields(optional={"delete_data": Truth()})


_DAY = Text(pattern=r"\d{4}-\d\d-\d\d", example="YYYY-MM-DD")
_PIPELINE_FIELD = Text(least=1)

_AWS_REGIONS = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "ca-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
]
_GCS_REGIONS = [
    "northamerica-northeast1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-west1",
    "us-west2",
    "southamerica-east1",
    "europe-north1",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-southeast1",
    "australia-southeast1",
]
_BIGQUERY_REGIONS = [
    "US",
    "US_CENTRAL_1",
    "US_EAST_1",
    "US_WEST_1",
    "US_WEST_2",
    "US_EAST_4",
    "NORTH_AMERICA_NORTHEAST_1",
    "SOUTH_AMERICA_EAST_1",
    "EU",
    "EUROPE_NORTH_1",
    "EUROPE_WEST_2",
    "EUROPE_WEST_3",
    "EUROPE_WEST_4",
    "EUROPE_WEST_6",
    "ASIA_SOUTH_1",
    "ASIA_EAST_1",
    "ASIA_EAST_2",
    "ASIA_NORTHEAST_1",
    "ASIA_NORTHEAST_2",
    "ASIA_NORTHEAST_3",
    "ASIA_SOUTHEAST_1",
    "ASIA_SOUTHEAST_2",
    "AUSTRALIA_SOUTHEAST_1",
]

_ALWAYS: dict[str, Shape] = {
    "trial": Truth(),
    "to_date": _DAY,
    "frequency": Word(("daily", "hourly")),
    "events": Many(Text()),
    "where": Text(),
}
_RAW: dict[str, Shape] = {
    **_ALWAYS,
    "data_source": Word(("events",)),
    "data_format": Word(("json",)),
}
_SCHEMATIZED: dict[str, Shape] = {**_ALWAYS, "data_source": Word(("events", "people"))}
_FILES: dict[str, Shape] = {**_SCHEMATIZED, "data_format": Word(("json", "parquet"))}
_TABLES: dict[str, Shape] = {
    "sync": Truth(only=True),
    "schema_type": Word(("monoschema", "multischema")),
}
_GCS: dict[str, Shape] = {
    "gcs_bucket": _PIPELINE_FIELD,
    "gcs_region": Word(tuple(_GCS_REGIONS)),
}
_S3_MORE: dict[str, Shape] = {
    "s3_prefix": Text(),
    "s3_encryption": Word(("none", "aes", "kms")),
    "s3_kms_key_id": Text(),
}
_AZURE: dict[str, Shape] = {
    "storage_account": _PIPELINE_FIELD,
    "container_name": _PIPELINE_FIELD,
    "client_id": _PIPELINE_FIELD,
    "client_secret": _PIPELINE_FIELD,
    "tenant_id": _PIPELINE_FIELD,
}
_SNOWFLAKE: dict[str, Shape] = {
    f"snowflake_{name}": _PIPELINE_FIELD
    for name in (
        "account_name",
        "warehouse",
        "storage_integration",
        "user",
        "password",
        "role",
        "database",
        "schema",
    )
}
_SECRETS = ("client_secret", "snowflake_password", "azure_client_secret")


def _s3(*more: str) -> dict[str, Shape]:
    regions = Word((*_AWS_REGIONS, *more))
    return {
        "s3_bucket": _PIPELINE_FIELD,
        "s3_region": regions,
        "s3_role": _PIPELINE_FIELD,
    }


NEW_PIPELINE = {
    "gcs-raw": Fields(_GCS, {**_RAW, "gcs_prefix": Text()}),
    # Only one of the two descriptions lists the region of Bahrain.
    "s3-raw": Fields(_s3("me-south-1"), {**_RAW, **_S3_MORE}),
    "azure-raw": Fields(_AZURE, {**_RAW, "prefix": Text()}),
    "bigquery": Fields(
        {
            **_TABLES,
            "bq_region": Word(tuple(_BIGQUERY_REGIONS)),
            "gcp_project": _PIPELINE_FIELD,
            "bq_dataset_name": _PIPELINE_FIELD,
        },
        {
            **_SCHEMATIZED,
            "bq_prefix": Text(pattern=r"\w*", example="letters, digits and _"),
        },
    ),
    "snowflake": Fields(
        {**_TABLES, **_SNOWFLAKE}, {**_SCHEMATIZED, "snowflake_prefix": Text()}
    ),
    "aws": Fields(
        {**_TABLES, **_s3()},
        {
            **_FILES,
            **_S3_MORE,
            "use_glue": Truth(),
            "glue_database": Text(),
            "glue_role": Text(),
            "glue_table_prefix": Text(),
        },
    ),
    "azure-blob": Fields({**_TABLES, **_AZURE}, {**_FILES, "prefix": Text()}),
    "gcs-schema": Fields({**_TABLES, **_GCS}, {**_FILES, "gcs_prefix": Text()}),
}
"""Additional fields by type; also ``from_date``, unless it is a trial."""
TYPE = Fields(
    {"type": Word(tuple(NEW_PIPELINE))}, {"trial": Truth(), "project_id": Number()}
)
START = Fields({"from_date": _DAY})
ONE = Fields({"name": _PIPELINE_FIELD})
"""Cancel, pause, resume."""
EDIT = Fields(
    {"name": _PIPELINE_FIELD},
    {
        "events": Many(Text()),
        "where": Text(),
        "azure_client_id": Text(),
        "azure_client_secret": Text(),
        "azure_tenant_id": Text(),
        "glue_database": Text(),
        "glue_role": Text(),
        "glue_table_prefix": Text(),
        "bq_share_with_group": Many(Text()),
    },
)


def without_secrets(values: JsonObject) -> JsonObject:
    """Return the fields of a form that may be stored."""
    return {name: value for name, value in values.items() if name not in _SECRETS}
