"""What can be done next with certain answers, by a letter in the answer or by name."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope

NEXT_ACTIONS = ("refused_record", "other_region", "next_page", "all_pages")
"""The names of these actions, which the screen has as well as the response."""


def _action(name: str, key: str, label: str, words: str) -> Action:
    return Action(
        id=f"response.{name}",
        keys=(key,),
        label=label,
        help=words,
        group="After an answer",
        scope=Scope.RESPONSE,
        anywhere=True,
    )


FOLLOW_UP_ACTIONS = (
    _action(
        "refused_record",
        "b",
        "Refused record",
        "Go to a refused record in the body of the request: the one under the cursor, "
        "or the next one.",
    ),
    _action(
        "other_region",
        "o",
        "Try another region",
        "Send the same read to another region, and see where the project lives.",
    ),
    _action(
        "next_page",
        "m",
        "Next page",
        "Ask for the next page of a profile query.",
    ),
    _action(
        "all_pages",
        "M",
        "All pages to a file",
        "Collect every page of a profile query in a file, after saying what it costs.",
    ),
)
