"""The real Kokoro, where its packages and voices are installed: `make voice`."""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from channels.stage.voice.kokoro import Kokoro
from channels.stage.voice.kokoro_files import PARTS, load_kokoro
from channels.stage.voice.loudness import TARGET_LUFS, lufs
from channels.stage.voice.speech import Speech

VOICES = Path("var/voices")
WANTED = {"zh": "zf_xiaoxiao", "en": "af_heart"}
MISSING = [name for name in (*PARTS, "misaki", "kokoro_onnx") if find_spec(name) is None]

pytestmark = pytest.mark.skipif(bool(MISSING) or not (VOICES / "af_heart.bin").exists(), reason="needs `make voice`")


@pytest.fixture
async def kokoro() -> AsyncIterator[Kokoro]:
    async with load_kokoro(VOICES, tuple(WANTED.values())) as loaded:
        yield loaded


async def test_it_speaks_both_languages_in_time_with_its_lips(kokoro: Kokoro) -> None:
    speech = Speech({"kokoro": (kokoro, WANTED)})
    for text, language in (("¥99，满300减40。", "zh"), ("Only ¥99 today.", "en")):
        clips = [clip async for clip in speech.say(text, language, "kokoro")]
        for clip in clips:
            assert lufs(clip.sound) == pytest.approx(TARGET_LUFS, abs=1)
            assert clip.timings[-1].end == pytest.approx(clip.seconds, abs=0.2)
            assert len({timing.viseme for timing in clip.timings}) > 3
