"""The forms of a shop's order numbers: learned from its orders, read again as it goes on, and written down in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actions import numbers
from actions.identifiers import read_identifiers
from actions.numbers import ShopOrderNumbers
from bot.errors import BadDocument, ShopUnavailable


class Orders:
    """A shop of which only the ids of orders count."""

    def __init__(self, *ids: str) -> None:
        self.ids = list(ids)
        self.away = False

    async def order_ids(self, limit: int) -> list[str]:
        if self.away:
            raise ShopUnavailable("it is away")
        return self.ids[:limit]

    async def products(self) -> Sequence[Any]:
        return ()

    async def coupons(self, at: object) -> Sequence[Any]:
        return ()


def found(forms: Any, text: str) -> list[str]:
    return [str(entity.value) for entity in forms.find(text)]


async def test_a_new_form_is_learned_when_the_forms_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    shop: Any = Orders("DD26-04817", "DD26-01112")
    of_shop = ShopOrderNumbers(shop)
    assert found(await of_shop.refreshed(), "dd2600001") == ["DD26-00001"]
    shop.ids.insert(0, "2027M-7F3K9")
    assert found(await of_shop.refreshed(), "2027m-9xk4a") == []
    monkeypatch.setattr(numbers, "UNKNOWN_FOR_S", -1.0)
    assert found(await of_shop.refreshed(unknown=True), "2027m-9xk4a") == ["2027M-9XK4A"]
    shop.away = True
    assert found(await of_shop.refreshed(unknown=True), "2027m-9xk4a") == ["2027M-9XK4A"]


async def test_a_shop_that_is_away_from_the_start_takes_what_is_called_a_number() -> None:
    shop: Any = Orders()
    shop.away = True
    assert found(await ShopOrderNumbers(shop).refreshed(), "订单 AB-12345") == ["AB-12345"]


def test_forms_that_are_written_down(tmp_path: Path) -> None:
    file = tmp_path / "identifiers.yml"
    assert read_identifiers(file) == ()
    file.write_text("orders:\n  - pattern: 'VIP[- ]?(\\d{3})'\n    normal: 'VIP-{1}'\n    example: VIP-007\n", "utf-8")
    of_shop = ShopOrderNumbers(Orders("#1001", "#1002"), read_identifiers(file))  # type: ignore[arg-type]
    assert found(of_shop.forms, "vip007") == ["VIP-007"]
    assert of_shop.forms.examples() == ("VIP-007",)


@pytest.mark.parametrize(
    ("written", "line", "what"),
    [
        ("orders:\n  - pattern: '(\\d+'\n", 2, "pattern = "),
        ("orders:\n  - pattern: '\\d*'\n", 2, "fits nothing at all"),
        ("orders:\n  - pattern: '\\d+'\n  - normal: x\n", 3, "no pattern"),
        ("orders:\n  - pattern: '(\\d+)'\n    normal: 'A{2}'\n", 3, "there is no group '2'"),
        ("orders:\n  - pattern: '\\d+'\n    privat: false\n", 3, "'privat' is unknown"),
        ("orders:\n  - pattern: '\\d{3}'\n    private: perhaps\n", 3, "is no yes or no"),
        ("orders:\n  - pattern: '\\d{3}'\n    example: A1\n", 3, "does not have the form"),
        ("numbers: []\n", 1, "expected the one key `orders`"),
        ("orders:\n  - pattern: 'a\n", 3, "this is no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, written: str, line: int, what: str) -> None:
    (tmp_path / "identifiers.yml").write_text(written, "utf-8")
    with pytest.raises(BadDocument, match=f"identifiers.yml, line {line}: ") as refused:
        read_identifiers(tmp_path / "identifiers.yml")
    assert what in str(refused.value) and refused.value.remedy
