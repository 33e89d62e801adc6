"""A body with what the app would add to it typed in."""

from __future__ import annotations

from dataclasses import replace

from mixtui.core import json_text
from mixtui.core.requests import Body, BodyType
from mixtui.core.token_injection import inject
from mixtui.mixpanel.endpoints import TokenPlace


def add_to_body(
    body: Body | None, name: str, value: str, place: TokenPlace
) -> Body | None:
    """The body with a form field, or with the token in every record that lacks it.

    None = the body does not hold such a thing, or is not whole.

    Args:
        body: As it is typed; None = none, which is an empty form.
        name: What is added.
        value: Its value.
        place: Where the endpoint wants the token.
    """
    if body is None:
        return Body(BodyType.FORM, f"{name}={value}")
    match body.type:
        case BodyType.FORM if name == "project_id":
            text = body.text
            end = "" if not text or text.endswith("\n") else "\n"
            return replace(body, text=f"{text}{end}{name}={value}")
        case BodyType.JSON if not json_text.check(body.text):
            return replace(body, text=inject(body.text, value, place).text)
        case BodyType.NDJSON:
            lines = body.text.split("\n")
            return replace(
                body, text="\n".join(_with_token(line, value, place) for line in lines)
            )
        case _:
            return None


def _with_token(line: str, token: str, place: TokenPlace) -> str:
    if not line.strip() or json_text.check(line):
        return line
    return inject(line, token, place).text
