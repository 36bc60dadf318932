"""The benchmark's arithmetic and its reports. Nothing here waits for a clock."""

import dataclasses
import io
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx
import numpy as np
import orjson
import pytest
from aiohttp import web
from rich.console import Console

from bot.errors import Unavailable
from bot.settings import Settings
from evals import bench, bench_floor, bench_load, bench_service
from evals.bench import FLOOR, OURS, Machine, Result, level_rows, print_report, report_rows, save
from evals.bench_install import Install, Size, folder_size, keep, noted, package_size, size
from evals.bench_load import QUESTIONS, Answer, Level, percentile, say, script, senders_at, shares, summarise
from evals.bench_service import Indexing, Memory, Start, home_environment, indexing, memory, parse_memory, rasa_parts
from evals.data import NoData
from knowledge.index import FileReport, LoadReport
from tests.local_server import serving

STATUS = """Name:	streamdesk
VmPeak:	 2664224 kB
VmHWM:	  996168 kB
VmRSS:	  900000 kB
Threads:	12
"""


def level(senders: int, p50_ms: float, turns_per_s: float, errors: dict[str, int] | None = None) -> Level:
    return Level(senders, 300, errors or {}, 300 / turns_per_s, p50_ms, p50_ms * 3, turns_per_s)


@pytest.fixture
def result() -> Result:
    return Result(
        at="2026-11-24T16:00:05+00:00",
        version="0.1.0",
        machine=Machine(2, 24 * 2**30, "3.11.7", "Linux", 0.5),
        turns=300,
        size=Size(2_000_000_000, 500_000_000),
        install=None,
        indexing=Indexing(40, 400, 8.0),
        starts=(Start(4.0, 5.5), Start(9.0, 9.5), Start(5.0, 6.0)),
        memory_after_start=Memory(900_000_000, 950_000_000),
        memory_after_load=None,
        levels={
            FLOOR: (level(1, 2.0, 400.0), level(8, 8.0, 800.0)),
            OURS: (level(1, 20.0, 40.0), level(8, 160.0, 40.0, {"HTTP 503": 2, "no reply": 1})),
        },
        skipped=("Rasa skipped: there is none.",),
    )


