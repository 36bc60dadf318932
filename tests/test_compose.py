"""compose.yml and the Dockerfile, as far as that can be told without Docker: they name what is there, and no secret."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
from ruamel.yaml import YAML

from bot.cli import app
from bot.settings import SECRETS, Settings
from bot.workers import check_shareable

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yml").read_text("utf-8"))
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "streamdesk"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
GIVEN = {"POSTGRES_PASSWORD": "secret"}


def filled(text: str) -> str:
    """A value with its variables as Compose fills them: NAME, NAME:-default, NAME:?why."""
    return re.sub(
        r"\$\{(\w+)(?::([-?])([^}]*))?\}", lambda found: GIVEN.get(found[1]) or (found[3] if found[2] == "-" else ""), text
    )


def environment_of(service: str) -> dict[str, str]:
    return {name: filled(value) for name, value in COMPOSE["services"][service]["environment"].items()}


def test_every_service_and_volume_that_is_named_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert service.get("depends_on", {}).keys() <= COMPOSE["services"].keys()
        for name, needed in service.get("depends_on", {}).items():
            assert needed["condition"] != "service_healthy" or "healthcheck" in COMPOSE["services"][name]
        named = {volume.split(":")[0] for volume in service.get("volumes", ()) if volume[0] not in "./$"}
        assert named <= COMPOSE["volumes"].keys()


@pytest.mark.parametrize("service", OURS)
def test_its_environment_is_one_that_the_settings_take_and_workers_can_share(service: str) -> None:
    settings = Settings.load(ROOT / "config.yml", environment_of(service))
    check_shareable(2, settings)
    urls = (settings.storage.url, settings.redis.url, settings.limits.storage, settings.knowledge.chroma_url)
    hosts = {re.split(r"[:/]", url.split("@")[-1].split("://")[-1])[0] for url in urls}
    assert hosts == {"postgres", "redis", "chroma"}


@pytest.mark.parametrize("service", OURS)
def test_its_command_is_one_of_ours(service: str) -> None:
    name, *words = shlex.split(COMPOSE["services"][service]["command"])
    group = typer.main.get_command(app)
    command = group.get_command(None, name)  # type: ignore[attr-defined]
    words = [str(ROOT) if word.startswith("/") else word for word in words]
    with command.make_context(name, words) as context:
        assert name != "serve" or context.params["workers"] == 2


def test_the_port_is_the_service_s_own_and_open_to_this_machine_alone() -> None:
    (port,) = COMPOSE["services"]["streamdesk"]["ports"]
    address, _, inside = port.rpartition(":")
    settings = Settings.load(ROOT / "config.yml", environment_of("streamdesk"))
    assert address.startswith("127.0.0.1:")
    assert int(inside) == settings.channels.web.port
    assert f"EXPOSE {inside}" in DOCKERFILE


def test_no_secret_is_written_down() -> None:
    for name, value in COMPOSE["services"]["streamdesk"]["environment"].items():
        assert name not in SECRETS or re.fullmatch(r"\$\{\w+:-\}", value)
    assert not any(secret in DOCKERFILE for secret in SECRETS)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {".env", "var", ".git"} <= set(ignored)


def test_the_image_installs_what_make_installs_and_serves_as_nobody_special() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    torch = re.search(r'"torch==[\d.]+"', makefile)
    assert torch and torch[0] in DOCKERFILE
    assert DOCKERFILE.count("-c constraints.txt") == DOCKERFILE.count("pip install")
    user = DOCKERFILE.index("\nUSER streamdesk")
    assert user < DOCKERFILE.index("\nENTRYPOINT")
    assert "/ready" in DOCKERFILE[user:]


def test_the_constraints_that_are_copied_are_in_the_project() -> None:
    files = subprocess.run(
        ["git", "ls-files", "constraints.txt"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert files.strip() == "constraints.txt"


def test_chroma_is_of_the_version_of_its_client() -> None:
    pinned = re.search(r"^chromadb==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert pinned and COMPOSE["services"]["chroma"]["image"] == f"chromadb/chroma:{pinned[1]}"
