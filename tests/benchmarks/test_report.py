from __future__ import annotations

import io
from pathlib import Path

import pytest

from benchmarks.budgets import BUDGETS, DIALOGS, LINE_BUDGETS, Budget
from benchmarks.commands import SEND
from benchmarks.garbage import ARRIVALS
from benchmarks.report import LINE, SECTIONS, markers, put_into, report
from benchmarks.samples import Recorder, Samples, read

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"

CANNOT = {"curl": {"scroll": "it has no screen"}}


def samples(*entries: tuple[str, str, str, int, dict[str, float]]) -> Samples:
    """What a run wrote down: test, case, program, repetition, figures."""
    out = io.StringIO()
    recorder = Recorder(out)
    names = ("floor-empty", "curl", "xh", "mixtui", "httpie")
    versions = {name: f"{name} 1" for name in names}
    recorder.run(quick=False, machine="a machine", versions=versions, cannot=CANNOT)
    for entry in entries:
        recorder.sample(*entry)
    found = Samples()
    for line in out.getvalue().splitlines():
        found.add(line)
    return found


def budget(words: str) -> Budget:
    found = [one for one in (*BUDGETS, *LINE_BUDGETS) if words in one.label]
    assert len(found) == 1
    return found[0]


def test_the_longest_garbage_collection_is_that_of_any_arrival() -> None:
    first, second, _ = ARRIVALS
    found = samples(
        ("garbage", first, "mixtui", 0, {"longest": 0.004, "full": 0}),
        ("garbage", second, "mixtui", 0, {"longest": 0.012, "full": 1}),
    )
    longest = budget("longest garbage collection")
    assert longest.measured(found) == "**12.0 ms** n=1 (1 of all objects)"
    assert longest.verdict(found) == "**missed**"
    assert longest.verdict(samples()) == "not measured"


@pytest.mark.parametrize(
    ("ready", "verdict"), [(0.5, "met"), (0.625, "met"), (0.65, "**missed**")]
)
def test_the_start_is_compared_with_that_of_an_empty_app(
    ready: float, verdict: str
) -> None:
    case = "no saved requests"
    found = samples(
        ("start", case, "mixtui", 0, {"ready": ready}),
        ("start", case, "floor-empty", 0, {"ready": 0.5}),
    )
    start = budget("start to first accepted key")
    assert start.measured(found) == f"**{ready / 0.5:.2f}×** n=1"
    assert start.verdict(found) == verdict


def test_the_start_with_many_requests_is_compared_with_that_with_none() -> None:
    found = samples(
        ("start", "no saved requests", "mixtui", 0, {"ready": 0.5}),
        ("start", "5,000 saved requests", "mixtui", 0, {"ready": 0.6}),
    )
    many = budget("the same with 5,000 saved requests")
    assert many.of(found) == pytest.approx((1.2,))
    assert many.verdict(found) == "**missed**"


def test_an_answer_is_compared_with_a_small_one_and_the_bare_transfer() -> None:
    found = samples(
        ("load", "1 KB pretty", "mixtui", 0, {"visible": 0.1, "peak": 50.0}),
        (
            *("load", "10 MB pretty", "mixtui", 0),
            {"visible": 0.3, "bare": 0.05, "peak": 75.0},
        ),
    )
    visible = budget("send to visible, 10 MB pretty")
    assert visible.of(found) == pytest.approx((2.0,))
    assert budget("memory added by 10 MB pretty").of(found) == pytest.approx([2.5])


def test_a_key_may_wait_for_60_ms_and_longer_only_where_keys_always_do() -> None:
    case = "50 MB at once"
    quick = samples(
        ("freeze", case, "mixtui", 0, {"idle_p95": 0.01, "longest": 0.054}),
        ("freeze", case, "mixtui", 1, {"idle_p95": 0.06, "longest": 0.054}),
    )
    wait = budget(f"longest wait of a key, {case}")
    assert wait.of(quick) == pytest.approx((0.9, 0.3))
    assert wait.verdict(quick) == "met"
    assert "54 ms; idle p95 35 ms" in wait.measured(quick)


def test_a_speed_is_to_be_reached_and_not_to_be_kept_under() -> None:
    case = "1 GB of JSON lines"
    found = samples(
        ("export", case, "mixtui", 0, {"seconds": 2.0}),
        ("export", case, "curl", 0, {"seconds": 1.0}),
    )
    saved = budget("1 GB export to a file: speed, through `curl -o`")
    assert saved.verdict(found) == "**missed**"


def test_an_export_is_compared_with_curl_which_only_receives() -> None:
    found = samples(
        ("events", "1 GB to Parquet", "mixtui", 0, {"seconds": 2.0}),
        ("export", "1 GB of JSON lines", "mixtui", 0, {"seconds": 9.0}),
        ("export", "1 GB of JSON lines", "curl", 0, {"seconds": 1.0}),
    )
    export = budget("events export of 1 GB to Parquet: speed, through `curl -o`")
    assert export.of(found) == (0.5,)
    assert export.verdict(found) == "met"


def test_what_was_not_measured_is_said() -> None:
    assert {one.verdict(samples()) for one in BUDGETS} == {"not measured"}
    assert "| – | not measured |" in report(samples())["measured"]


