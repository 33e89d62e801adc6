"""Questions in a small box: confirm, choose, name, pick a folder.

Every text shown is `Content`: a name with brackets in it is never markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from mixtui.storage.tree import Folder
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import FORM_BINDINGS
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.option_list import ColoredList, MotionList
from mixtui.ui.widgets.screen import StyledOnce

R = TypeVar("R")
T = TypeVar("T")


class Dialog(StyledOnce, ModalScreen[R], Generic[R]):
    """A box in the middle of the screen; escape gives up."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > #box {
        width: 64; max-width: 100%; height: auto; max-height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background; padding: 1 2;
    }
    Dialog.-dangerous > #box { border: round $text-error; border-title-color: $text-error; }
    Dialog #question { height: auto; max-height: 50vh; margin-bottom: 1; }
    Dialog #question Static { height: auto; }
    Dialog.-wide > #box { width: 116; height: 90%; max-height: 34; }
    Dialog #details { height: 1fr; min-height: 3; margin-bottom: 1; }
    Dialog OptionList {
        height: auto; max-height: 12; border: none; padding: 0; background: $background;
        scrollbar-size-vertical: 1;
    }
    Dialog OptionList:focus { border: none; background-tint: transparent; }
    Dialog TextInput { background: $panel; }
    Dialog .problem { height: auto; min-height: 1; color: $text-error; }
    Dialog .hints {
        height: 1; margin-top: 1; color: $text-muted;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    Dialog.-short > #box { padding: 0 1; }
    Dialog.-short #question { margin-bottom: 0; max-height: 5; }
    Dialog.-short OptionList { max-height: 5; }
    Dialog.-short .hints { margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Cancel", show=False),
        *FORM_BINDINGS,
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]

    def __init__(self, title: str, given_up: R) -> None:
        super().__init__()
        self._box_title = title
        self._given_up = given_up

    def compose(self) -> ComposeResult:
        """Lay out the box; `compose_box` fills it."""
        box = Vertical(id="box")
        box.border_title = Content(sanitize(self._box_title)).markup
        with box:
            yield from self.compose_box()

    def compose_box(self) -> ComposeResult:
        """Lay out what is in the box."""
        yield from ()

    def action_give_up(self) -> None:
        """Close without a choice."""
        self.finish(self._given_up)

    def finish(self, result: R) -> None:
        """Leave with a result; a second key that is in flight does nothing."""
        if self.is_current:
            self.dismiss(result)


class _Question(Dialog[R]):
    """A question with a few choices, each with a letter."""

    def __init__(
        self,
        question: str,
        choices: Sequence[tuple[str, str, R]],
        given_up: R,
        *,
        title: str,
        start: int = 0,
        dangerous: int | None = None,
        details: Widget | None = None,
    ) -> None:
        super().__init__(title, given_up)
        self._details = details
        self.set_class(details is not None, "-wide")
        self._question = question
        self._choices = tuple(choices)
        self._start = start
        self._dangerous = dangerous
        self.set_class(dangerous is not None, "-dangerous")

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(id="question", can_focus=False):
            lines = map(sanitize, self._question.splitlines())
            yield Static(Content("\n".join(lines)))
        if self._details is not None:
            self._details.id = "details"
            yield self._details
        answers = MotionList(*map(self._label, range(len(self._choices))))
        answers.takes_counts = False  # A digit may be the key of an answer.
        yield answers
        scroll = "" if self._details is None else "tab Scroll · "
        hints = f"↑ ↓ Move · {scroll}enter/letter Select · esc Cancel"
        yield Static(hints, classes="hints")

    def on_mount(self) -> None:
        """Start at the safe choice."""
        answers = self.query_one(OptionList)
        answers.highlighted = self._start
        answers.focus()

    def on_key(self, event: events.Key) -> None:
        """Choose by a letter."""
        letter = (event.character or "").lower()
        for key, _, value in self._choices:
            if key.lower() == letter:
                event.stop()
                self.finish(value)
                return

    @on(OptionList.OptionSelected)
    def _answered(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.finish(self._choices[event.option_index][2])

    def _label(self, index: int) -> Content:
        key, text, _ = self._choices[index]
        style = "$text-error" if index == self._dangerous else ""
        return Content.assemble(
            (f" {key} ", f"bold {style}"),
            " ",
            (sanitize(text), style),
        )


class ChoiceDialog(_Question[T | None], Generic[T]):
    """Asks for one of a few choices; None = escape.

    Args:
        question: A plain sentence.
        choices: For each answer its letter, its label and its value.
        title: In the border.
        start: The index of the answer that the cursor stands on at first.
        details: Shown between question and answers, in a wide box.
    """

    def __init__(
        self,
        question: str,
        choices: Sequence[tuple[str, str, T]],
        *,
        title: str = "",
        start: int = 0,
        details: Widget | None = None,
    ) -> None:
        super().__init__(
            question, choices, None, title=title, start=start, details=details
        )


class ConfirmDialog(_Question[bool]):
    """Asks yes or no; escape is no, and so is enter when yes is dangerous."""

    def __init__(
        self,
        question: str,
        *,
        yes: str = "Yes",
        no: str = "No",
        title: str = "",
        dangerous: bool = False,
    ) -> None:
        super().__init__(
            question,
            (("y", yes, True), ("n", no, False)),
            False,
            title=title or ("Warning" if dangerous else "Confirm"),
            start=1 if dangerous else 0,
            dangerous=0 if dangerous else None,
        )


class NameDialog(Dialog[str | None]):
    """Asks for a name; None = escape.

    Args:
        title: In the border.
        initial: To start with, selected.
        check: Returns the sentence that says what is wrong with a name, or None.
    """

    def __init__(
        self,
        title: str,
        initial: str = "",
        *,
        check: Callable[[str], str | None] = lambda name: None,
    ) -> None:
        super().__init__(title, None)
        self._initial = initial
        self._check = check
        self._problem: str | None = None

    def compose_box(self) -> ComposeResult:
        yield from self.compose_field()
        yield Static("enter OK · esc Cancel", classes="hints")

    def compose_field(self) -> ComposeResult:
        """Lay out the field, and the line of what is wrong with its text."""
        yield TextInput(self._initial, compact=True)
        yield Static(classes="problem")

    @on(Input.Changed)
    def _check_text(self, event: Input.Changed) -> None:
        event.stop()
        # An empty field is not an error yet: nothing has been typed.
        self._show_problem(self._check(event.value) if event.value else None)

    @on(Input.Submitted)
    def _accept(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._check(event.value)
        self._show_problem(problem)
        if problem is None:
            self.finish(event.value.strip())

    def _show_problem(self, problem: str | None) -> None:
        if problem == self._problem:
            return  # Nothing to lay out again.
        self._problem = problem
        self.query_one(".problem", Static).update(Content(sanitize(problem or "")))


class FilterDialog(Dialog[T | None], Generic[T]):
    """Asks for one of many choices, which a text narrows; None = escape.

    Args:
        title: In the border.
        choices: The label and value of each.
        verb: What enter does.
        nothing: Shown where no label matches.
    """

    BINDINGS = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
    ]

    def __init__(
        self, title: str, choices: Sequence[tuple[str, T]], *, verb: str, nothing: str
    ) -> None:
        super().__init__(title, None)
        self._choices = tuple(choices)
        self._verb, self._nothing = verb, nothing
        self._shown: list[T] = []

    def compose_box(self) -> ComposeResult:
        yield TextInput(placeholder="Type to filter", compact=True)
        yield ColoredList()
        yield Static(f"enter {self._verb} · ↑ ↓ Select · esc Cancel", classes="hints")

    def on_mount(self) -> None:
        """Show every choice; the field keeps the focus."""
        self.query_one(OptionList).can_focus = False
        self._show("")

    def action_move(self, by: int) -> None:
        """Move the cursor in the list while the field keeps the focus."""
        choices = self.query_one(OptionList)
        if self._shown:
            choices.highlighted = ((choices.highlighted or 0) + by) % len(self._shown)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page, and stop at the ends."""
        choices = self.query_one(OptionList)
        if self._shown:
            row = (choices.highlighted or 0) + by * max(1, choices.size.height)
            choices.highlighted = min(max(0, row), len(self._shown) - 1)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value.strip())

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self.finish(self._shown[index])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.finish(self._shown[event.option_index])

    def _show(self, text: str) -> None:
        results = list(self._choices)
        if text:
            matcher = Matcher(text)
            scored = [(matcher.match(label), label, value) for label, value in results]
            scored.sort(key=lambda entry: -entry[0])
            results = [(label, value) for score, label, value in scored if score]
        self._shown = [value for _, value in results]
        choices = self.query_one(OptionList)
        if results:
            choices.set_options(Option(Content(label)) for label, _ in results)
            choices.highlighted = 0
        else:
            nothing = Content.styled(self._nothing, "$text-muted")
            choices.set_options([Option(nothing, disabled=True)])


class FolderDialog(FilterDialog[Path]):
    """Asks for a folder of a collection; None = escape.

    Args:
        root: The collection.
        tree: What is in it.
        verb: What is done, as “Move”.
        without: A folder that cannot go into itself.
    """

    def __init__(
        self,
        root: Path,
        tree: Folder,
        *,
        verb: str = "Move",
        without: Path | None = None,
    ) -> None:
        folders = [
            (label, path)
            for label, path in [("(top level)", root), *_folders(tree, "")]
            if without is None or not path.is_relative_to(without)
        ]
        super().__init__(
            f"{verb} to", folders, verb=verb, nothing="No matching folders"
        )


def _folders(folder: Folder, parents: str) -> list[tuple[str, Path]]:
    """Return the folders inside, depth first, each with the label of its path."""
    results: list[tuple[str, Path]] = []
    for inner in folder.folders:
        label = f"{parents}{inner.name}"
        results.append((label, inner.path))
        results += _folders(inner, f"{label}/")
    return results


class TypeToConfirmDialog(Dialog[bool]):
    """Asks for a word to be typed before something dangerous is done.

    Args:
        sentence: What would be done, and to what.
        word: What has to be typed, such as a project's id.
    """

    def __init__(self, sentence: str, word: str) -> None:
        super().__init__("Warning", False)
        self._sentence = sentence
        self._word = word
        self.add_class("-dangerous")

    def compose_box(self) -> ComposeResult:
        """The sentence, what to type, a field for it."""
        yield Static(Content(sanitize(self._sentence)), id="question")
        yield Static(
            Content.assemble(
                "Type ", (sanitize(self._word), "bold $text-error"), " to confirm."
            )
        )
        yield TextInput(compact=True)
        yield Static(classes="problem")
        yield Static("enter Send · esc Cancel", classes="hints")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.finish(True)
            return
        text = "The text does not match. Nothing was sent." if event.value else ""
        self.query_one(".problem", Static).update(text)
