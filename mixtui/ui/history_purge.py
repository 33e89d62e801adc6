"""What a purge from the history screen may remove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mixtui.core.visible import excerpt
from mixtui.core.words import counted, size
from mixtui.storage.history import HistoryQuery, Purged
from mixtui.ui.dialogs import ChoiceDialog, ConfirmDialog

_NAME = 30


def purge_dialog(listed: HistoryQuery, environment: str) -> ChoiceDialog[HistoryQuery]:
    """Asks what to remove; None = nothing.

    Args:
        listed: What is listed now.
        environment: Of the one under the cursor; empty = there is none.
    """
    choices = [
        ("w", "what is older than a week", _older(7)),
        ("m", "what is older than 30 days", _older(30)),
    ]
    if environment:
        words = f"what was of the environment {excerpt(environment, _NAME)}"
        choices.append(("e", words, HistoryQuery(environment=environment)))
    if listed != HistoryQuery():
        choices.append(("l", "what is listed now", listed))
    choices.append(("a", "everything", HistoryQuery()))
    return ChoiceDialog("Remove what, for good?", choices, title="Purge")


def sure_dialog(would: Purged) -> ConfirmDialog:
    """Asks whether so much is to be removed."""
    return ConfirmDialog(
        f"Remove {purged_words(would)} for good?",
        yes="Remove",
        no="Keep",
        title="Purge",
        dangerous=True,
    )


def purged_words(purged: Purged) -> str:
    """How much it is."""
    return f"{counted(purged.count, 'exchange')} ({size(purged.bytes)})"


def _older(days: int) -> HistoryQuery:
    return HistoryQuery(until=datetime.now(UTC) - timedelta(days=days))
