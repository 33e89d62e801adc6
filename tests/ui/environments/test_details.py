"""The details of an environment."""

from __future__ import annotations

from unittest.mock import create_autospec

from mixtui.model.environment import Environment
from mixtui.storage.environment_store import EnvironmentStore
from mixtui.ui.environments.details import details


def test_of_very_many_variables_the_first_are_listed_and_the_others_counted() -> None:
    variables = {f"name_{number}": "x" for number in range(10_000)}
    environment = Environment("prod", variables=variables)
    text = details(
        environment, create_autospec(EnvironmentStore), 60, title=False
    ).plain
    assert "name_199 = x" in text
    assert "name_200 = x" not in text
    assert "and 9,800 more" in text
