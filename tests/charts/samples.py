"""Responses as in Mixpanel's reference, and as its official clients read them."""

from __future__ import annotations

from typing import Any


def steps(*counts: int, time: float | None = 60) -> list[dict[str, Any]]:
    """Return the steps of a funnel with consistent ratios."""
    return [
        {
            "count": count,
            "goal": f"Step {index}",
            "event": f"Step {index}",
            "step_conv_ratio": count / previous if previous else 0,
            "overall_conv_ratio": count / counts[0] if counts[0] else 0,
            "avg_time": time if index else None,
            "avg_time_from_start": time if index else None,
        }
        for index, (previous, count) in enumerate(
            zip((counts[0], *counts), counts, strict=False)
        )
    ]


SEGMENTATION = {
    "data": {
        "series": ["2011-08-08", "2011-08-09", "2011-08-06", "2011-08-07"],
        "values": {
            "Signed up": {"2011-08-06": 147, "2011-08-08": 776, "2011-08-09": 1376}
        },
    },
    "legend_size": 1,
}
NUMERIC = {
    "data": {
        "series": ["2011-08-08", "2011-08-06"],
        "values": {
            "12,000 - 12,100": {"2011-08-06": 1},
            "2,000 - 2,100": {"2011-08-08": 4},
            "900 - 1,000": {"2011-08-08": 2},
        },
    },
    "legend_size": 3,
}
SUM = {
    "status": "ok",
    "computed_at": "2019-10-07T23:02:11.666218+00:00",
    "results": {"2019-10-07": 4.5, "2019-10-06": 7, "2019-10-08": None},
}
FUNNEL = {
    "meta": {"dates": ["2016-09-12", "2016-09-19"]},
    "data": {
        "2016-09-19": {
            "steps": steps(100, 40, time=10),
            "analysis": {"completion": 40, "starting_amount": 100, "steps": 2},
        },
        "2016-09-12": {
            "steps": steps(300, 60, time=20),
            "analysis": {"completion": 60, "starting_amount": 300, "steps": 2},
        },
    },
}
FUNNEL_SPLIT = {
    "meta": {"dates": ["2016-09-12"]},
    "data": {
        "2016-09-12": {
            "Chrome": steps(10, 5),
            "$overall": steps(30, 9),
            "Firefox": steps(20, 4),
        }
    },
}
RETENTION = {
    "2012-01-02": {"counts": [9, 7, 6], "first": 10},
    "2012-01-01": {"counts": [2, 1, 2, 1], "first": 2},
    "2012-01-03": {"counts": [0], "first": 0},
}
ADDICTION = {"data": {"2012-01-02": [495, 204, 117, 0], "2012-01-01": [305, 107, 60]}}
INSIGHTS = {
    "computed_at": "2020-09-21T16:35:41.252314+00:00",
    "date_range": {"from_date": "2020-08-31", "to_date": "2020-09-12"},
    "headers": ["$event"],
    "series": {
        "Logged in": {
            "2020-09-07T00:00:00-07:00": 4325,
            "2020-08-31T00:00:00-07:00": 9852,
        },
        "Viewed page": {"2020-08-31T00:00:00-07:00": 10246},
    },
}
INSIGHTS_SPLIT = {
    "headers": ["$event", "country", "plan"],
    "series": {
        "Purchase": {
            "$overall": {"all": 60},
            "GB": {"$overall": {"all": 40}, "free": {"all": 10}, "pro": {"all": 30}},
            "NL": {"$overall": {"all": 20}, "free": {"all": 20}},
        }
    },
}
INSIGHTS_FUNNEL = {
    "headers": ["$funnel"],
    "series": {
        "Shop": {
            "count": {
                "10. Paid": {"all": 2},
                "2. Cart": {"all": 5},
                "1. View": {"all": 10},
            },
            "step_conv_ratio": {
                "1. View": {"all": 1},
                "2. Cart": {"all": 0.5},
                "10. Paid": {"all": 0.4},
            },
            "overall_conv_ratio": {
                "1. View": {"all": 1},
                "2. Cart": {"all": 0.5},
                "10. Paid": {"all": 0.2},
            },
            "avg_time": {"1. View": {"all": None}, "2. Cart": {"all": 30}},
        }
    },
}
INSIGHTS_RETENTION = {
    "headers": ["$retention"],
    "series": {
        "A and then B": {
            "2026-11-02T00:00:00+00:00": {
                "first": 4,
                "counts": [4, 2],
                "rates": [1.0, 0.5],
            },
            "$average": {"first": 9, "counts": [9, 3], "rates": [1.0, 0.34]},
            "2026-10-26T00:00:00+00:00": {
                "first": 5,
                "counts": [5, 1],
                "rates": [1.0, 0.2],
            },
        }
    },
}
TOP = {
    "events": [
        {"amount": 2, "event": "funnel", "percent_change": -0.36},
        {"amount": 75, "event": "pages", "percent_change": -0.2},
        {"amount": 3, "event": "new", "percent_change": None},
    ],
    "type": "unique",
}
TOP_PROPERTIES = {"ad version": {"count": 295}, "user type": {"count": 91}, "x": {}}
STREAM = {
    "status": "ok",
    "results": {
        "events": [
            {"event": "Play", "properties": {"time": 1599589453, "$distinct_id": "a"}},
            {"event": "View", "properties": {"time": 1599762253, "distinct_id": "a"}},
            {"event": "Play", "properties": {"time": 1599762254}},
        ]
    },
}
COHORTS = [
    {"count": 25, "is_visible": 0, "id": 2000, "name": "Two"},
    {"count": 150, "is_visible": 1, "id": 1000, "name": "One"},
]
GROUPS = [{"key": ["GB", 3], "value": 1}, {"key": ["NL", None], "value": 5}]

CHARTS: dict[str, Any] = {
    "segmentation": SEGMENTATION,
    "segmentation/numeric": NUMERIC,
    "segmentation/sum": SUM,
    "funnels": FUNNEL,
    "funnels, split": FUNNEL_SPLIT,
    "retention": RETENTION,
    "retention/addiction": ADDICTION,
    "insights": INSIGHTS,
    "insights, split": INSIGHTS_SPLIT,
    "insights, funnel": INSIGHTS_FUNNEL,
    "insights, retention": INSIGHTS_RETENTION,
    "events/top": TOP,
    "events/properties/top": TOP_PROPERTIES,
    "stream/query": STREAM,
    "cohorts/list": COHORTS,
    "jql, groupBy": GROUPS,
}
NO_CHARTS: dict[str, Any] = {
    "funnels/list": [{"funnel_id": 7509, "name": "Signup funnel"}],
    "events/names": ["battle", "View homepage"],
    "engage": {
        "page": 0,
        "session_id": "1",
        "status": "ok",
        "total": 1,
        "results": [{"$distinct_id": 4, "$properties": {"$city": "Leeds"}}],
    },
    "warehouse history": {
        "results": {
            "runs": [
                {"status": "ok", "start_time": 1, "end_time": 2},
            ]
        }
    },
    "an error": {"request": "/api/2.0/x", "error": "no"},
    "an import": {"code": 200, "num_records_imported": 2000, "status": "OK"},
    "a mixture": {"data": {"values": {"a": {"2020-01-01": 1, "b": 2}}}},
    "no figures": {"data": {"series": ["2020-01-01"], "values": {}}, "legend_size": 0},
    "text for figures": {"results": {"2020-01-01": "4"}},
    "truth for figures": {"results": {"2020-01-01": True}},
    "bare numbers": [1, 2, 3],
    "1": 1,
    "nothing": None,
    "empty": {},
}
