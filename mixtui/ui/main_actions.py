"""The actions of the main screen: each is a line that says who does it.

Their keys and words are in `ui.actions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mixtui.interchange.recognising import is_curl
from mixtui.ui import catalogue_desk, errands, follow_ups, palette
from mixtui.ui.acting_screen import CommandScreen

if TYPE_CHECKING:
    from mixtui.app import MixtuiApp
    from mixtui.ui.arrangement import PaneLayout
    from mixtui.ui.calls import RequestRuns
    from mixtui.ui.collection_desk import CollectionController
    from mixtui.ui.draft_guard import DraftAutosave
    from mixtui.ui.hint_desk import HintController
    from mixtui.ui.history_desk import HistoryController
    from mixtui.ui.main_screen import MainScreen
    from mixtui.ui.sender import SendController


class MainActions(CommandScreen):
    """What the main screen does when it is asked by a key or from the palette."""

    app: MixtuiApp
    desk: CollectionController
    sender: SendController
    history: HistoryController
    calls: RequestRuns
    guard: DraftAutosave
    arrangement: PaneLayout
    hints: HintController

    @property
    def _main(self) -> MainScreen:
        return cast("MainScreen", self)

    async def action_send(self) -> None:
        """Send the draft."""
        if is_curl(self._main.draft.url):
            # Pasted key by key, where a terminal has no other way.
            await self.run_command(
                errands.import_pasted(self._main, self._main.draft.url)
            )
            return
        await self.run_command(self.sender.ask_and_send())

    async def action_send_later(self) -> None:
        """Send the draft when the quota has a slot for it."""
        await self.run_command(self.sender.ask_and_send(later=True))

    def action_cancel(self) -> None:
        """Stop what is on its way, keeping what came; or leave an old answer."""
        slot = self.desk.slot
        if slot.recalled is not None:
            slot.recalled = None
            self._main.show_slot()
        elif slot.call is not None:
            self.calls.cancel(slot.call)

    async def action_history(self) -> None:
        """Look through what was sent before."""
        await self.run_command(self.history.browse())

    async def action_activity(self) -> None:
        """List what is on its way, and the answers of this run."""
        await self.run_command(errands.activity(self._main))

    async def action_refused_record(self) -> None:
        """Go to a refused record in the body."""
        await self.run_command(follow_ups.run_next_action(self._main, "refused_record"))

    async def action_other_region(self) -> None:
        """Send the same read to another region."""
        await self.run_command(follow_ups.run_next_action(self._main, "other_region"))

    async def action_next_page(self) -> None:
        """Ask for the next page of profiles."""
        await self.run_command(follow_ups.run_next_action(self._main, "next_page"))

    async def action_all_pages(self) -> None:
        """Collect all pages of profiles in a file."""
        await self.run_command(follow_ups.run_next_action(self._main, "all_pages"))

    async def action_save(self) -> None:
        """Save the draft."""
        await self.run_command(self.desk.save())

    async def action_save_as(self) -> None:
        """Save the draft under another name."""
        await self.run_command(self.desk.save_as())

    async def action_new(self) -> None:
        """Start an empty request."""
        await self.run_command(self.desk.new())

    def action_focus_url(self) -> None:
        """Go to the URL."""
        self._main.focus_request()

    def action_sidebar(self) -> None:
        """Show or hide the saved requests."""
        if self.arrangement.toggle_sidebar():
            self.set_focus(self._main.saved_requests)
        else:
            self._main.focus_request()

    def action_maximise(self) -> None:
        """Give the whole screen to the pane in use, or take it back."""
        self.arrangement.toggle_maximised()

    async def action_operations(self) -> None:
        """Find an operation of Mixpanel, and begin a request with it."""
        await self.run_command(catalogue_desk.choose_operation(self._main))

    def action_jump(self) -> None:
        """Go anywhere by a letter."""
        errands.jump(self._main)

    def action_find(self) -> None:
        """Find a saved request."""
        palette.find_request(self._main)

    async def action_environments(self) -> None:
        """Switch, add and edit environments."""
        await self.run_command(errands.environments(self._main))

    def action_choose_environment(self) -> None:
        """Switch by name."""
        palette.find_environment(self._main)

    def action_choose_theme(self) -> None:
        """Choose the colours."""
        self.app.search_themes()

    async def action_reload(self) -> None:
        """Read collection and environments from disk again."""
        await self.run_command(errands.reload_files(self._main))

    async def action_import_file(self) -> None:
        """Turn a file of another program into saved requests."""
        await self.run_command(errands.import_file(self._main))

    async def action_copy_as(self) -> None:
        """Copy the request for another program."""
        await self.run_command(errands.copy_request_as(self._main))

    async def action_edit_body(self) -> None:
        """Edit the body in the person's own editor."""
        await self.run_command(errands.edit_body(self._main))

    async def action_hints(self) -> None:
        """List what is probably wrong with the request."""
        await self.run_command(self.hints.browse())

    async def action_correct(self) -> None:
        """Correct what the hint says."""
        await self.run_command(self.hints.correct())

    async def action_undo_correction(self) -> None:
        """Take the last correction back."""
        await self.run_command(self.hints.undo())

    def action_palette(self) -> None:
        """Find an action by its name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show every key."""
        from mixtui.ui.help_screen import HelpScreen

        self.app.push_screen(HelpScreen(self.app.actions, self.desk.collection.root))

    async def action_quit(self) -> None:
        """Leave, after the question about unsaved work."""
        await self.run_command(self._quit())

    async def _quit(self) -> None:
        if await self.desk.may_leave():
            await self.calls.end()
            self.guard.end()
            self.app.exit()
