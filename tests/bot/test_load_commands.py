"""What a load came to, as it is told and kept."""

from __future__ import annotations

from pathlib import Path

from actions.shop.importers.report import FileReport, Refusal, UnknownColumn
from actions.shop.importers.report import LoadReport as ShopReport
from bot.app import Loaded
from bot.errors import BadDocument
from bot.fakes import EPOCH
from bot.load_commands import load_of, load_of_changes, load_that_failed
from bot.loads import Complaint, LoadedFile
from bot.product_models import ModelsReport
from knowledge.index import FileReport as DocumentReport
from knowledge.index import LoadReport as DocumentsReport

SHOP = Path("/shop")
BAD = DocumentReport("a.pdf", "refused", problem="has no text. Export it with text.")


def loaded() -> Loaded:
    variants = FileReport("variants.csv", 7, 1, [Refusal(3, "price", "cheap", "must be an amount")], "variants")
    variants.unknown.append(UnknownColumn("prise", "price"))
    customers = FileReport("customers.csv", 2, table="customers", noted=[Refusal(2, "phone", "138", "is short")])
    models = ModelsReport({"models/P1.glb": "1 m"}, {"models/P9.glb": "no product"}, {"models/P1.glb": "is larger"})
    documents = DocumentsReport((BAD, DocumentReport("b.md", "taken", 4)), 4, 1.0)
    return Loaded(ShopReport([variants, customers]), documents, 5, {"pictures/x.png": "is broken"}, models, ("policy.yml",))


def test_every_file_and_everything_wrong_with_it_is_told() -> None:
    load = load_of(loaded(), SHOP, EPOCH)
    assert load.files == (
        LoadedFile("variants.csv", 7, 1, 2),
        LoadedFile("customers.csv", 2),
        LoadedFile("documents/a.pdf", 0, 0, 1, "refused"),
        LoadedFile("documents/b.md", 4, 0, 0, "taken"),
        LoadedFile("pictures", 5, refused=1),
        LoadedFile("models", 1, refused=1),
    )
    told = [f"{one.file} {one}" for one in load.complaints]
    assert told == [
        "variants.csv row 1: there is no column 'prise', and it was not read. The nearest is 'price'.",
        "variants.csv row 3, price = 'cheap': must be an amount",
        "customers.csv row 2, phone = '138': is short",
        "documents/a.pdf has no text. Export it with text.",
        "pictures/x.png is broken",
        "models/P9.glb no product",
        "models/P1.glb is larger",
    ]
    assert [one.taken for one in load.complaints] == [False, False, True, False, False, False, True]
    assert [one.private for one in load.complaints[:3]] == [False, False, True]


def test_changed_documents_take_the_place_of_those_before() -> None:
    before = load_of(loaded(), SHOP, EPOCH)
    after = load_of_changes(before, DocumentsReport((DocumentReport("a.pdf", "taken", 9),), 9, 1.0), EPOCH)
    assert [file.name for file in after.files if file.status] == ["documents/a.pdf"]
    assert Complaint("documents/a.pdf", BAD.problem) not in after.complaints and len(after.complaints) == 6


def test_a_load_that_failed_says_why() -> None:
    load = load_that_failed(SHOP, BadDocument("is no shop folder.", where="products.csv", remedy="Add it."), EPOCH)
    assert "is no shop folder." in load.fault and "Add it." in load.fault and load.files == ()
