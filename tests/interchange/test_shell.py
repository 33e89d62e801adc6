from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.shell import split_command
from mixtui.model.errors import InterchangeError

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


@given(st.lists(texts, min_size=1))
def test_what_a_shell_quoted_is_read_back(arguments: list[str]) -> None:
    assert split_command(shlex.join(arguments)).arguments == tuple(arguments)


@given(texts)
def test_what_bash_escapes_is_read_back(text: str) -> None:
    escaped = "".join(f"\\U{ord(c):08x}" for c in text)
    assert split_command(f"$'{escaped}'").arguments == (text,)


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
        ("\\", ["\\"]),
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
    ("line", "reason"),
    [
        ("curl 'a", "line 1"),
        ('curl\\\n "a', "line 2"),
        ("curl $'a", "not closed"),
        ("curl $(cat x)", "only a shell"),
        ('curl "$(cat x)"', "only a shell"),
        ("curl `cat x`", "only a shell"),
        ('curl "`cat x`"', "only a shell"),
        ("curl ${A:-b}", "only a shell"),
        ("curl $1", "only a shell"),
        ("curl ^\n -H x", "Windows"),
        ('curl ^"a^"', "Windows"),
        (r"curl $'\xff'", "UTF-8"),
        (r"curl $'\ud83d'", "UTF-8"),
        (r"curl $'\U00110000'", "no character"),
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
