"""The budgets, and whether a run meets them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.answers import FREEZES
from benchmarks.bulk import IMPORTS, PACED
from benchmarks.commands import HELP, LIST, SEND, STARTS
from benchmarks.figures import ratios, spread
from benchmarks.garbage import ARRIVALS
from benchmarks.gigabyte import EXPORTS
from benchmarks.samples import Samples

_NONE, _MANY = "no saved requests", "5,000 saved requests"
_NO_CPU = 0.01
"""CPU seconds in ten seconds that count as none: one tick of the system clock."""
_MOST_MEMORY = {"1 GB to JSON lines": 60, "1 GB to Parquet": 300}
"""Megabytes. DuckDB may use 300 MB before it writes to disk."""
_LEAST_WAIT = 0.06
"""Seconds that a key may always take."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A promised limit."""

    label: str
    limit: float
    sign: str
    """≤ or ≥."""
    unit: str
    """Follows the limit and the figure: "×", " MB"."""
    digits: int
    of: Callable[[Samples], Sequence[float]]
    """Returns the measured figure of each repetition."""
    detail: Callable[[Samples], str] = lambda _: ""

    @property
    def promise(self) -> str:
        """Return the limit as text."""
        return f"{self.sign} {self.limit:g}{self.unit}"

    def measured(self, samples: Samples) -> str:
        """Return the figure as text; empty = not measured."""
        values = self.of(samples)
        if not values:
            return ""
        median, _, rest = spread(values, self.digits).partition(" ")
        return f"**{median}{self.unit}** {rest}{self.detail(samples)}"

    def verdict(self, samples: Samples) -> str:
        """Return whether the median meets the limit."""
        values = self.of(samples)
        if not values:
            return "not measured"
        value = statistics.median(values)
        held = value >= self.limit if self.sign == "≥" else value <= self.limit
        return "met" if held else "**missed**"


def _through(
    peer: str, test: str, case: str, figure: str, peer_case: str = ""
) -> Callable[[Samples], Sequence[float]]:
    """Return mixtui's figure divided by that of another program."""

    def of(samples: Samples) -> Sequence[float]:
        ours = samples.values(test, case, figure)
        theirs = samples.values(test, peer_case or case, figure, peer)
        return ratios(ours, theirs)

    return of


def _speed(
    peer: str,
    test: str,
    case: str,
    figure: str,
    our_test: str = "",
    our_case: str = "",
) -> Callable[[Samples], Sequence[float]]:
    """Return how fast mixtui is, another program being 1, which may do another test."""

    def of(samples: Samples) -> Sequence[float]:
        ours = samples.values(our_test or test, our_case or case, figure)
        return ratios(samples.values(test, case, figure, peer), ours)

    return of


def _plain(test: str, case: str, figure: str) -> Callable[[Samples], Sequence[float]]:
    return lambda samples: tuple(samples.values(test, case, figure).values())


def _within(
    test: str, case: str, above: str, below: str
) -> Callable[..., tuple[float, ...]]:
    def of(samples: Samples) -> tuple[float, ...]:
        return ratios(
            samples.values(test, case, above), samples.values(test, case, below)
        )

    return of


def _cases(
    test: str, case: str, other: str, figure: str
) -> Callable[[Samples], Sequence[float]]:
    """Return a figure of one case divided by that of another."""

    def of(samples: Samples) -> Sequence[float]:
        return ratios(
            samples.values(test, case, figure), samples.values(test, other, figure)
        )

    return of


def _visible(size: str, form: str) -> Callable[[Samples], Sequence[float]]:
    """Return time to visible divided by (that of 1 KB + the bare transfer)."""

    def of(samples: Samples) -> Sequence[float]:
        case = f"{size} {form}"
        small = samples.values("load", f"1 KB {form}", "visible")
        bare = samples.values("load", case, "bare")
        least = {rep: small[rep] + bare[rep] for rep in small if rep in bare}
        return ratios(samples.values("load", case, "visible"), least)

    return of


def _memory(size: str, form: str, allowance: float) -> Callable[..., Sequence[float]]:
    """Return the peak memory a body adds to that with 1 KB, divided by `allowance`
    MB.
    """

    def of(samples: Samples) -> Sequence[float]:
        small = samples.values("load", f"1 KB {form}", "peak")
        large = samples.values("load", f"{size} {form}", "peak")
        return [(large[rep] - small[rep]) / allowance for rep in large if rep in small]

    return of


