"""TOML source is split into blocks, and its values and keys are edited."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.storage import toml_values
from mixtui.storage.toml_editor import TomlEditor, content_length, line_of, split_blocks
from tests.storage.strategies import awkward_texts, texts

SOURCE = """\
# about the file

name = '''
[not.a.header]
# not a comment'''
list = [ # a bracket: [
  [1], # ]
]

# about the row
[[query]] # tail [x]
name = "a#b"
# at the end of the row

[ "b.c" . d ]
x = \"\"\"\\\"\"\"\"\"\"
  [indented]
"""


def test_joined_blocks_are_the_source():
    blocks = split_blocks(SOURCE)
    assert "".join(block.text for block in blocks) == SOURCE
    assert [block.path for block in blocks] == [
        (),
        ("query",),
        ("b.c", "d"),
        ("indented",),
    ]
    assert [block.line for block in blocks[1:]] == [11, 15, 17]
    assert blocks[1].is_array
    assert blocks[1].lead == "\n# about the row\n"
    assert blocks[1].body == 'name = "a#b"\n# at the end of the row\n'


def test_a_comment_above_a_blank_line_belongs_to_the_block_above():
    blocks = split_blocks("a = 1\n# about a\n\n[t]\n")
    assert blocks[0].body == "a = 1\n# about a\n"
    assert blocks[1].lead == "\n"


def test_the_end_of_the_content_comes_before_closing_comments():
    body = 'a = """\n# inside"""\n\n# after\n\n'
    assert body[: content_length(body)] == 'a = """\n# inside"""\n'
    assert content_length("# only\n") == 0


@pytest.mark.parametrize(
    ("table", "index", "key", "line"),
    [
        pytest.param((), None, "name", 3, id="top"),
        pytest.param(("query",), 0, "name", 12, id="row"),
        pytest.param(("query",), 0, "value", 11, id="absent: the header"),
        pytest.param(("query",), 7, "name", None, id="no such row"),
        pytest.param((), None, "nothing", None, id="nothing"),
        pytest.param(("list", "x"), None, "y", 6, id="the nearest above"),
    ],
)
def test_the_line_of_a_key_is_found(table, index, key, line):
    assert line_of(SOURCE, table, index, key) == line


@given(texts | awkward_texts)
def test_any_text_is_written_and_read_back(text):
    source = f"{toml_values.to_toml_key(text)} = {toml_values.to_toml_string(text)}\n"
    assert tomllib.loads(source) == {text: text}
    assert not any(0x7F <= ord(c) < 0xA0 or c in "\x1b\r" for c in source)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("plain", '"plain"'),
        ('["Sign up"]', "'[\"Sign up\"]'"),
        ('it\'s "so"', '"it\'s \\"so\\""'),
        ('{\n  "a": 1\n}', "'''\n{\n  \"a\": 1\n}'''"),
        ("\nfirst", "'''\n\nfirst'''"),
        ("a\n'''", '"""\na\n\'\'\'"""'),
        ("a\nb'", '"""\na\nb\'"""'),
        ("a\r\nb", '"""\na\\r\nb"""'),
        ("'''\n\"\"\"", '"""\n\'\'\'\n""\\""""'),
    ],
)
def test_a_text_is_written_in_its_simplest_form(text, source):
    assert toml_values.to_toml_string(text) == source
    assert tomllib.loads(f"x = {source}")["x"] == text


def test_nested_values_are_written_inline():
    value = {"a b": {"env": "X"}, "list": [1, 2.5, True], "none": {}}
    source = toml_values.to_toml(value)
    assert source == '{ "a b" = { env = "X" }, list = [1, 2.5, true], none = {} }'
    assert tomllib.loads(f"x = {source}")["x"] == value


def edit(source: str, *change) -> str:
    editor = TomlEditor(source, order=("first", "second"))
    method, *arguments = change
    getattr(editor, method)(*arguments)
    return editor.text


