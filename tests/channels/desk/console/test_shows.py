"""Shows of live rooms in the console: which there were, and the report of each, for owners alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from bot.errors import BadInput, StorageUnavailable
from bot.fakes import EPOCH
from bot.shows import Show
from tests.channels.desk.conftest import Site

SHOWS, REPORT = "/desk/api/console/shows", "/desk/api/console/shows/report"
SHOW = Show("main", EPOCH, EPOCH + timedelta(hours=2))
ASKED = {"room": "main", "since": SHOW.since.isoformat(), "until": SHOW.until.isoformat(), "language": "en"}


@dataclass
class Reports:
    """One show, with a report that says what it was asked for."""

    shows: list[Show] = field(default_factory=lambda: [SHOW])
    broken: bool = False

    async def last(self, most: int) -> list[Show]:
        """Those of the test."""
        if self.broken:
            raise StorageUnavailable("away")
        return self.shows[:most]

    async def page(self, room: str, since: str, until: str, language: str) -> str:
        """Its words."""
        if since > until:
            raise BadInput("is no span of time.", where="since", remedy="Give the earlier one first.")
        return f"<!doctype html><title>{room} {since} {until} {language}</title>"


@pytest.fixture
def reports(site: Site) -> Reports:
    reports = Reports()
    site.shows.open(reports)
    return reports


@pytest.mark.usefixtures("reports")
async def test_owners_alone_see_them(site: Site, mia: httpx.AsyncClient, boss: httpx.AsyncClient) -> None:
    for path, params in ((SHOWS, {}), (REPORT, ASKED)):
        async with site.browser() as nobody:
            assert (await nobody.get(path, params=params)).status_code == 401
            await nobody.post("/desk/api/login", json={"name": "hans", "password": "a long password"})
            assert (await nobody.get(path, params=params)).status_code == 401, "a host has no session"
        assert (await mia.get(path, params=params)).status_code == 403
        assert (await boss.get(path, params=params, headers={"origin": "https://evil.example"})).status_code == 403
        assert (await boss.get(path, params=params)).status_code == 200


@pytest.mark.usefixtures("reports")
async def test_a_listed_show_opens_its_report(boss: httpx.AsyncClient) -> None:
    (show,) = (await boss.get(SHOWS)).json()["shows"]
    assert show == {key: ASKED[key] for key in ("room", "since", "until")}
    page = await boss.get(REPORT, params=show | {"language": "en"})
    assert f"<title>main {show['since']} {show['until']} en</title>" in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"] and page.headers["cache-control"] == "no-store"


async def test_what_cannot_be_shown_says_why(boss: httpx.AsyncClient, reports: Reports) -> None:
    refused = await boss.get(REPORT, params=ASKED | {"since": ASKED["until"], "until": ASKED["since"]})
    assert (refused.status_code, refused.json()["key"]) == (422, "since")
    reports.broken = True
    assert (await boss.get(SHOWS)).status_code == 503


async def test_a_service_without_rooms_has_no_shows(boss: httpx.AsyncClient) -> None:
    assert (await boss.get(SHOWS)).json() == {"shows": []}
    assert (await boss.get(REPORT, params=ASKED)).status_code == 404
