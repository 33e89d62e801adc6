"""What the bodies of App calls must hold, family by family.

https://developer.mixpanel.com/reference; where the OpenAPI descriptions name no required
field (annotations, tags, GDPR), the reference pages do.
"""

from __future__ import annotations

from mixtui.sandbox.shapes import (
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
