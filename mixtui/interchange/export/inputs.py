"""Inputs in an export: what they are, and secret ones as variables."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from msgspec.structs import replace

from mixtui.model.draft import Draft
from mixtui.model.errors import DraftError, Field
from mixtui.request.inputs import missing_inputs, missing_message, used_inputs
from mixtui.request.templates import Values


def export_values(draft: Draft, values: Values, *, with_secrets: bool) -> Values:
    """Return the values to prepare an export with.

    A secret input without an answer gets a unique text, which is replaced by a variable
    after the request was prepared; its slash by one that holds the answer
    percent-encoded.

    Args:
        draft: What is exported.
        values: Where templates get their values.
        with_secrets: Secrets are written in plain text, so one that is missing is an
            error.

    Raises:
        DraftError: Names the inputs that have no value.
    """
    missing = missing_inputs(draft, values)
    unknown = [each for each in missing if with_secrets or not each.secret]
    if unknown:
        raise DraftError(Field.INPUTS, missing_message(unknown))
    stand_ins = {each.name: f"input/{uuid4().hex}" for each in missing}
    return replace(values, answers={**values.answers, **stand_ins})


def secret_inputs(draft: Draft, values: Values) -> Mapping[str, str]:
    """Return the texts of the secret inputs, by name."""
    answers = {**values.answers, **values.variables}
    return {
        each.name: answers[each.name]
        for each in used_inputs(draft)
        if each.secret and each.name in answers
    }
