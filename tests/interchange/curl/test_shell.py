from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.curl.shell import split_command
from mixtui.model.errors import InterchangeError
from mixtui.request.templates import escape_text

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


@given(st.lists(texts, min_size=1))
def test_what_a_shell_quoted_is_read_back(arguments: list[str]) -> None:
    read = split_command(shlex.join(arguments)).arguments
    assert read == tuple(map(escape_text, arguments))


@given(texts)
def test_what_bash_escapes_is_read_back(text: str) -> None:
    escaped = "".join(f"\\U{ord(c):08x}" for c in text)
    assert split_command(f"$'{escaped}'").arguments == (escape_text(text),)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        (r"a b\ c", ["a", "b c"]),
        ("a \\\n  b", ["a", "b"]),
        ("a \\\r\n  b", ["a", "b"]),
        ("a\\\nb", ["ab"]),
        ("'a'\"b\"c", ["abc"]),
        ("''", [""]),
        ("'a\nb'", ["a\nb"]),
        (r'"a \" \\ \$ \` \n"', [r'a " \ $ ` \n']),
        ('"a\\\nb"', ["ab"]),
        (r"$'a\'b\n\t\x41\101\u00e9\cA\q'", ["a'b\n\tAAé\x01\\q"]),
        (r"$'\xc3\xa9'", ["é"]),
        (r"$'\ud83d\ude00 \u0021'", ["😀 !"]),
        ('$"a"', ["a"]),
        ("a # b\n", ["a"]),
        ("a#b", ["a#b"]),
        ("$A ${B}c \"$D\" '$E'", ["{{env:A}}", "{{env:B}}c", "{{env:D}}", "$E"]),
        ("a$ $/", ["a$", "$/"]),
        ("x?a=1&b=2", ["x?a=1&b=2"]),
        (r'"{\"$set\": \"$V\"}"', ['{"$set": "{{env:V}}"}']),
        (r"a '{{x}}' \{{x}}", ["a", r"\{{x}}", r"\{{x}}"]),
        (r"'\{{x}}' '\'$A", [r"\\\{{x}}", r"\\{{env:A}}"]),
        ("'{'$A '{'\"{x}}\"", ["{{{env:A}}", r"\{{x}}"]),
        ("[a] {b,c} *.x ~", ["[a]", "{b,c}", "*.x", "~"]),
    ],
)
def test_arguments_are_those_of_a_shell(line: str, arguments: list[str]) -> None:
    assert list(split_command(line).arguments) == arguments


@pytest.mark.parametrize(
    "end", ["| jq .", "&& curl b", "& ", "; ls", "> out", "2> out", "\ncurl b"]
)
def test_only_the_first_command_is_read(end: str) -> None:
    command = split_command(f"curl a {end}")
    assert command.arguments == ("curl", "a")
    assert len(command.notes) == 1


@pytest.mark.parametrize(
    ("line", "arguments", "note"),
    [
        ("a\u00a0b", ["a", "b"], r"U\+00A0 .no-break space. at line 1, column 2 was"),
        ("a 'x\u00a0y'", ["a", "x\u00a0y"], ""),
        ("a\u202fb\u202fc", ["a", "b", "c"], "and 1 more place was read as a space"),
        ("a \u200bb\ufeff", ["a", "b"], "zero width space"),
        (
            "a \\ \n -b",
            ["a", "-b"],
            r"The \\ at line 1, column 3 is followed by spaces",
        ),
        ("a 'x'\\\t\r\n-b", ["a", "x-b"], r"line 1, column 6 is followed by spaces"),
        ("a -b\\\u00a0\n c", ["a", "-b", "c"], "is followed by spaces"),
        ("a \\\r -b", ["a", "-b"], ""),
        ("a \\\u2028-b", ["a", "-b"], ""),
        ("a \\ \u2029-b", ["a", "-b"], "is followed by spaces"),
        ('a "b\\\rc"', ["a", "bc"], ""),
        (
            "a '&amp;' \"&quot;\" x&b=c;",
            ["a", "&amp;", "&quot;", "x&b=c"],
            "An & is not quoted",
        ),
        ("a b \\", ["a", "b"], "Check that all of it was copied"),
        ("a b \\\n", ["a", "b"], ""),
        ("a\n  -b", ["a", "-b"], r"does not end with \\"),
        ("a\n# c\n  --long x", ["a", "--long", "x"], "comment at line 2, column 1"),
        (
            "a <your_project_id>&b",
            ["a", "<your_project_id>&b"],
            "is not quoted, so a shell",
        ),
        ("a x=<Project ID>", ["a", "x=<Project ID>"], "is not quoted, so a shell"),
        ("a '<string>'", ["a", "<string>"], ""),
        ("a > out -b", ["a", "-b"], "The output file was skipped"),
        ("a 2>&1 -b", ["a", "-b"], "The output file was skipped"),
        ("a &> out", ["a"], "The output file was skipped"),
    ],
)
def test_what_other_programs_put_into_a_command_is_fixed_and_reported(
    line: str, arguments: list[str], note: str
) -> None:
    command = split_command(line)
    assert list(command.arguments) == arguments
    assert re.search(note, " ".join(command.notes))
    assert bool(command.notes) is bool(note)


def test_the_file_of_standard_input_is_kept() -> None:
    command = split_command("a < 'in file' -b")
    assert (command.arguments, command.input_file) == (("a", "-b"), "in file")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("curl \\\n “a”", r"mark “ .line 2, column 2"),
        ("curl -H ‘a: b’", r"mark ‘ .line 1, column 9"),
        ("curl x –H a", r"dash – .line 1, column 8"),
        ("curl x\n —data a", r"dash — .line 2, column 2"),
        ("curl x －H a", r"dash － .line 1, column 8"),
        ("curl ′a′", r"mark ′ .line 1, column 6"),
        ("curl x=＂a＂", r"mark ＂ .line 1, column 8"),
        ("curl -d &quot;a&quot;", "^&quot; at line 1, column 9"),
        ("curl a?b&#38;c", "^&#38; at line 1, column 9"),
        ("curl x <<EOF\na\nEOF", "passed on by a shell"),
        ("curl 'a", "line 1"),
        ('curl\\\n "a', "line 2"),
        ("curl $'a", "not closed"),
        ("curl $(cat x)", "only a shell can expand"),
        ('curl "$(cat x)"', "only a shell can expand"),
        ("curl `cat x`", "only a shell can expand"),
        ('curl "`cat x`"', "only a shell can expand"),
        ("curl ${A:-b}", "only a shell can expand"),
        ("curl $1", "only a shell can expand"),
        ("curl ^\n -H x", "Windows"),
        ('curl ^"a^"', "Windows"),
        (r"curl $'\xff'", "UTF-8"),
        (r"curl $'\ud83d'", "UTF-8"),
        (r"curl $'\U00110000'", ", which is not a valid"),
    ],
)
def test_what_only_a_shell_knows_is_rejected_with_a_message(
    line: str, reason: str
) -> None:
    with pytest.raises(InterchangeError, match=reason):
        split_command(line)


@given(st.text("abc'\"\\$`{}\n &|;<>#^=", max_size=30))
def test_any_text_is_split_or_rejected_with_a_message(text: str) -> None:
    try:
        split_command(text)
    except InterchangeError as error:
        assert str(error).endswith(".")
