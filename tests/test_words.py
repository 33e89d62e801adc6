"""mixtui speaks idiomatic technical English, with one word for each thing.

Phrases that a native engineer would not write are listed here, each with a replacement.
Add those that you meet. `ANYWHERE` applies to comments, docstrings, developer docs and the
names of tests, too; `FOR_PEOPLE` only to what users read: string literals, TOML and docs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui.outcome.outcome import FORMER_LABELS

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
PACKAGE = ROOT / "mixtui"

ANYWHERE = {
    r"(?<!‛)«": "“ ” in prose, ` ` around code",
    r"(?<!there )(?<!There )(is|are|was|were) no (?!longer|more than|less than)": (
        "is not a …, no … found"
    ),
    r"takes? it\b(?! (to|for|that|as|from|out|back))": "apply, use, accept",
    r"on (its|their) way\b": "in flight, sending, receiving",
    r"as it came\b": "raw, as received",
    r"nothing odd": "no problems",
    r"(is|are) said (to|of|that|here|by)\b": "reportedly, documented as, …",
    r"sign of life": "response",
    r"said of\b": "hint for",
    r"find the way": "navigation",
    r"word for word\b": "verbatim",
    r"any more\b(?! (than|of))": "no longer",
    r"all the same\b": "anyway, still",
    r"once more\b": "again",
    r"of itself\b": "automatically",
}
FOR_PEOPLE = {
    r"[Tt]here (is|are|was|were) no(?!t)\b": "no … found, … is missing",
    r"tak(es?|en|ing) (it|them) over\b": "import",
    r"tak(en?|es) over\b": "import, adopt, replace",
    r"la(id|ys?|ying) (it |them )?out\b": "formatted",
    r"switch(ed|es)? (\w+ )?off\b": "disabled, disable",
    r"(?<!\.)\bunpack(s|ed|ing)?\b(?!\()": "decompress, decode",
    r"(goes?|went) through\b": "reads, scans, processes",
    r"(left|leav(e|es|ing)) ((it|them|this|both|{[^}]*}|[\w-]+) )?out\b": (
        "disabled; omit, remove"
    ),
    r"(?<![/\w])[Aa]nswer(s|ed|ing)?\b(?!\.md)": "response, respond",
    r"(?<!FROM )(?<!INTO )(?<!TABLE )(?<!ON )exchange[ds]?\b(?!\.)": (
        "request, response, history entry"
    ),
    r"advi[cs]e": "hint, recommend",
    r"asks? again\b": "resend",
    r"in clear\b": "in plain text",
    r"(some|no)body\b": "someone, no one; or name who",
    r"mend(s|ed|ing)?\b": "fix",
    r"meanwhile\b": "in the meantime, since",
    r"word for\b": "term, name",
    r"the (newest|oldest|latest|biggest|largest) first\b": "newest first",
    r"without a word\b": "silently",
    r"part(ly|s) stored\b(?! = )": "partially imported",
    r"no such\b": "not found",
    r"corrects? (it|them)\b": "fix",
    r"look before\b": "check before",
    r"(sent|send|sends|send it|send them) again\b": "resend",
    r"stands? (in|there|twice)\b": "is in, contains",
    r"(is|are) there (already|twice)\b": "already present, duplicate",
    r"wants? an? ": "requires",
    r"is due\b(?! \|)": "expected",
    r"by itself\b": "automatically",
    r"refus(e|es|al)\b": "reject",
    r"told\b": "say what is shown",
    r"not that of\b": "a different",
    r"in maintenance\b(?! mode)": "maintenance mode",
    r"in its place\b": "instead",
    r"still to be\b": "not yet",
    r"without asking\b": "without confirmation",
    r"(holds|names) no\b|has no place\b": "does not contain, does not name",
    r"unfold(s|ed|ing)? (to|it to)\b": "decompresses to",
    r"goes? there\b": "jumps to it",
    r"(brings?|get) (it|them|the request) back\b": "restores, undoes, edit",
    r"called like\b": "named; no matching …",
    r"at hand\b": "you need …",
    r"calls? (older|of)\b": "requests",
}

# Words of one sentence may stand on two lines, or in two adjacent literals.
_BLANK = r'(?:[\s#>]|"\s*[rf]*")+'
_PYTHON = re.compile(
    r'(?P<docstring>"""[^"]*(?:"(?!"")[^"]*)*""")'
    r'|(?P<literals>(?:"(?!"")[^"\\\n]*(?:\\.[^"\\\n]*)*"\s*[rf]*)+)'
    r"|(?P<comment>(?:#[^\n]*\n\s*)+)"
)
_REPLACEMENT_FIELD = re.compile(r"{[^{}]*}")
_QUOTED = {f'"{label}"' for label in FORMER_LABELS}
_TEST_NAME = re.compile(r"(?<=def )test_\w+")
_IDENTIFIER = re.compile(r'"[\w./-]*"\s*')


