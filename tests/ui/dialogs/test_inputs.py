"""The form of the inputs of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from textual.pilot import Pilot

from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.draft import ChoiceSource, RequestInput
from mixtui.model.environment import Environment
from mixtui.model.errors import SendError
from mixtui.model.known_names import KnownName, KnownNames, NameQuery
from mixtui.request.inputs import answer_problem
from mixtui.request.templates import Values
from mixtui.ui.dialogs.inputs import EnteredInputs, InputsDialog
from tests.ui.dialogs.test_dialogs import NOTHING, Host
from tests.ui.driver import screen_text, type_text, wait_for_workers

CITY = RequestInput("city", "City of the users")
UNIT = RequestInput("unit", default="day", choices=("hour", "day", "week"))
PIN = RequestInput("pin", secret=True)
DAY = RequestInput("from", default="{{today-7d}}")
EVENT = RequestInput("event", choices_from=ChoiceSource.PROPERTIES, event="Sign up")
VALUES = Values(Environment("e", variables={"plan": "pro"}))
NAMES = KnownNames((KnownName("Berlin"), KnownName("Bern")), datetime.now(UTC))


class Names:
    """The project: asked once, it knows names, or refuses."""

    def __init__(self, error: SendError | None = None) -> None:
        self.error = error
        self.asked: list[NameQuery] = []

    def known(self, lookup: NameQuery) -> KnownNames | None:
        return NAMES if self.asked and self.error is None else None

    async def fetch(self, lookup: NameQuery) -> KnownNames:
        self.asked.append(lookup)
        if self.error is not None:
            raise self.error
        return NAMES


@asynccontextmanager
async def form(
    *inputs: RequestInput,
    entered: Mapping[str, str] | None = None,
    names: Names | None = None,
    size: tuple[int, int] = (100, 30),
) -> AsyncIterator[tuple[Pilot[None], Host]]:
    dialog = InputsDialog(
        "Send",
        inputs,
        entered or {},
        names=names or Names(),
        values=VALUES,
        check=lambda declared, text: answer_problem(declared, text, VALUES),
    )
    app = Host(dialog)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app


def answer(app: Host) -> EnteredInputs:
    assert isinstance(app.answer, EnteredInputs)
    return app.answer


@pytest.mark.parametrize("key", ["enter", "ctrl+s", "f5"])
async def test_one_key_sends_the_last_values(key: str) -> None:
    inputs = (CITY, UNIT, DAY)
    last = {"city": "Oslo", "unit": "week"}
    async with form(*inputs, entered=last) as (pilot, app):
        await pilot.press(key)
        await pilot.pause()
        assert answer(app).is_sent
        assert answer(app).values == {**last, "from": "{{today-7d}}"}


async def test_a_choice_sends_by_enter_and_opens_by_space() -> None:
    async with form(UNIT) as (pilot, app):
        await pilot.press("space", "down", "enter")
        await pilot.pause()
        assert app.answer is NOTHING, "enter chose in the list"
        await pilot.press("enter")
        await pilot.pause()
        assert answer(app).values == {"unit": "week"}


async def test_the_form_begins_at_what_is_missing_and_names_what_is_wrong() -> None:
    async with form(DAY, UNIT, CITY) as (pilot, app):
        await pilot.press("enter")
        await pilot.pause()
        assert "Enter a value." in screen_text(app)
        await type_text(pilot, "{{plam}}")
        assert "Enter a value." not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "Did you mean {{plan}}?" in screen_text(app)
        assert app.answer is NOTHING
        await pilot.press("ctrl+u")
        await type_text(pilot, "Oslo")
        await pilot.press("enter")
        await pilot.pause()
        assert answer(app).values["city"] == "Oslo"


async def test_what_was_typed_is_kept_when_the_form_is_cancelled() -> None:
    async with form(CITY, PIN) as (pilot, app):
        await type_text(pilot, "Oslo")
        await pilot.press("tab")
        await type_text(pilot, "kq7-secret")
        await pilot.press("escape")
        await pilot.pause()
        assert not answer(app).is_sent
        assert answer(app).values == {"city": "Oslo"}


async def test_a_secret_is_neither_shown_nor_among_the_values() -> None:
    last = {"pin": "of an older declaration"}
    async with form(PIN, entered=last) as (pilot, app):
        await type_text(pilot, "kq7-secret")
        assert "kq7" not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert (answer(app).values, answer(app).secrets) == ({}, {"pin": "kq7-secret"})
        assert "kq7" not in repr(answer(app))


async def test_names_of_the_project_are_looked_up_and_completed() -> None:
    names = Names()
    async with form(EVENT, names=names) as (pilot, app):
        assert "Look up properties of Sign up" in screen_text(app)
        await pilot.press("down", "enter")
        await wait_for_workers(pilot, "lookup")
        assert names.asked == [NameQuery(NameKind.PROPERTY, "Sign up")]
        await type_text(pilot, "bern")
        await pilot.press("down", "enter", "enter")
        await pilot.pause()
        assert answer(app).values == {"event": "Bern"}


async def test_without_names_the_field_takes_any_text_and_says_why() -> None:
    names = Names(SendError("The host is unknown."))
    async with form(EVENT, names=names) as (pilot, app):
        await pilot.press("down", "enter")
        await wait_for_workers(pilot, "lookup")
        await type_text(pilot, "anything")
        assert "The host is unknown. Any text can be entered." in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert answer(app).values == {"event": "anything"}


async def test_many_inputs_scroll_in_a_small_terminal() -> None:
    many = tuple(RequestInput(f"n{number}", default="x") for number in range(20))
    async with form(*many, size=(40, 12)) as (pilot, app):
        await pilot.press("up")
        await pilot.pause()
        assert "n19" in screen_text(app)
        assert "enter Send" in screen_text(app)
