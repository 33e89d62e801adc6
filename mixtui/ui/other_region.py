"""The same read in another region: only when asked, and never a write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.worker import WorkerCancelled, WorkerFailed

from mixtui.core.aiming import operation_label
from mixtui.core.errors import MixtuiError
from mixtui.core.prepare import prepare
from mixtui.core.quota_meter import quota_accounts
from mixtui.core.regions import RegionOption, own_host, region_options
from mixtui.ui.call import RequestRun
from mixtui.ui.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.sender import Declined
from mixtui.ui.state import FromHistory, Received

if TYPE_CHECKING:
    from mixtui.core.prepare import PreparedRequest
    from mixtui.ui.main_screen import MainScreen


class NoOtherRegion(MixtuiError):
    """It is not tried elsewhere; says why, and what to do."""


async def try_elsewhere(screen: MainScreen) -> None:
    """Ask which region, send the read there, and offer what fits when it answers.

    Raises:
        NoOtherRegion: There is nothing to send, or nowhere.
        MixtuiError: The other environment cannot send it.
    """
    call = screen.desk.slot.call
    if isinstance(screen.response, FromHistory):
        raise NoOtherRegion("This answer is from the history: send it again (f5).")
    if call is None or not isinstance(call.state, Received):
        raise NoOtherRegion("There is no answer here to try elsewhere.")
    request = call.request
    found = region_options(request, screen.session.environments)
    if not found:
        raise NoOtherRegion(_why_not(request))
    choices = [(str(way.region)[0], way.label, way) for way in found]
    way = await screen.app.push_screen_wait(
        ChoiceDialog(
            f"{request.method} {operation_label(request.endpoint, request.operation)} was answered in "
            f"{request.region} for project {request.project_id or '(none)'}. It only "
            "reads: send it once to another region? Nothing else changes.",
            choices,
            title="Another region",
        )
    )
    if way is None:
        return
    there = _request(screen, call, way)
    environment = screen.session.environments.get(there.environment)
    accounts = quota_accounts(there, environment or screen.environment)
    wait = await screen.sender.wait(there, accounts)
    if isinstance(wait, Declined):
        return
    again = screen.calls.start(there, call.slot, call.draft, call.path, accounts, wait)
    assert again.worker is not None
    try:
        await again.worker.wait()
    except (WorkerCancelled, WorkerFailed):
        return
    if screen.desk.slot.call is again:
        await _offer(screen, again, way)


def _why_not(request: PreparedRequest) -> str:
    if request.safety.writes:
        return (
            "A write is not sent to another region by itself: switch to an environment "
            "of that region (f9), then send it."
        )
    if not own_host(request):
        return (
            f"hosts of the environment {request.environment} names the host whatever "
            "the region is: change it (f9), or use another environment."
        )
    return f"The {request.api.label} API has no other region."


def _request(
    screen: MainScreen, call: RequestRun, way: RegionOption
) -> PreparedRequest:
    if way.request is not None:
        return way.request
    environment = screen.session.environments.get(way.environment)
    if environment is None:
        raise NoOtherRegion(f"There is no environment {way.environment} any more.")
    return prepare(call.draft, environment, folder=screen.desk.folder)


async def _offer(screen: MainScreen, call: RequestRun, way: RegionOption) -> None:
    """The project seems to live there: offer to go on there."""
    state, region = call.state, way.region
    if not isinstance(state, Received) or state.outcome.exit_status:
        return
    found = screen.session.environments.get(way.environment)
    if found is not None:
        if found.name != screen.environment.name and await _sure(
            screen,
            f"The project answers in {region}. Use the environment {found.name} from "
            "now on?",
            f"Use {found.name}",
        ):
            screen.switch_environment(found)
        return
    if await _sure(
        screen,
        f"The project answers in {region}, and no environment has it there. Open the "
        f"environments, to change the region of {call.request.environment}?",
        "Open them",
    ):
        await screen.action_environments()


async def _sure(screen: MainScreen, question: str, yes: str) -> bool:
    dialog = ConfirmDialog(question, yes=yes, no="Not now", title="Region found")
    return await screen.app.push_screen_wait(dialog) is True
