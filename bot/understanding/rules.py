"""The first stage: what needs no guessing. Payloads of buttons, training examples, plain calls for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from bot.text import normal
from bot.understanding.training_data import Example

# `/intent` or `/intent{"slot": "value"}`, as Rasa's buttons send it.
_PAYLOAD = re.compile(r"^/([a-z_][a-z0-9_]*)\s*(\{.*\})?$", re.DOTALL)
_NOT_SAID = re.compile(r"[\s，。！？、；：,.!?;:~～…'\"“”‘’()（）-]+")
# Words at either end that carry no meaning: a greeting, a politeness, a particle.
_AROUND = re.compile(
    r"^(?:亲+|宝+子*|哈喽|嗨|那个|请问|麻烦|你好|您好|please|pls|hi|hello|hey)+|(?:呀|啊|呢|哦|哈|吧|谢谢|please|pls|thanks)+$"
)
_PERSON = re.compile(
    r"(?:转|找|要|叫|换|接|来)(?:个|一下|一个)?(?:人工|真人|客服|活人)|^人工(?:客服|服务)?$"
    r"|(?:talk|speak|chat|connect|transfer)\s+(?:me\s+)?(?:to|with)\s+(?:a\s+|an\s+|the\s+)?(?:real\s+|live\s+)?"
    r"(?:human|person|agent|representative|someone|staff)|^(?:human|agent|real person|representative)$"
)
REQUEST_HUMAN = "request_human"
# Of numbers only "666" and "23333" are words: they play with one digit or two.
_DIGITS_OF_A_WORD = 2


def payload(text: str) -> tuple[str, Mapping[str, Any]] | None:
    """The intent and slots of a button's payload, or None for a text that is none."""
    match = _PAYLOAD.match(text.strip())
    if match is None:
        return None
    try:
        slots = orjson.loads(match.group(2)) if match.group(2) else {}
    except orjson.JSONDecodeError:
        return None
    return match.group(1), slots if isinstance(slots, dict) else {}


class Exact:
    """Texts whose intent is known because somebody wrote it down."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._intents = {bare(example.text): example.intent for example in examples if bare(example.text)}

    def intent(self, text: str) -> str | None:
        """The intent of a text that is an example, give or take punctuation and politeness; None for others."""
        plain = bare(text)
        if plain in self._intents:
            return self._intents[plain]
        if _PERSON.search(normal(text)):
            return REQUEST_HUMAN
        stripped = _AROUND.sub("", plain)
        return self._intents.get(stripped) if stripped else None


def is_number(text: str) -> bool:
    """Whether a text is a number, a code or a date: nothing that says what its writer wants."""
    digits = {char for char in text if char.isdigit()}
    return len(digits) > _DIGITS_OF_A_WORD and not any(char.isalpha() for char in text)


def bare(text: str) -> str:
    """A text without what does not matter: case, script, spaces between Chinese, punctuation at the ends."""
    plain = normal(text)
    if plain.isascii():
        return " ".join(_NOT_SAID.sub(" ", plain).split())
    return _NOT_SAID.sub("", plain)
