"""Secret inputs in an export: they become variables, with or without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from mixtui.model.draft import Draft
from mixtui.request.inputs import missing_inputs, used_inputs
from mixtui.request.templates import Values


def stand_in_answers(draft: Draft, values: Values) -> Mapping[str, str]:
    """Return a unique text for each secret input without an answer.

    The text is prepared with the request, and then replaced by a variable; its slash by
    one that holds the answer percent-encoded.
    """
    return {
        each.name: f"input/{uuid4().hex}"
        for each in missing_inputs(draft, values)
        if each.secret
    }


def secret_inputs(draft: Draft, values: Values) -> Mapping[str, str]:
    """Return the texts of the secret inputs, by name."""
    answers = {**values.answers, **values.variables}
    return {
        each.name: answers[each.name]
        for each in used_inputs(draft)
        if each.secret and each.name in answers
    }
