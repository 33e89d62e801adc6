"""Secrets in the text of a body, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.draft import Body, BodyType
from mixtui.request.secret_values import clear_body


@given(st.sampled_from(BodyType), st.text("ab,;=\"'{}[]:\n\r\x00\\ \u2028"))
def test_a_text_without_secrets_stays_as_it_is(kind: BodyType, text: str) -> None:
    assert clear_body(Body(kind, text)).text == text


@pytest.mark.parametrize(
    "text",
    [
        "id,password\r1,hush\r",
        "id,password\r\n1,hush\r\n",
        f"id,password\n{'x' * 200_000},hush\n",
    ],
    ids=["CR", "CRLF", "a field over the limit of the csv module"],
)
def test_a_table_loses_its_secrets_however_it_is_written(text: str) -> None:
    cleared = clear_body(Body(BodyType.CSV, text))
    assert "password" in cleared.names
    assert "hush" not in cleared.text
