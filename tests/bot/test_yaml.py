"""Content in YAML is parsed once a process, and nobody notices."""

from __future__ import annotations

import pytest
from ruamel.yaml.error import YAMLError

from bot.yaml import read_marked, read_yaml


def test_what_one_reader_changes_no_other_sees() -> None:
    text = "one: {two: [3]}"
    read = read_yaml(text)
    read["one"]["two"].append(4)
    assert read_yaml(text) == {"one": {"two": [3]}}


def test_marked_mappings_know_their_lines() -> None:
    for _ in range(2):
        assert read_marked("one: 1\ntwo: 2\n").lc.key("two") == (1, 0)


@pytest.mark.parametrize("read", [read_yaml, read_marked])
def test_what_is_no_yaml_is_refused_every_time(read: object) -> None:
    assert callable(read)
    for _ in range(2):
        with pytest.raises(YAMLError):
            read("one: [2")