def _wait(case: str) -> Callable[[Samples], Sequence[float]]:
    """Return the longest wait for a key divided by the longest allowed."""

    def of(samples: Samples) -> Sequence[float]:
        idle = samples.values("freeze", case, "idle_p95")
        allowed = {rep: max(3 * wait, _LEAST_WAIT) for rep, wait in idle.items()}
        return ratios(samples.values("freeze", case, "longest"), allowed)

    return of


def _wait_detail(case: str) -> Callable[[Samples], str]:
    def detail(samples: Samples) -> str:
        idle = samples.values("freeze", case, "idle_p95").values()
        longest = samples.values("freeze", case, "longest").values()
        return (
            f" ({statistics.median(longest) * 1e3:.0f} ms; "
            f"idle p95 {statistics.median(idle) * 1e3:.0f} ms)"
        )

    return detail


def _longest_collection(samples: Samples) -> Sequence[float]:
    """Return the milliseconds of the longest garbage collection in any case."""
    cases = [samples.values("garbage", case, "longest") for case in ARRIVALS]
    reps = {rep for case in cases for rep in case}
    return [1e3 * max(case.get(rep, 0.0) for case in cases) for rep in sorted(reps)]


def _full_collections(samples: Samples) -> str:
    cases = [samples.values("garbage", case, "full") for case in ARRIVALS]
    full = max((count for case in cases for count in case.values()), default=0)
    return f" ({full:.0f} of all objects)"


_LINE = "120×40"
DIALOGS = ("operations", "environments", "palette", "help", "jump labels")


def _line(figure: str) -> Callable[[Samples], Sequence[float]]:
    return _plain("bytes", _LINE, figure)


def _worst(prefix: str) -> Callable[[Samples], Sequence[float]]:
    """Return the largest figure of any dialog."""

    def of(samples: Samples) -> Sequence[float]:
        names = [f"{prefix} {dialog}" for dialog in DIALOGS]
        figures = [samples.values("bytes", _LINE, name) for name in names]
        return [max(one[rep] for one in figures) for rep in figures[0]]

    return of


def _worst_detail(prefix: str) -> Callable[[Samples], str]:
    def detail(samples: Samples) -> str:
        medians = {
            dialog: statistics.median(
                samples.values("bytes", _LINE, f"{prefix} {dialog}").values()
            )
            for dialog in DIALOGS
        }
        return f" ({max(medians, key=medians.__getitem__)})"

    return detail


def _line_budgets() -> tuple[Budget, ...]:
    """Return those of what a person's line carries, with everything settled."""
    budgets = [
        Budget(label, *(limit, "≤", " B", 0), _line(figure))
        for label, limit, figure in (
            ("start", 30_000, "start"),
            ("first letter in the URL", 300, "letter, first"),
            ("next letter in the URL", 300, "letter"),
            ("↓ in the response", 700, "down"),
            ("page down, per changed row", 350, "page, a row"),
            ("Tab, largest of 10", 2_000, "tab, most"),
        )
    ]
    for label, limit, prefix, unit in (
        ("open a dialog, largest", 12_000, "open", " B"),
        ("frames when a dialog opens, largest", 1, "frames", ""),
        ("close a dialog, largest", 20_000, "close", " B"),
    ):
        figure, detail = _worst(prefix), _worst_detail(prefix)
        budgets.append(Budget(label, *(limit, "≤", unit, 0), figure, detail))
    budgets.append(Budget("10 s idle", *(0, "≤", " B", 0), _line("idle")))
    return tuple(budgets)


