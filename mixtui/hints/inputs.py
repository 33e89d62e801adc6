"""Hints about inputs: those that the request does not use."""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint
from mixtui.model.errors import Field
from mixtui.request.inputs import used_inputs


def check_inputs(context: HintContext) -> Iterator[Hint]:
    """Name each input whose value goes nowhere."""
    used = used_inputs(context.draft)
    for index, each in enumerate(context.draft.inputs):
        if each not in used:
            yield Hint(
                Field.INPUTS,
                f"The request does not use the input {each.name}: write "
                f"{{{{{each.name}}}}} where its value belongs.",
                index,
                severe=False,
            )
