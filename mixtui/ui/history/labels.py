"""Texts about history entries: for rows, sentences and the empty list."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace
from textual.content import Content

from mixtui.history.history import Entry, HistoryQuery
from mixtui.key_names import key_of
from mixtui.storage.settings import HistorySettings
from mixtui.text import duration, pluralise, sanitize, size

SWITCHED_OFF = (
    "History is disabled. New requests are not recorded.",
    "To enable it, set keep = true under [history] in config.toml.",
)
_EXPLANATION = (
    "No history yet.",
    "Every request that you send from the app or with “mixtui send” is recorded "
    "here with its response. You can open, compare and resend past requests.",
)
_PRIVACY = (
    "Secrets are masked, and the files are readable only by you. To exclude an "
    "environment or a request, set history = false."
)


def entry_time(moment: datetime, now: datetime) -> str:
    """Format a moment in local time: ``today 14:02:11``, ``yesterday 14:02``.

    Args:
        moment: With its time zone.
        now: The local time, without a time zone.
    """
    local = moment.astimezone().replace(tzinfo=None)
    days = (now.date() - local.date()).days
    if days == 0:
        return f"today {local:%H:%M:%S}"
    return f"yesterday {local:%H:%M}" if days == 1 else f"{local:%Y-%m-%d %H:%M}"


def status(entry: Entry) -> str:
    """Return the status; a dash where no response came."""
    return f"{entry.status:>3}" if entry.status else "  —"


def colour(entry: Entry) -> str:
    """Return the theme's colour for an outcome: success, warning or error."""
    if entry.exit_status == 0:
        return "success"
    return "warning" if entry.exit_status in (4, 6) else "error"


def title(entry: Entry) -> str:
    """Return the name of an entry, or the path of its URL."""
    return entry.name or entry.path or entry.url


def facts(entry: Entry) -> str:
    """Return environment, duration and sizes, and what was not stored, in one line."""
    return " · ".join(
        filter(
            None,
            (
                entry.environment or "no environment",
                duration(entry.seconds),
                size(entry.body_bytes) if entry.status else "",
                "body not stored" if entry.body_bytes and not entry.has_body else "",
                "secret masked" if entry.incomplete_draft else "",
            ),
        )
    )


def entry_label(entry: Entry, now: datetime) -> str:
    """Identify an entry in a few words: ``GET Weekly sign-ups, today 14:02:11``."""
    return f"{entry.method} {title(entry)}, {entry_time(entry.started, now)}"


def limits_label(limits: HistorySettings) -> str:
    """Explain how much is stored."""
    entries = pluralise(limits.max_entries, "request")
    days = pluralise(limits.max_days, "day")
    return f"Limits: {entries}, {days}, {size(limits.max_bytes)}."


def empty_page(query: HistoryQuery, limits: HistorySettings) -> Content:
    """Explain why no entry is listed, and what to do.

    Args:
        query: The query that matches nothing.
        limits: How much is stored.
    """
    if replace(query, identity=None) != HistoryQuery():
        return _page(
            "No matching requests.",
            f"Press {key_of('history.filter')} to edit the filter.",
        )
    if query.identity is not None:
        return _page(
            "This request has no history yet.",
            f"Press {key_of('history.alone')} to list all requests.",
        )
    if not limits.enabled:
        return _page(*SWITCHED_OFF)
    send = f"Go back and press {key_of('send')} to send the first."
    return _page(*_EXPLANATION, send, _PRIVACY, limits_label(limits))


def _page(head: str, *sentences: str) -> Content:
    return Content("\n\n").join(
        [
            Content.styled(sanitize(head), "bold $text-primary"),
            *(Content(sanitize(sentence)) for sentence in sentences),
        ]
    )


def days_ago(days: int) -> datetime:
    """Return the moment some days ago, with its time zone."""
    return datetime.now().astimezone() - timedelta(days=days)
