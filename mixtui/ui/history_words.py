"""What the history says about a call, and about itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from textual.content import Content

from mixtui.core.visible import sanitize
from mixtui.core.words import duration, pluralise, size
from mixtui.storage.history import Entry, HistoryQuery
from mixtui.storage.settings import HistorySettings

SWITCHED_OFF = (
    "The history is switched off: nothing more is kept.",
    "To switch it on, write keep = true under [history] in config.toml.",
)
_FILLS = (
    "Nothing is in the history yet.",
    "It fills by itself: every call that you send is kept here with its answer, by "
    "this program and by «mixtui send». Open old answers, compare them, or send a "
    "request again, without asking the server what it has already told you.",
)
_SAFE = (
    "Secrets are masked before anything is kept, and nobody else can read it. An "
    "environment or a request with history = false is left out."
)


def entry_time(moment: datetime, now: datetime) -> str:
    """A moment as the clock here shows it: ``today 14:02:11``, ``yesterday 14:02``.

    Args:
        moment: With its time zone.
        now: Without one: what the clock here shows.
    """
    here = moment.astimezone().replace(tzinfo=None)
    days = (now.date() - here.date()).days
    if days == 0:
        return f"today {here:%H:%M:%S}"
    return f"yesterday {here:%H:%M}" if days == 1 else f"{here:%Y-%m-%d %H:%M}"


def status(entry: Entry) -> str:
    """The status; a dash where no answer came."""
    return f"{entry.status:>3}" if entry.status else "  —"


def colour(entry: Entry) -> str:
    """success, warning or error: the theme's colour for how it ended."""
    if entry.exit_status == 0:
        return "success"
    return "warning" if entry.exit_status in (4, 6) else "error"


def title(entry: Entry) -> str:
    """What to call it: its name, or the path of its URL."""
    return entry.name or entry.path or entry.url


def facts(entry: Entry) -> str:
    """What else is known about it."""
    return " · ".join(
        filter(
            None,
            (
                entry.environment or "no environment",
                duration(entry.seconds),
                size(entry.body_bytes) if entry.status else "",
                "body not kept" if entry.body_bytes and not entry.has_body else "",
                "a secret is masked" if entry.incomplete_draft else "",
            ),
        )
    )


def call(entry: Entry, now: datetime) -> str:
    """A call in a few words: ``GET Weekly sign-ups, today 14:02:11``."""
    return f"{entry.method} {title(entry)}, {entry_time(entry.started, now)}"


def limits_words(limits: HistorySettings) -> str:
    """How much is kept."""
    exchanges = pluralise(limits.count, "call")
    days = pluralise(limits.days, "day")
    return f"The newest {exchanges} are kept, for {days}, up to {size(limits.bytes)}."


def nothing(
    query: HistoryQuery, limits: HistorySettings, filter_key: str, all_key: str
) -> Content:
    """What to say when no call is listed.

    Args:
        query: What was looked for.
        limits: How much is kept.
        filter_key: Goes to the filter.
        all_key: Lists all requests.
    """
    if replace(query, identity=None) != HistoryQuery():
        return _page(
            "Nothing in the history matches.",
            f"Change the filter: {filter_key} goes there, ctrl+u empties it.",
        )
    if query.identity is not None:
        return _page("This request has no history yet.", f"{all_key} lists all.")
    if not limits.keep:
        return _page(*SWITCHED_OFF)
    return _page(*_FILLS, _SAFE, limits_words(limits))


def _page(head: str, *sentences: str) -> Content:
    return Content("\n\n").join(
        [
            Content.styled(sanitize(head), "bold $text-primary"),
            *(Content(sanitize(sentence)) for sentence in sentences),
        ]
    )


def days_ago(days: int) -> datetime:
    """A moment some days ago, with its time zone."""
    return datetime.now().astimezone() - timedelta(days=days)
