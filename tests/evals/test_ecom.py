"""The replay of ECom-Bench on a small shop of our own: every tool, its oracle, and that the comparison sees what differs."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.app import check_pack
from evals.data import NoData
from evals.ecom import measure, reference, replay
from evals.ecom.measure import Task
from evals.fresh_shop import imported
from tests.actions.appliances import SHOP, USER, files, written

HERE = {"platform": "jd", "shop_id": SHOP, "user_id": USER}
GOODS = [{"product_id": "211", "quantity": 2}]
VISIT = {"user_name": "韩梅梅", "phone_number": "13900000002", "service_type": "维修", "service_time": "周一"}
INVOICE = {"title": "李雷", "order_id": "100", "phone_number": "13800000001", "invoice_type": "个人发票"}
EXCHANGE = {"original_product_id": "201", "exchange_product_id": "202", "action": "换货"}
ADDRESS = {"address": "文二路 2 号", "phone_number": "13900000002", "action": "修改"}
USE = {"action": "余额使用", "product_id": "211", "quantity": 2}
PLACE = {"action": "增加", "payment": "京东E卡", "product_info_list": GOODS}
TASKS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "rush": [("manage_urgent", {"order_id": "100"})],
    "visit": [("schedule_service", {"order_id": "100", **VISIT})],
    "cashback of a parcel alone": [("register_cashback_by_review", {"order_id": "103", "action": "返现"})],
    "invoice": [("manage_invoice", INVOICE)],
    "address": [("manage_order", {"order_id": "100", **ADDRESS})],
    "exchange": [("manage_exchange", {"order_id": "100", **EXCHANGE})],
    "cancel": [
        ("manage_order", {"order_id": "100", "action": "取消"}),
        ("manage_ecard", {"action": "退款", "amount": 2049}),
    ],
    "return": [("manage_return", {"order_id": "101"}), ("manage_ecard", {"action": "退款", "amount": 1100.0})],
    "price": [("manage_ecard", {"action": "退款", "amount": 100.5})],
    "buy": [("manage_order", PLACE), ("manage_ecard", USE), ("manage_urgent", {"order_id": reference.PLACED})],
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the loaded shop. Never opened again: copies are."""
    folder = tmp_path_factory.mktemp("ecom")
    asyncio.run(imported(written(folder / "files"), folder / "shop.db"))
    return folder / "shop.db"


async def replayed(name: str, actions: list[tuple[str, dict[str, Any]]], pristine: Path) -> str:
    task = Task(name, USER, tuple((tool, {**HERE, **given}) for tool, given in actions))
    return await measure.replayed(task, files(), pristine, replay.rules())


@pytest.mark.parametrize("name", TASKS)
async def test_every_tool_comes_to_the_same_by_our_verbs(name: str, pristine: Path) -> None:
    assert await replayed(name, TASKS[name], pristine) == ""


@pytest.mark.parametrize("name", TASKS)
def test_the_oracle_sees_that_a_tool_was_used(name: str) -> None:
    data = files()
    before = copy.deepcopy(reference.state(data))
    assert all(reference.apply(data, tool, {**HERE, **given}) for tool, given in TASKS[name])
    assert measure.difference(name, before, _as_ours(reference.state(data))) != ""


def _as_ours(found: dict[str, Any]) -> dict[str, Any]:
    """With a status as our state has it: all words for it."""
    return {key: {**entry, "status": (entry["status"],)} if "status" in entry else entry for key, entry in found.items()}


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ([("manage_return", {"order_id": "102"})], "action_return_items: status"),
        (
            [("manage_exchange", {"order_id": "100", **EXCHANGE, "exchange_product_id": "203"})],
            "action_change_items: no_stock",
        ),
        ([("manage_urgent", {"order_id": "102"})], "action_rush_order: times"),
        ([("manage_ecard", {"action": "退款", "amount": 5})], "no verb gave 5 back to the e-card"),
        ([("manage_order", PLACE), ("manage_ecard", {**USE, "quantity": 1})], "e-card u-li: balance is 290000, not 295000"),
    ],
)
async def test_what_a_verb_refuses_or_does_otherwise_is_told(
    actions: list[tuple[str, dict[str, Any]]], said: str, pristine: Path
) -> None:
    assert said in await replayed("task", actions, pristine)


def test_the_pack_can_be_laid_over_the_defaults() -> None:
    check_pack(replay.PACK)


async def test_the_visible_tasks_come_to_the_same_but_one() -> None:
    try:
        measure.ecom_bench()
    except NoData as missing:
        pytest.skip(str(missing))
    figures = await measure.measure(Console(quiet=True))
    # its agent places an order of one product and pays the e-card's price of another
    assert [problem.partition(":")[0] for problem in figures["different"]] == ["task 24"]
