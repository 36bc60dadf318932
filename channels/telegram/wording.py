"""The few words that this channel says itself, in every language of the bot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.types import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. `greeting` is what pressing Telegram's own Start button says to the bot."""

    source: str
    superseded: str
    agent: str
    choose: str
    view: str
    greeting: str
    text_only: str
    photo_failed: str
    failed: str


_ZH = Words(
    source="来源：",
    superseded="旧规定，已被取代：",
    agent="（人工客服）",
    choose="请选择：",
    view="查看商品",
    greeting="你好",
    text_only="我只看得懂文字和图片～请打字或者发张图给我。",
    photo_failed="这张图我没收到，请再发一次，JPG 或 PNG，不超过 8 MB。",
    failed="不好意思，刚才那条没处理成，请再发一次。",
)
_ZH_HANT = Words(
    source="來源：",
    superseded="舊規定，已被取代：",
    agent="（人工客服）",
    choose="請選擇：",
    view="查看商品",
    greeting="你好",
    text_only="我只看得懂文字和圖片～請打字或者發張圖給我。",
    photo_failed="這張圖我沒收到，請再發一次，JPG 或 PNG，不超過 8 MB。",
    failed="不好意思，剛才那則沒處理成，請再發一次。",
)
_EN = Words(
    source="Source: ",
    superseded="Superseded: ",
    agent=" (support)",
    choose="Please choose:",
    view="View product",
    greeting="Hello",
    text_only="I can only read text and photos. Please type your question, or send a picture.",
    photo_failed="I couldn't get that picture. Please send it again as a JPG or PNG of at most 8 MB.",
    failed="Sorry, that didn't go through. Please send it again.",
)
_WORDS = {Language.ZH: _ZH, Language.ZH_HANT: _ZH_HANT, Language.EN: _EN}


def words_in(language: Language) -> Words:
    """The words of a reply's language."""
    return _WORDS[language]


def words_for(locale: str | None) -> Words:
    """The words for a person whose Telegram is set to `locale`; Chinese, the bot's first language, where it is unknown."""
    tag = (locale or Language.ZH).lower()
    if not tag.startswith("zh"):
        return _EN
    return _ZH_HANT if any(part in tag for part in ("hant", "tw", "hk", "mo")) else _ZH
