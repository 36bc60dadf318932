"""Sealing: a round trip for everything, with keys, without, and after a change of keys; and no key that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadSettings
from bot.private import private_folder, write_private
from bot.sealing import OPEN, Sealer, new_key
from bot.settings import Settings

OLD, NEW = new_key(), new_key()
BOTH = Sealer.of(f"{NEW}, {OLD}")
TEXTS = st.text() | st.builds("\x02{}{}".format, st.sampled_from(["sealed:", "plain:"]), st.text())


@given(TEXTS)
def test_what_is_sealed_is_read_again_and_with_a_key_by_nobody_else(text: str) -> None:
    for sealer in (OPEN, Sealer.of(OLD)):
        assert sealer.unseal(sealer.seal(text)) == text
        assert BOTH.unseal(sealer.seal(text)) == text
        assert BOTH.unseal(BOTH.reseal(sealer.seal(text))) == text
        assert Sealer.of(NEW).unseal(BOTH.reseal(sealer.seal(text))) == text
    assert len(text) < 12 or text not in BOTH.seal(text)


@given(st.binary(max_size=2000))
def test_pictures_too(data: bytes) -> None:
    for sealer in (OPEN, Sealer.of(OLD)):
        assert sealer.unseal_bytes(sealer.seal_bytes(data)) == data
        assert Sealer.of(NEW).unseal_bytes(BOTH.reseal_bytes(sealer.seal_bytes(data))) == data


def test_sealing_anew_leaves_what_is_sealed_with_the_newest_key() -> None:
    text, data = BOTH.seal("a"), BOTH.seal_bytes(b"a")
    assert (BOTH.reseal(text), BOTH.reseal_bytes(data)) == (text, data)


def test_without_the_key_nothing_is_guessed() -> None:
    for other in (OPEN, Sealer.of(NEW)):
        with pytest.raises(BadSettings, match="STREAMDESK_DATA_KEYS"):
            other.unseal(Sealer.of(OLD).seal("a"))
        with pytest.raises(BadSettings, match="STREAMDESK_DATA_KEYS"):
            other.unseal_bytes(Sealer.of(OLD).seal_bytes(b"a"))


@pytest.mark.parametrize(
    "keys",
    ["hunter2", f"{OLD},{OLD[:-2]}", f"{OLD} {NEW}", "é" * 44],
    ids=["a word", "one cut off", "no comma", "no base64"],
)
def test_a_bad_key_is_refused_at_the_start_and_not_shown(tmp_path: Path, keys: str) -> None:
    (tmp_path / "config.yml").write_text("")
    with pytest.raises(BadSettings, match=r"STREAMDESK_DATA_KEYS.*key \d is none") as refused:
        Settings.load(tmp_path / "config.yml", {"STREAMDESK_DATA_KEYS": keys})
    assert keys not in f"{refused.value} {refused.value.__cause__}"


def test_files_are_made_for_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    before = os.umask(0)
    try:
        private_folder(tmp_path / "a" / "b")
        write_private(tmp_path / "c" / "export.json", b"{}")
    finally:
        os.umask(before)
    made = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
    assert made == {"a": "0o700", "b": "0o700", "c": "0o700", "export.json": "0o600"}
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "c" / "export.json", b"{}")
