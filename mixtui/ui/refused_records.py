"""From a record that was refused to its line in the body of the request."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.core.bodies import body_file
from mixtui.core.body_records import RecordPosition, file_type, find, find_again
from mixtui.core.errors import MixtuiError
from mixtui.core.failed_records import PATH, FailedRecord, read_failed_records
from mixtui.core.requests import Body, BodyType
from mixtui.core.visible import sanitize_excerpt
from mixtui.ui.state import FromHistory, Received
from mixtui.ui.widgets.body_editor import BodyEditor
from mixtui.ui.widgets.response_pane import ResponsePane

if TYPE_CHECKING:
    from mixtui.core.document import Document
    from mixtui.ui.main_screen import MainScreen

_HERE = re.compile(r"\.failed_records\[(\d+)\]")
_WORDS = 200
_LARGEST_FILE = 20_000_000


class NoSuchRecord(MixtuiError):
    """There is nothing to go to; says why."""


async def go_to_record(screen: MainScreen, index: int | None = None) -> None:
    """Go to a refused record in the request's Body tab.

    Args:
        screen: Shows the answer.
        index: Its place in ``failed_records``; None = that under the cursor, or the
            one behind the last that was gone to.

    Raises:
        NoSuchRecord: The answer names none, or the body has it no more.
    """
    pane = screen.response_pane
    document, sent = _answered(screen)
    source = document.source
    records = await asyncio.to_thread(read_failed_records, source.size, source.read)
    if not records:
        raise NoSuchRecord("This answer names no refused records.")
    pointed = _cursor(pane) if index is None else index
    at = pane.choose_refused(document, len(records), pointed)
    record, count = records[at], f"{at + 1:,} of {len(records):,}"
    if sent is None or sent.type is BodyType.FILE:
        place = await asyncio.to_thread(_in_file, sent, record, screen.desk.folder)
        await screen.request_pane.focus_tab("body")
        where = f"line {place.line} of the file" if place else f"record {record.index}"
        screen.notify_text(f"Refused {count}, {where}: {_words(record)}")
        return
    now = screen.draft.body or Body()
    found = await asyncio.to_thread(find_again, record, sent, now)
    if found is None and now == sent:
        raise NoSuchRecord(
            f"Refused {count}, record {record.index}: {_words(record)}. A body of the "
            f"type {sent.type} has no records to go to."
        )
    if found is None:
        raise NoSuchRecord(
            f"The body was changed since, and record {record.index} is not in it any "
            f"more. It was refused: {_words(record)}."
        )
    await _show(screen, found)
    screen.notify_text(
        f"Refused {count}, line {found.line}: {_words(record)}. {found.note}".rstrip(),
        severity="warning" if found.note else "information",
    )


def _answered(screen: MainScreen) -> tuple[Document, Body | None]:
    """The answer that is shown, and the body as it was typed when it was sent."""
    call, state = screen.desk.slot.call, screen.response
    match state:
        case Received(document=document) if call is not None:
            return document, call.draft.body
        case FromHistory(document=document, record=record):
            return document, record.draft.body
        case _:
            raise NoSuchRecord("There is no answer here that names refused records.")


def _cursor(pane: ResponsePane) -> int | None:
    """The refused record under the cursor of the table or the body."""
    from mixtui.ui.widgets.table_view import TableView

    for table in pane.query(TableView):
        current = table.grid.current if table.has_focus_within else None
        if current is not None and table.view is not None:
            return current[0].number if table.view.table.title == PATH else None
    found = _HERE.match(pane.body.place) if pane.body.has_focus_within else None
    return int(found[1]) if found else None


async def _show(screen: MainScreen, place: RecordPosition) -> None:
    arrangement = screen.arrangement
    if screen.has_class("-one-pane"):
        arrangement.toggle_maximised()
    arrangement.show_request()
    editor = await screen.request_pane.show_tab("body")
    assert isinstance(editor, BodyEditor)
    shown = asyncio.Event()
    screen.call_after_refresh(shown.set)
    await shown.wait()
    editor.go_to(place.line, place.column)


def _in_file(
    body: Body | None, record: FailedRecord, folder: Path
) -> RecordPosition | None:
    if body is None:
        return None
    path = body_file(body, folder)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None
        text = path.read_text("utf-8", "replace")
    except OSError:
        return None
    return find(replace(body, type=file_type(path.suffix), text=text), record.index)


def _words(record: FailedRecord) -> str:
    name = f" ({record.insert_id})" if record.insert_id else ""
    return sanitize_excerpt(f"{record.words}{name}", _WORDS)
