"""The words that a shop has written down are found like those of its catalogue."""

from __future__ import annotations

from pathlib import Path

from bot.text import normal
from knowledge.lexicon.lexicon import Lexicon
from knowledge.lexicon.own_words import read_words
from tests.knowledge.facts.test_stated import SHELL, SUN

WORDS = """
products: {P1: [小蓝壳, bluebird]}
kinds: {%s: [上身的]}
properties: {%s: [怕不怕雨, rainproofing]}
"""


def test_products_kinds_and_properties_are_found_by_the_shops_own_words(tmp_path: Path) -> None:
    label = next(a.label for a in SHELL.attributes if len(a.label.zh) > 1)
    file = tmp_path / "lexicon.yml"
    file.write_text(WORDS.replace("P1:", f"{SHELL.id}:") % (SHELL.category, label.zh), "utf-8")
    lexicon, plain = Lexicon((SHELL, SUN), read_words(file)), Lexicon((SHELL, SUN))
    assert lexicon.find(normal("how much is the bluebird")).product_ids == (SHELL.id,)
    assert lexicon.find(normal("小蓝壳多少钱")).product_ids == (SHELL.id,)
    assert not plain.find(normal("小蓝壳多少钱")).product_ids
    assert any(SHELL.id in kind.product_ids for kind in lexicon.find("上身的有哪些").kinds)
    said = lexicon.labels("它怕不怕雨")
    assert [one.label for one in said] == [normal(label.zh)]
    assert SHELL.id in said[0].product_ids
    assert not plain.labels("它怕不怕雨")