def _budgets() -> tuple[Budget, ...]:
    export = "1 GB of JSON lines"
    budgets = [
        Budget(
            "start to first accepted key, through floor",
            *(1.25, "≤", "×", 2),
            _through("floor-empty", "start", _NONE, "ready"),
        ),
        Budget(
            "the same with 5,000 saved requests, through that with none",
            *(1.1, "≤", "×", 2),
            _cases("start", _MANY, _NONE, "ready"),
        ),
        Budget(
            "`mixtui --help`: CPU, through that of `python -c pass`",
            *(2, "≤", "×", 2),
            _within("help", HELP, "cpu", "pass"),
        ),
        Budget(
            "`mixtui send` of a small request: CPU, through HTTPie's",
            *(0.5, "≤", "×", 2),
            _through("httpie", "send", SEND, "cpu"),
        ),
        Budget(
            "`mixtui list` of 5,000 saved requests: CPU, through that of `--help`",
            *(2, "≤", "×", 2),
            _within("list", LIST, "cpu", "help"),
        ),
        *(
            Budget(
                f"`mixtui {case}`: CPU, through that of `mixtui --version`",
                *(1.5, "≤", "×", 2),
                _within("job-start", case, "cpu", "version"),
            )
            for case in STARTS
        ),
        Budget(
            "key echo p95, through floor",
            *(1.2, "≤", "×", 2),
            _through("floor-empty", "keys", "URL field", "p95"),
        ),
    ]
    for case in ("fresh", "with 1 MB shown"):
        label = f"10 s idle, {case}"
        budgets.append(
            Budget(f"{label}: bytes", *(0, "≤", "", 0), _plain("idle", case, "bytes"))
        )
        budgets.append(
            Budget(
                f"{label}: CPU",
                *(_NO_CPU, "≤", " s", 4),
                _plain("idle", case, "cpu"),
            )
        )
    for form in ("minified", "pretty"):
        for size in ("1 MB", "10 MB", "50 MB"):
            label = f"send to visible, {size} {form}, through (1 KB + bare transfer)"
            budgets.append(Budget(label, *(1.1, "≤", "×", 2), _visible(size, form)))
    for case in FREEZES:
        label = f"longest wait of a key, {case}, through the larger of "
        label += "3 × idle p95 and 60 ms"
        budgets.append(
            Budget(label, *(1, "≤", "×", 2), _wait(case), _wait_detail(case))
        )
    budgets.append(
        Budget(
            "longest garbage collection while a response arrives",
            *(10, "≤", " ms", 1),
            _longest_collection,
            _full_collections,
        )
    )
    budgets.append(
        Budget(
            "page-down in 50 MB, through page-down in 100 KB",
            *(1.1, "≤", "×", 2),
            _cases("scroll", "50 MB", "100 KB", "p50"),
        )
    )
    for form in ("minified", "pretty"):
        for size, base in (("1 MB", 1), ("10 MB", 10), ("50 MB", 10)):
            label = f"memory added by {size} {form}, through "
            label += "10 MB (flat)" if size == "50 MB" else "the body"
            budgets.append(Budget(label, *(2, "≤", "×", 2), _memory(size, form, base)))
    budgets += [
        Budget(
            "1 GB export to a file: peak memory",
            *(60, "≤", " MB", 0),
            _plain("export", export, "peak"),
        ),
        Budget(
            "1 GB export to a file: speed, through `curl -o`",
            *(0.8, "≥", "×", 2),
            _speed("curl", "export", export, "seconds"),
        ),
    ]
    for case, share in zip(EXPORTS, (0.8, 0.5), strict=True):
        budgets += [
            Budget(
                f"events export of {case}: speed, through `curl -o`",
                *(share, "≥", "×", 2),
                _speed("curl", "export", export, "seconds", "events", case),
            ),
            Budget(
                f"events export of {case}: peak memory",
                *(_MOST_MEMORY[case], "≤", " MB", 0),
                _plain("events", case, "peak"),
            ),
        ]
    direct = IMPORTS[0]
    budgets += [
        Budget(
            "1,000,000 events imported: thousands a second",
            *(100, "≥", "", 0),
            lambda samples: [
                rate / 1_000
                for rate in samples.values("import", direct, "rate").values()
            ],
        ),
        Budget(
            "1,000,000 events imported: peak memory",
            *(100, "≤", " MB", 0),
            _plain("import", direct, "peak"),
        ),
        Budget(
            f"events imported at Mixpanel's own pace, {PACED}: CPU",
            *(0.4, "≤", " cores", 2),
            _plain("paced-import", PACED, "cores"),
        ),
        *(
            Budget(
                f"1,000,000 events imported: speed, through {peer}",
                *(limit, "≥", "×", 2),
                _speed(peer, "import", direct, "seconds"),
            )
            for peer, limit in (
                ("bare-loop", 0.8),
                ("mixpanel-import", 12),
                ("mixpanel-utils", 5),
                ("mixpanel-sdk", 5),
            )
        ),
    ]
    return tuple(budgets)


BUDGETS = _budgets()
LINE_BUDGETS = _line_budgets()