@pytest.mark.parametrize(
    ("source", "change", "expected"),
    [
        pytest.param("", ("set", (), "a", 1), "a = 1\n", id="empty file"),
        pytest.param(
            "a = 1 # c", ("set", (), "a", 2), "a = 2 # c\n", id="comment stays"
        ),
        pytest.param(
            "a = 1\n\n# end\n",
            ("set", (), "b", 2),
            "a = 1\nb = 2\n\n# end\n",
            id="new key",
        ),
        pytest.param(
            "[t]\nx = 1\n",
            ("set", (), "a", 1),
            "a = 1\n\n[t]\nx = 1\n",
            id="new on top",
        ),
        pytest.param(
            "[t]\nx = 1\n", ("set", ("t",), "x", "y"), '[t]\nx = "y"\n', id="in a table"
        ),
        pytest.param(
            "a = 1\n[second]\nb = 1\n",
            ("set", ("first",), "x", 1),
            "a = 1\n\n[first]\nx = 1\n[second]\nb = 1\n",
            id="new table in order",
        ),
        pytest.param(
            "[e.a]\nx = 1\n[z]\n",
            ("set", ("e", "b"), "x", 1),
            "[e.a]\nx = 1\n\n[e.b]\nx = 1\n[z]\n",
            id="new table beside its kin",
        ),
        pytest.param(
            't = { x = 1, y = "z" } # c\n',
            ("set", ("t",), "x", 2),
            't = { x = 2, y = "z" } # c\n',
            id="in an inline table",
        ),
        pytest.param(
            "t.x = 1\n", ("set", ("t",), "y", 2), "t.x = 1\nt.y = 2\n", id="dotted"
        ),
        pytest.param(
            "[a]\nb.x = 1 # c\n",
            ("set", ("a", "b"), "x", 2),
            "[a]\nb.x = 2 # c\n",
            id="dotted in a table",
        ),
        pytest.param(
            "[a]\n[a.s]\nenv = 1\n",
            ("set", ("a",), "s", {"file": "x"}),
            '[a]\ns = { file = "x" }\n',
            id="a value in place of a table",
        ),
        pytest.param("a = 1\nb = 2\n", ("remove", ("a",)), "b = 2\n", id="remove"),
        pytest.param("a = 1\n", ("remove", ("x", "y")), "a = 1\n", id="remove nothing"),
        pytest.param(
            "# about x\n[x]\na = 1\n[x.y]\n# about z\n[z]\n",
            ("remove", ("x",)),
            "# about z\n[z]\n",
            id="remove a table with its comment, not the next one's",
        ),
        pytest.param(
            "# c\n[e.a] # d\nx = 1\n[e.a.v]\n[e.ab]\n",
            ("rename", ("e", "a"), "n w"),
            '# c\n[e."n w"] # d\nx = 1\n[e."n w".v]\n[e.ab]\n',
            id="rename",
        ),
        pytest.param(
            "e.a = { x = 1 }\n",
            ("rename", ("e", "a"), "b"),
            "e.b = { x = 1 }\n",
            id="rename an inline table",
        ),
        pytest.param(
            "a = 1\r\n[t]\r\nx = 1\r\n",
            ("set", ("t",), "y", "p\nq"),
            "a = 1\r\n[t]\r\nx = 1\r\ny = '''\r\np\r\nq'''\r\n",
            id="line ends of Windows",
        ),
    ],
)
def test_an_edit_changes_nothing_else(source, change, expected):
    result = edit(source, *change)
    assert tomllib.loads(result) == tomllib.loads(expected)
    assert result == expected


def test_an_empty_table_is_removed_unless_it_has_a_comment():
    assert edit("[t]\n\n[u]\n", "remove_if_empty", ("t",)) == "[u]\n"
    source = "[t]\n# why\n"
    assert edit(source, "remove_if_empty", ("t",)) == source


@given(st.lists(st.tuples(texts, texts), max_size=4), texts, texts)
def test_any_keys_survive_an_edit(items, key, value):
    source = "".join(
        f"{toml_values.to_toml_key(item_key)} = {toml_values.to_toml_string(item_value)}\n"
        for item_key, item_value in dict(items).items()
    )
    assert tomllib.loads(edit(source, "set", (), key, value)) == {
        **dict(items),
        key: value,
    }
