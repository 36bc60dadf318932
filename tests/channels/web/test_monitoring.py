"""docs/prometheus-rules.yml and docs/grafana.json name metrics that /metrics prints, with labels that these have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from bot.fakes import EPOCH
from bot.types import ConversationKey, Language, Message, Parse, Turn
from tests.channels.web.conftest import Web

DOCS = Path(__file__).parents[3] / "docs"
RULES = [rule for group in YAML(typ="safe").load(DOCS / "prometheus-rules.yml")["groups"] for rule in group["rules"]]
BOARD: dict[str, Any] = orjson.loads((DOCS / "grafana.json").read_bytes())
QUERIES = [rule["expr"] for rule in RULES] + [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
QUERIES += [variable["query"] for variable in BOARD["templating"]["list"] if variable["type"] == "query"]
# What the scraper itself adds.
SCRAPED = {"instance", "job"}
NAME = r"\b(?:streamdesk|process)_\w+"


async def printed(web: Web, client: httpx.AsyncClient) -> dict[str, set[str]]:
    """The labels of each metric, once turns were observed."""
    message = Message("m", ConversationKey("web", "", "u"), "hi", EPOCH)
    web.metrics.observe(Turn(message, Parse(Language.EN, (), stage="rules"), timings={"total": 4.0}))
    web.metrics.observe(Turn(message, None, error="ShopUnavailable: gone"))
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families((await client.get("/metrics")).text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


async def test_every_metric_and_label_is_there(web: Web, client: httpx.AsyncClient) -> None:
    found = await printed(web, client)
    for query in QUERIES:
        names = re.findall(NAME, query)
        known: set[str] = SCRAPED.union(*(found[name] for name in names))
        labels = re.findall(r"(\w+)\s*(?:=~|!=|=)\s*\"", query)
        labels += [label.strip() for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(",")]
        assert set(labels) <= known, query
        recorded = {rule["record"] for rule in RULES if "record" in rule}
        assert names or any(record in query for record in recorded), query


async def test_what_is_not_there_is_noticed(web: Web, client: httpx.AsyncClient) -> None:
    assert "streamdesk_turns" not in await printed(web, client)


@pytest.mark.parametrize("rule", [rule for rule in RULES if "alert" in rule], ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_what(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "warn")
    assert rule["annotations"]["summary"].endswith(".")
