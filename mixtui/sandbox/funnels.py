"""How far users get through the steps of a funnel, and how long it takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mixtui.sandbox.events import Event
from mixtui.sandbox.json_text import Json, JsonObject


@dataclass(slots=True)
class Progress:
    """What users of one bucket have reached."""

    reached: list[int]
    """Users at each step."""
    waited: list[list[float]] = field(default_factory=list)
    """Seconds from the step before, by step; that of the first is empty."""
    since_start: list[list[float]] = field(default_factory=list)
    """Seconds from the first step, by step."""

    @classmethod
    def none(cls, steps: int) -> Progress:
        """Nobody yet."""
        return cls([0] * steps, [[] for _ in range(steps)], [[] for _ in range(steps)])

    def add(self, times: Sequence[int]) -> None:
        """One user, by the times (ms) of the steps that were reached."""
        for step, time in enumerate(times):
            self.reached[step] += 1
            if step > 0:
                self.waited[step].append((time - times[step - 1]) / 1000)
                self.since_start[step].append((time - times[0]) / 1000)


def by_user(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Each user's events, in their order."""
    users: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        users[event.distinct_id].append(event)
    return users


def passage(events: Sequence[Event], steps: Sequence[str], length_ms: int) -> list[int]:
    """The times (ms) of the steps that one user reaches.

    Args:
        events: One user's events in order, beginning with the first step.
        steps: Event names.
        length_ms: How long after the first step the last may be.
    """
    times: list[int] = []
    for event in events:
        if times and event.time_ms > times[0] + length_ms:
            break
        if event.name == steps[len(times)]:
            times.append(event.time_ms)
            if len(times) == len(steps):
                break
    return times


def step_rows(progress: Progress, steps: Sequence[str]) -> list[Json]:
    """The ``steps`` of an answer; ratios are fractions, times are seconds."""
    rows: list[Json] = []
    first = progress.reached[0]
    before = first
    for number, (name, reached) in enumerate(zip(steps, progress.reached, strict=True)):
        rows.append(
            {
                "count": reached,
                "avg_time": _mean(progress.waited[number]) if number else None,
                "avg_time_from_start": (
                    _mean(progress.since_start[number]) if number else None
                ),
                "step_conv_ratio": _ratio(reached, before) if number else 1,
                "goal": name,
                "overall_conv_ratio": _ratio(reached, first) if number else 1,
                "event": name,
                "step_label": name,
            }
        )
        before = reached
    return rows


def analysis(progress: Progress) -> JsonObject:
    """The ``analysis`` of an answer: worst is the step with the highest drop-off."""
    reached = progress.reached
    losses = [1 - _ratio(reached[n], reached[n - 1]) for n in range(1, len(reached))]
    return {
        "completion": reached[-1],
        "starting_amount": reached[0],
        "steps": len(reached),
        "worst": losses.index(max(losses)) + 1 if losses else 0,
    }


def _mean(seconds: list[float]) -> int:
    return round(sum(seconds) / len(seconds)) if seconds else 0


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0