def test_what_a_program_did_instead_stands_in_the_table(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    with file.open("w") as out:
        recorder = Recorder(out)
        versions = {"mixtui": "", "posting": ""}
        recorder.run(quick=True, machine="", versions=versions, cannot={})
        load = "load", "50 MB pretty"
        recorder.sample(*load, "mixtui", 0, {"visible": 0.5})
        recorder.failure(*load, "posting", 0, "nothing shown in 120 s")
    text = report(read([file]))["measured"]
    assert "| 50 MB pretty: visible, s | 0.50 | nothing shown in 120 s |" in text
    assert "quick run" in text


def test_a_table_has_a_column_for_each_program_that_was_measured_ours_first() -> None:
    found = samples(
        ("send", SEND, "curl", 0, {"cpu": 0.01, "seconds": 0.02}),
        ("send", SEND, "mixtui", 0, {"cpu": 0.2, "seconds": 0.3}),
        ("send", SEND, "mixtui", 1, {"cpu": 0.1, "seconds": 0.2}),
        ("send", SEND, "httpie", 0, {"cpu": 0.4}),
        ("send", SEND, "xh", 0, {"cpu": 0.01}),
        ("keys", "URL field", "floor-empty", 0, {"p95": 0.004}),
    )
    text = report(found)["measured"]
    commands = text.partition("### Commands")[2].partition("###")[0]
    assert "| median (× mixtui) | mixtui | curl | xh | httpie |" in commands
    assert (
        f"| {SEND}: CPU, ms | 150 [100–200] | 10 (0.05×) | 10 (0.05×) | 400 (2×) |"
        in commands
    )
    assert "| median (× mixtui) | floor-empty |" in text


def test_what_a_program_cannot_do_is_said_with_the_reason() -> None:
    text = report(samples())["measured"]
    assert "- curl has no figures of `scroll`: it has no screen" in text


def test_a_dialog_is_as_good_as_the_worst_of_them() -> None:
    figures = {f"open {dialog}": 5_000.0 for dialog in DIALOGS}
    found = samples(
        ("bytes", "120×40", "mixtui", 0, {**figures, "open help": 12_001.0})
    )
    dialog = budget("open a dialog, largest")
    assert dialog.measured(found) == "**12001 B** n=1 (help)"
    assert dialog.verdict(found) == "**missed**"


def test_growth_has_a_table_of_each_subject_with_its_sizes_side_by_side() -> None:
    found = samples(
        (
            "growth",
            "500 saved requests",
            "mixtui",
            0,
            {"save": 0.1, "start: memory": 50},
        ),
        ("growth", "5,000 saved requests", "mixtui", 0, {"save": 0.1}),
        (
            *("growth", "50,000 saved requests", "mixtui", 0),
            {"save": 0.1, "start: memory": 61.0},
        ),
    )
    text = report(found)["growth"]
    assert "| median | 500 | 5,000 | 50,000 | grows |" in text
    assert "| save, CPU, ms | 100 | 100 | 100 | flat (+0.00) |" in text
    assert "| start: memory, MB | 50 | – | 61 | – |" in text
    assert "### History" not in text


def test_a_budget_of_the_line_is_that_of_a_terminal_of_120_by_40() -> None:
    found = samples(
        ("bytes", "120×40", "mixtui", 0, {"letter": 300.0}),
        ("bytes", "80×24", "mixtui", 0, {"letter": 301.0}),
    )
    assert budget("next letter in the URL").verdict(found) == "met"


def test_the_table_of_the_line_has_a_column_for_each_program_and_case() -> None:
    found = samples(
        ("bytes", "120×40", "mixtui", 0, {"down": 11_000.0}),
        ("bytes", "120×40", "mixtui", 1, {"down": 12_000.0}),
        ("bytes", "80×24", "mixtui", 0, {"down": 6_000.0}),
    )
    text = report(found)[LINE]
    assert "| median | mixtui, 120×40 | mixtui, 80×24 |" in text
    assert "| ↓ in the response | 11,500 | 6,000 |" in text


@pytest.mark.parametrize(
    ("tests", "sections"),
    [
        ((), {"measured"}),
        (("start",), {"measured"}),
        (("bytes",), {LINE}),
        (("bytes", "start"), {"measured", LINE}),
    ],
)
def test_a_report_has_the_sections_that_were_measured(
    tests: tuple[str, ...], sections: set[str]
) -> None:
    found = samples(*((test, "", "mixtui", 0, {}) for test in tests))
    assert set(report(found)) == sections


def test_a_section_replaces_its_own_in_a_document_and_no_other(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    (one, one_end), (two, two_end), _ = map(markers, SECTIONS)
    other = f"{one}\nmine\n{one_end}"
    document.write_text(f"before\n{other}\n{two}\nold\n{two_end}\nafter\n")
    put_into(document, {LINE: "new"})
    put_into(document, {LINE: "newer"})
    newer = f"{two}\n\nnewer\n{two_end}"
    assert document.read_text() == f"before\n{other}\n{newer}\nafter\n"


def test_a_document_without_a_place_for_it_stays_as_it_is(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    one, one_end = markers("measured")
    text = f"{one}\n{one_end}"
    document.write_text(text)
    with pytest.raises(ValueError, match="begin"):
        put_into(document, {"measured": "new", LINE: "new"})
    assert document.read_text() == text


@pytest.mark.parametrize("section", SECTIONS)
def test_the_projects_document_has_a_place_for_each_section(section: str) -> None:
    for marker in markers(section):
        assert DOCUMENT.read_text("utf-8").count(marker) == 1
