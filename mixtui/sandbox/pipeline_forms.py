"""What the forms of Data Pipelines must hold; creating one depends on its ``type``.

https://developer.mixpanel.com/reference/overview-2
"""

from __future__ import annotations

from mixtui.sandbox.json_text import JsonObject
from mixtui.sandbox.shapes import Fields, Many, Number, Shape, Text, Truth, Word

_DAY = Text(pattern=r"\d{4}-\d\d-\d\d", example="YYYY-MM-DD")
_NAME = Text(least=1)

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
    "gcs_bucket": _NAME,
    "gcs_region": Word(tuple(_GCS_REGIONS)),
}
_S3_MORE: dict[str, Shape] = {
    "s3_prefix": Text(),
    "s3_encryption": Word(("none", "aes", "kms")),
    "s3_kms_key_id": Text(),
}
_AZURE: dict[str, Shape] = {
    "storage_account": _NAME,
    "container_name": _NAME,
    "client_id": _NAME,
    "client_secret": _NAME,
    "tenant_id": _NAME,
}
_SNOWFLAKE: dict[str, Shape] = {
    f"snowflake_{name}": _NAME
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
    return {"s3_bucket": _NAME, "s3_region": regions, "s3_role": _NAME}


NEW_PIPELINE = {
    "gcs-raw": Fields(_GCS, {**_RAW, "gcs_prefix": Text()}),
    # The region of Bahrain is in the description of the one and not of the other.
    "s3-raw": Fields(_s3("me-south-1"), {**_RAW, **_S3_MORE}),
    "azure-raw": Fields(_AZURE, {**_RAW, "prefix": Text()}),
    "bigquery": Fields(
        {
            **_TABLES,
            "bq_region": Word(tuple(_BIGQUERY_REGIONS)),
            "gcp_project": _NAME,
            "bq_dataset_name": _NAME,
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
"""Type to what else it needs; ``from_date`` as well, unless it is a trial."""
TYPE = Fields(
    {"type": Word(tuple(NEW_PIPELINE))}, {"trial": Truth(), "project_id": Number()}
)
START = Fields({"from_date": _DAY})
ONE = Fields({"name": _NAME})
"""Cancel, pause, resume."""
EDIT = Fields(
    {"name": _NAME},
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
    """What may be kept of a form."""
    return {name: value for name, value in values.items() if name not in _SECRETS}