# ---------------------------------------------------------------- load


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 50, 7.0),
        ([7.0], 99, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.0),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 101)), 100, 100),
        (list(range(300)), 99, 296),
        ([5.0, 5.0, 5.0], 99, 5.0),
        ([1.0, 2.0], 0, 1.0),
    ],
)
def test_percentile_is_the_nearest_rank(values: Sequence[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == expected


@pytest.mark.parametrize("percent", [1, 25, 50, 90, 99])
def test_percentile_agrees_with_numpy(percent: float) -> None:
    values = np.random.default_rng(7).lognormal(3, 1, 301).tolist()
    assert percentile(values, percent) == np.percentile(values, percent, method="inverted_cdf")


@pytest.mark.parametrize(("turns", "senders"), [(300, 1), (300, 8), (300, 32), (32, 32)])
def test_shares_make_up_the_turns(turns: int, senders: int) -> None:
    found = shares(turns, senders)
    assert (len(found), sum(found)) == (senders, turns)
    assert max(found) - min(found) <= 1


def test_a_script_starts_at_its_own_question_and_goes_round() -> None:
    assert script(2, 3) == list(QUESTIONS[2:5])
    assert script(0, len(QUESTIONS) + 1)[-1] == QUESTIONS[0]


def test_the_questions_are_in_both_languages_and_of_their_own() -> None:
    chinese = [text for text in QUESTIONS if any("一" <= character <= "鿿" for character in text)]
    assert len(QUESTIONS) == len(set(QUESTIONS)) == 24
    assert len(chinese) == 11


def test_a_level_counts_errors_apart_from_what_was_answered() -> None:
    answers = [Answer(10.0), Answer(30.0), Answer(20.0), Answer(999.0, "HTTP 503"), Answer(60_000.0, "ReadTimeout")]
    assert summarise(8, answers, 2.0) == Level(8, 3, {"HTTP 503": 1, "ReadTimeout": 1}, 2.0, 20.0, 30.0, 1.5)


def test_a_level_without_an_answer_has_no_figures() -> None:
    with pytest.raises(Unavailable, match="none of 2 messages"):
        summarise(1, [Answer(1.0, "ConnectError")] * 2, 1.0)


async def test_what_is_wrong_with_an_answer_is_named() -> None:
    async def respond(request: web.Request) -> web.Response:
        match (await request.json())["message"]:
            case "busy":
                return web.Response(status=503)
            case "silent":
                return web.json_response([])
            case "broken":
                assert request.transport is not None
                request.transport.close()
        return web.json_response([{"recipient_id": "ann", "text": "hello"}])

    async with serving(_door(respond)) as address, senders_at(f"http://{address}") as session:
        errors = [(await say(session, "ann", text)).error for text in ("hi", "busy", "silent", "broken")]
    assert errors == ["", "HTTP 503", "no reply", "ServerDisconnectedError"]


async def test_a_level_is_as_many_turns_of_as_many_senders() -> None:
    senders: list[str] = []

    async def respond(request: web.Request) -> web.Response:
        senders.append((await request.json())["sender"])
        return web.json_response([{"text": "hello"}])

    async with serving(_door(respond)) as address:
        found = await bench_load.load(f"http://{address}", 3, 10)
    assert (found.senders, found.turns, found.errors) == (3, 10, {})
    assert sorted(Counter(senders).values()) == [3, 3, 4]


def _door(respond: Callable[[web.Request], Awaitable[web.Response]]) -> web.Application:
    async def healthy(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get(bench_load.HEALTH, healthy)
    app.router.add_post(bench_load.WEBHOOK, respond)
    return app


async def test_the_floor_keeps_the_contract() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bench_floor.app), base_url="http://floor") as client:
        assert (await client.get(bench_load.HEALTH)).status_code == 200
        response = await client.post(bench_load.WEBHOOK, json={"sender": "ann", "message": "你好"})
    assert response.json() == [{"recipient_id": "ann", "text": bench_floor.REPLY}]


# ---------------------------------------------------------------- the service


def test_memory_is_read_in_bytes() -> None:
    assert parse_memory(STATUS) == Memory(rss=900_000 * 1024, peak=996_168 * 1024)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_memory_of_this_process() -> None:
    found = memory(os.getpid())
    assert found is not None
    assert 0 < found.rss <= found.peak


def test_the_service_under_measurement_keeps_to_its_home(tmp_path: Path) -> None:
    settings = Settings.load(environment=home_environment(tmp_path, 4711))
    places = (settings.storage.url, settings.shop.url, str(settings.shop.pictures), str(settings.knowledge.index))
    assert all(str(tmp_path) in place for place in places)
    assert settings.channels.web.port == 4711
    assert settings.knowledge.models == Settings.load(environment={}).knowledge.models
    assert not (settings.channels.telegram.enabled or settings.channels.slack.enabled or settings.llm.model)


def test_indexing_counts_only_what_was_taken() -> None:
    files = (FileReport("a.md", "taken", 30), FileReport("b.md", "taken", 10), FileReport("c.md", "refused", problem="?"))
    found = indexing(LoadReport(files, encoded=38, seconds=4.0))
    assert found == Indexing(documents=2, passages=40, seconds=4.0)
    assert (found.ms_per_document, found.passages_per_s) == (2000.0, 10.0)


def test_rasa_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise NoData("there is no environment.")

    monkeypatch.setattr(bench_service, "rasa_command", missing)
    assert rasa_parts() == "Rasa skipped: there is no environment."


async def test_the_floor_is_an_action_server_that_costs_nothing() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bench_floor.app), base_url="http://floor") as client:
        answers = [
            (await client.post("/webhook", json={"next_action": f"action_{n}"})).json() for n in ("answer", "language")
        ]
    assert answers == [{"events": [], "responses": [{"text": bench_floor.REPLY}]}, {"events": [], "responses": []}]


