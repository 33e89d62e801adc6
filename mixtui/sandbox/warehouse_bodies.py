"""What the bodies about warehouse imports must hold.

https://developer.mixpanel.com/reference/warehouse-connectors-api
"""

from __future__ import annotations

from mixtui.sandbox.shapes import (
    Anything,
    Fields,
    Integer,
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
_TEXT_OR_NULL = OrNull(Text())
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
_COMMON: dict[str, Shape] = {"warehouse_source_id": Integer(), "table_params": _OBJECT}
_ANY_SYNC = Word(("time_based", "mirror_mode", "full_sync", "one_time"))
_COMMON_OPTIONS: dict[str, Shape] = {
    "run_every": _EVERY,
    "insert_time_column_name": _TEXT_OR_NULL,
    "json_properties_column_name": _TEXT_OR_NULL,
    "property_mappings": OrNull(Names(Text())),
    "databricks_params": _CLUSTERS,
}
NEW_IMPORT = {
    "event-stream": Fields(
        required={
            "import_type": Word(("event_stream",)),
            **_COMMON,
            "time_column_name": _NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional={
            **_COMMON_OPTIONS,
            "event_name": _NAME,
            "event_column_name": _NAME,
            "user_column_name": Text(),
            "company_column_name": Text(),
            "device_column_name": _TEXT_OR_NULL,
        },
    ),
    "people": Fields(
        required={
            "import_type": Word(("people",)),
            **_COMMON,
            "user_column_name": _NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional=_COMMON_OPTIONS,
    ),
    "groups": Fields(
        required={
            "import_type": Word(("groups",)),
            **_COMMON,
            "group_key": _NAME,
            "group_id_column": _NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional=_COMMON_OPTIONS,
    ),
    "lookup-table": Fields(
        required={
            "import_type": Word(("lookup_table",)),
            **_COMMON,
            "mixpanel_property": Fields(
                required={"value": _NAME, "resourceType": Word(("event", "user"))},
                optional={"customPropertyId": OrNull(Integer())},
            ),
            "property_key_column_name": _NAME,
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
