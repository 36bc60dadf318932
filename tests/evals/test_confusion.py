"""The picture of what is taken for what."""

from __future__ import annotations

from xml.etree import ElementTree

from evals.confusion import svg

SVG = "{http://www.w3.org/2000/svg}"


def test_every_pair_is_drawn_with_its_number_and_the_mistakes_in_red() -> None:
    picture = ElementTree.fromstring(
        svg(["greet", "greet", "greet", "thank", "a<b"], ["greet", "greet", "thank", "thank", "a<b"])
    )
    cells = {}
    for cell in picture.iter(f"{SVG}g"):
        title, rect, text = cell
        cells[title.text] = (rect.get("fill"), text.text, float(rect.get("fill-opacity", "0")))
        assert float(rect.get("x", "0")) < float(picture.get("width", "0"))
    assert cells.keys() == {"greet as greet: 2", "greet as thank: 1", "thank as thank: 1", "a<b as a<b: 1"}
    assert cells["greet as greet: 2"][:2] == ("rgb(33 110 57)", "2")
    assert cells["greet as thank: 1"][:2] == ("rgb(190 40 40)", "1")
    assert cells["thank as thank: 1"][2] == 1.0
    names = [text.text for text in picture.findall(f"{SVG}text")]
    assert sorted(names) == sorted(["a<b", "greet", "thank"] * 2)
