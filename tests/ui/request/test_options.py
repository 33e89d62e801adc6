from __future__ import annotations

import pytest
from textual.widgets import OptionList

from mixtui.model.draft import Draft
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from tests.ui.app import PROD
from tests.ui.request.host import shown


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (NO_ENVIRONMENT, "OAuth token (Bearer; GDPR)  needs an environment (f9)"),
        (PROD, f"OAuth token (Bearer; GDPR)  not set in {PROD.name}"),
    ],
)
async def test_a_credential_that_is_missing_says_where(
    environment: Environment, reason: str
) -> None:
    async with shown(Draft(), "auth", environment=environment) as (_, pane):
        options = pane.query_one(OptionList)
        prompts = [str(option.prompt) for option in options.options]
        assert any(prompt.endswith(reason) for prompt in prompts), prompts