class Phrases:
    """Refused phrases as one pattern."""

    def __init__(self, phrases: dict[str, str]) -> None:
        self.instead = tuple(phrases.values())
        self.pattern = re.compile(
            r"(?<!\w)(?:"
            + "|".join(
                f"(?P<_{index}>{self.spread(phrase)})"
                for index, phrase in enumerate(phrases)
            )
            + ")"
        )

    @staticmethod
    def spread(phrase: str) -> str:
        """Let blanks match line breaks, too, except in lookbehinds of a fixed width."""
        return re.sub(r"(\(\?<![^)]*\))| ", lambda match: match[1] or _BLANK, phrase)

    def search(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Yield the offset of each refused phrase, the phrase, and what to write instead."""
        for match in self.pattern.finditer(text):
            instead = self.instead[int((match.lastgroup or "_0")[1:])]
            yield match.start(), " ".join(match[0].split()), instead


IN_PROSE = Phrases(ANYWHERE)
IN_TEXT = Phrases(ANYWHERE | FOR_PEOPLE)


def parts(path: Path, text: str) -> Iterator[tuple[int, str, Phrases]]:
    """Yield what people read of a file, as an offset, text and the phrases it is refused."""
    if path.suffix != ".py":
        yield 0, text, IN_PROSE if path.parent.name == "dev" else IN_TEXT
        return
    is_test = path.is_relative_to(TESTS)
    for match in _PYTHON.finditer(text):
        if match.lastgroup != "literals":
            yield match.start(), match[0], IN_PROSE
        elif is_test:
            continue  # What servers and former versions say, too.
        elif not _IDENTIFIER.fullmatch(match[0]) and match[0] not in _QUOTED:
            yield match.start(), _REPLACEMENT_FIELD.sub(blanked, match[0]), IN_TEXT
    if is_test:
        for match in _TEST_NAME.finditer(text):
            yield match.start(), match[0].replace("_", " "), IN_PROSE


def blanked(match: re.Match[str]) -> str:
    """Keep line breaks and the length."""
    return re.sub(r"[^\n]", "_", match[0])


def refused(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    for start, part, phrases in parts(path, text):
        for offset, phrase, instead in phrases.search(part):
            line = text.count("\n", 0, start + offset) + 1
            yield f"{path.relative_to(ROOT)}:{line}: {phrase!r}, rather: {instead}"


def files() -> list[Path]:
    patterns = ("mixtui/**/*.py", "mixtui/**/*.toml", "docs/**/*.md", "*.md")
    paths = (path for pattern in patterns for path in ROOT.glob(pattern))
    tests = (path for path in TESTS.rglob("*.py") if path != Path(__file__))
    return sorted((*paths, *tests))


def test_no_text_contains_a_phrase_that_an_engineer_would_not_write() -> None:
    mistakes = [mistake for path in files() for mistake in refused(path)]
    assert not mistakes, "\n" + "\n".join(mistakes)


@pytest.mark.parametrize(
    "sentence",
    [
        "time is no number",
        "enter takes it",
        "a request on its way",
        "the body as it came",
        "«mixtui list»",
        "the row is left out",
        "it is not used any more",
        "the answer of the server",
        "a body that is laid out",
    ],
)
def test_a_translated_sentence_is_found(sentence: str) -> None:
    assert any(IN_TEXT.search(sentence))


@pytest.mark.parametrize(
    "code",
    [
        '"time is "\n    "no number"',
        '"time is "\n    f"no number"',
        "# time is\n    # no number",
        "time is\n    no number",
    ],
)
def test_a_phrase_is_found_across_lines(code: str) -> None:
    assert any(IN_PROSE.search(code))


@pytest.mark.parametrize(
    "sentence",
    [
        "the operation is no longer developed",
        "struct.unpack(data)",
        "see docs/responses.md",
    ],
)
def test_words_of_the_trade_are_let_through(sentence: str) -> None:
    assert not any(IN_TEXT.search(sentence))


@pytest.mark.parametrize(
    ("code", "is_refused"),
    [
        ('"""One exchange."""', False),
        ("x = 1  # an exchange\n", False),
        ('x = exchange["exchange"]', False),
        ('x = f"the {exchange} of"', False),
        ('x = f"the exchange {exchange}"', True),
        ('x = "the answer"', True),
        ('"""What is no answer."""', True),
        ("x = 1  # is no answer\n", True),
    ],
)
def test_identifiers_are_not_prose(code: str, is_refused: bool) -> None:
    found = [
        phrase
        for _, part, phrases in parts(Path("code.py"), code)
        for phrase in phrases.search(part)
    ]
    assert bool(found) is is_refused


# No sentence names a key that the user may have changed

LITERAL_KEY = re.compile(
    r"(?<![\w+-])(?:(?:ctrl|shift|alt)\+(?:\w+|\S)|f\d{1,2}\b)"
    # A letter is a key where something is pressed, in brackets, before what it does, and
    # before a label.
    r"|\b[Pp]ress(?:es)? \S(?= (?:in|to|again)\b)"
    r"|(?:^|[(] ?|\. )[A-Za-z/?] (?:\w+ )*?(?:restores|undoes|fixes|jumps|opens|goes|shows)\b"
    r"|(?:^(?!a )|· |  )[a-z/?] [A-Z][a-z]+"
)
THE_TABLE = {"actions.py", "keymap.py"}
"""Where keys are declared and checked."""
FIXED = {"ctrl+c", "shift+tab"}
"""Nobody can change them: one interrupts a command, one moves between fields."""


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string literal of several words, but docstrings."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings and " " in node.value.strip():
            yield node.lineno, node.value


def fixed_keys(tree: ast.Module) -> set[str]:
    """Return the keys that widgets of a module bind for good: without an id."""
    return {
        key
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Binding"
        and not any(keyword.arg == "id" for keyword in node.keywords)
        for key in str(ast.literal_eval(node.args[0])).split(",")
    }


def literal_keys(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    allowed = fixed_keys(tree) | FIXED
    for line, text in texts(tree):
        for match in LITERAL_KEY.finditer(text):
            if not any(key in match[0] for key in allowed):
                yield f"line {line}: {match[0]!r}"


def test_no_text_names_a_key_that_may_have_been_changed() -> None:
    mistakes = [
        f"{path.relative_to(PACKAGE)}, {mistake}: use key_of()"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in THE_TABLE
        for mistake in literal_keys(path.read_text("utf-8"))
    ]
    assert not mistakes, "\n" + "\n".join(mistakes)


@pytest.mark.parametrize(
    "code",
    [
        'say("needs an environment (f9)")',
        'say(f"{name} has none: press f9 to add one")',
        'say("Save the request first (ctrl+s).")',
        'say(f"Deleted {name}. Press u in the sidebar to undo.")',
        'say("Replace the other request (u restores it)")',
        'say("c fixes it")',
        'say(f"No {what}.  a Add · b Bulk edit")',
        'Binding("f9", "leave", id="environments"); say("f9 goes back")',
    ],
)
def test_a_literal_key_is_found(code: str) -> None:
    assert list(literal_keys(code))


@pytest.mark.parametrize(
    "code",
    [
        'bind("ctrl+s")',
        '"""The request that f5 sends."""',
        'Binding("f3", "fix"); say("f3 fixes it")',
        'say("press ctrl+c to stop it")',
        'say("tab and shift+tab move between fields")',
        'say("a list", "Files named in f-strings")',
        'say(f"Press {key} to send it")',
    ],
)
def test_other_text_is_not_taken_for_a_key(code: str) -> None:
    assert not list(literal_keys(code))
