"""Bodies like Mixpanel's, identical in every run, with an exact size in bytes."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator

HEAD, TAIL = "HEAD-7f3a19", "TAIL-c0ffee"
"""In the first and in the last value of a body, and nowhere else."""

_INDEX = "@@INDEX@@"
_BLOCK_LINES = 8192
_EVENTS = ("Sign Up", "App Open", "Purchase", "Song Played", "Page Viewed", "$identify")
_CITIES = ("Amsterdam", "São Paulo", "Utrecht", "San Francisco", "Nairobi", "Tallinn")
_SYSTEMS = ("iOS", "Android", "Mac OS X", "Windows")


def document(size: int, *, pretty: bool) -> bytes:
    """Return a JSON object of exactly `size` bytes (if possible) with a list of events."""
    break_, indent, colon = ("\n", "  ", ": ") if pretty else ("", "", ":")
    start = f'{{{break_}{indent}"head"{colon}"{HEAD}",{break_}'
    start += f'{indent}"results"{colon}[{break_}'
    middle = f'{break_}{indent}],{break_}{indent}"pad"{colon}"'
    end = f'",{break_}{indent}"tail"{colon}"{TAIL}"{break_}}}'
    events = _templates(pretty)
    separator = f",{break_}"
    room = size - len((start + middle + end).encode()) + len(separator)
    parts: list[str] = []
    while True:
        event = events[len(parts) % len(events)].replace(_INDEX, f"{len(parts):08d}")
        needed = len(event.encode()) + len(separator)
        if needed > room:
            break
        room -= needed
        parts.append(event)
    padding = "x" * max(0, room - len(separator) * (not parts))
    return (start + separator.join(parts) + middle + padding + end).encode()


def daily_counts() -> bytes:
    """Return the response of /query/events for three events and 29 days: 131 lines."""
    start = datetime.date(2026, 11, 1)
    days = [str(start + datetime.timedelta(number)) for number in range(29)]
    rng = random.Random(7)
    values = {
        event: {day: rng.randrange(6, 14) for day in days} for event in _EVENTS[:3]
    }
    body = {"data": {"series": days, "values": values}, "legend_size": len(values)}
    return json.dumps(body).encode()


def event_lines(size: int) -> Iterator[bytes]:
    """Yield a raw export of exactly `size` bytes (if possible), in chunks of a few MB.

    One event per line; only one chunk is in memory. The events repeat.
    """
    block, last = _block(), _line(TAIL)
    room = size - len(_line(HEAD)) - len(last)
    blocks, room = divmod(max(0, room), len(block))
    lines = block[: block.rfind(b"\n", 0, room) + 1]
    yield _line(HEAD, "x" * (room - len(lines)))
    for _ in range(blocks):
        yield block
    yield lines
    yield last


def _line(name: str, pad: str = "") -> bytes:
    event = {"event": name, "properties": {"pad": pad}}
    return json.dumps(event).encode() + b"\n"


def _block() -> bytes:
    templates = _templates(False)
    return "".join(
        templates[i % len(templates)].replace(_INDEX, f"{i:08d}") + "\n"
        for i in range(_BLOCK_LINES)
    ).encode()


def _templates(pretty: bool) -> list[str]:
    rng = random.Random("events")
    events = [_event(rng) for _ in range(256)]
    if not pretty:
        return [
            json.dumps(e, ensure_ascii=False, separators=(",", ":")) for e in events
        ]
    texts = (json.dumps(e, ensure_ascii=False, indent=2) for e in events)
    return ["\n".join("    " + line for line in text.split("\n")) for text in texts]


def _event(rng: random.Random) -> dict[str, object]:
    return {
        "event": rng.choice(_EVENTS),
        "properties": {
            "time": 1700000000 + rng.randrange(10**7),
            "distinct_id": f"u-{_INDEX}",
            "$insert_id": f"{rng.getrandbits(64):016x}",
            "$city": rng.choice(_CITIES),
            "$os": rng.choice(_SYSTEMS),
            "mp_country_code": rng.choice(("NL", "BR", "US", "KE", "EE")),
            "$current_url": f"https://app.example.com/p/{rng.randrange(10**6)}?x=1",
            "price": round(rng.random() * 100, 2),
            "items": [rng.randrange(1000) for _ in range(rng.randrange(5))],
            "is_paying": rng.random() < 0.5,
            "coupon": None,
        },
    }