async def test_a_service_that_ends_at_once_is_shown_with_its_log(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", "echo no such shop; exit 3")
    with pytest.raises(Unavailable, match="no such shop"):
        async with bench_service._running(command, tmp_path, bench_service.free_port(), "/ready"):
            pytest.fail("it never was ready")


# ---------------------------------------------------------------- size


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/lib.so").write_bytes(b"x" * 700)
    (tmp_path / "other.py").write_bytes(b"x" * 200)
    info = tmp_path / "torch-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: torch\nVersion: 1.0\n", encoding="utf-8")
    (info / "RECORD").write_text("torch/lib.so,,700\ntorch/gone.py,,50\n", encoding="utf-8")
    return tmp_path


def test_size_of_an_environment_and_of_torch_in_it(site_packages: Path) -> None:
    (site_packages / "link.so").symlink_to(site_packages / "torch/lib.so")
    texts = sum(file.stat().st_size for file in (site_packages / "torch-1.0.dist-info").iterdir())
    assert size(site_packages) == Size(site_packages=900 + texts, torch=700)
    assert folder_size(site_packages / "torch") == 700


def test_size_of_a_package_that_is_not_there(tmp_path: Path) -> None:
    assert package_size("torch", tmp_path) == 0


def test_the_last_install_is_remembered(tmp_path: Path) -> None:
    note = tmp_path / "bench/install.json"
    assert noted(note) is None
    installed = Install("2026-11-24T16:00:00+00:00", 210.5, Size(10, 5))
    keep(installed, note)
    assert noted(note) == installed


# ---------------------------------------------------------------- the report


def test_rows_give_figure_and_unit(result: Result) -> None:
    rows = {row[0].strip(): row[1:3] for row in report_rows(result)}
    assert rows == {
        "site-packages": ("2,000", "MB"),
        "of it torch": ("500", "MB"),
        "install time": ("-", "s"),
        "start until ready": ("5.00", "s"),
        "start until first answer": ("6.00", "s"),
        "memory after the start": ("900", "MB"),
        "peak memory after the start": ("950", "MB"),
        "memory after the load": ("-", "MB"),
        "index a document": ("200", "ms"),
        "index passages": ("50.0", "1/s"),
    }


def test_rows_give_the_install_that_was_measured(result: Result) -> None:
    installed = Install("2026-11-24T15:00:00+00:00", 210.5, Size(1_900_000_000, 500_000_000))
    rows = {row[0].strip(): row[1:3] for row in report_rows(dataclasses.replace(result, install=installed))}
    assert rows["install time"] == ("210", "s")
    assert rows["installed for service"] == ("1,900", "MB")


def test_level_rows_compare_with_the_bare_door_at_the_same_level(result: Result) -> None:
    assert level_rows(result.levels) == [
        ("1", FLOOR, "300", "0", "2.0", "6.0", "400.0", "1.0", "1.000"),
        ("1", OURS, "300", "0", "20.0", "60.0", "40.0", "10.0", "0.100"),
        ("8", FLOOR, "300", "0", "8.0", "24.0", "800.0", "1.0", "1.000"),
        ("8", OURS, "300", "2 HTTP 503, 1 no reply", "160.0", "480.0", "40.0", "20.0", "0.050"),
    ]


def test_the_printed_report_says_what_was_left_out(result: Result) -> None:
    text = io.StringIO()
    print_report(result, Console(file=text, width=140))
    assert "2 cores, 24 GiB RAM, Python 3.11.7" in text.getvalue()
    assert "Rasa skipped: there is none." in text.getvalue()


def test_the_json_holds_every_figure_and_the_machine(result: Result, tmp_path: Path) -> None:
    file = save(result, tmp_path)
    assert file.name == "bench-20261124T160005.json"
    assert file.read_bytes() == (tmp_path / "latest.json").read_bytes()
    values = orjson.loads(file.read_bytes())
    assert set(values) == {field.name for field in dataclasses.fields(Result)}
    assert values["machine"] == {
        "cores": 2, "ram": 24 * 2**30, "python": "3.11.7", "system": "Linux", "load_average": 0.5,
    }  # fmt: skip
    assert values["levels"][OURS][1]["errors"] == {"HTTP 503": 2, "no reply": 1}
    assert values["memory_after_load"] is None


def test_too_few_turns_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "--turns", "3"])
    with pytest.raises(SystemExit):
        bench.main()
    assert "at least one a sender" in capsys.readouterr().err
