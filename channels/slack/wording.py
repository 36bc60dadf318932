"""The words that the desk says to agents: in threads in the customer's language, in hints in the agent's own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.types import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. `colleague` names an agent whose name Slack withholds."""

    wanted: str
    customer: str
    language: str
    web: str
    live: str
    reason: str
    said: str
    talk: str
    colon: str
    back: str
    how_to: str
    handed_back: str
    colleague: str
    edited: str
    deleted: str
    files: str
    failed: str
    first_answer: str
    resolution: str
    near: str
    missed: str
    nobody: str
    until: str


_ZH = Words(
    wanted="有顾客找人工",
    customer="顾客",
    language="中文",
    web="网页聊天",
    live="直播间",
    reason="为什么转人工",
    said="顾客说了什么",
    talk="之前的对话",
    colon="：",
    back="转回机器人",
    how_to="在这条消息下回复，顾客就能收到。// 开头的是同事间的备注，不会发给顾客。处理完点按钮，或者回复“转回机器人”。",
    handed_back="机器人已经接回对话。在这里回复，可以再次接手。",
    colleague="客服",
    edited="顾客收到的还是改之前的那条。要更正，请再发一条。",
    deleted="删掉的那条顾客已经收到了，在这里删除收不回来。",
    files="文件和图片不会转给顾客，请改用文字或链接。",
    failed="刚才那条没有转给顾客，请再发一次。",
    first_answer="首次回复",
    resolution="处理完成",
    near="快到时限",
    missed="已超时限",
    nobody="还没有人接手",
    until="时限",
)
_ZH_HANT = Words(
    wanted="有顧客找真人客服",
    customer="顧客",
    language="繁體中文",
    web="網頁聊天",
    live="直播間",
    reason="為什麼轉人工",
    said="顧客說了什麼",
    talk="之前的對話",
    colon="：",
    back="轉回機器人",
    how_to="在這則訊息下回覆，顧客就能收到。// 開頭的是同事間的備註，不會傳給顧客。處理完按按鈕，或者回覆「轉回機器人」。",
    handed_back="機器人已經接回對話。在這裡回覆，可以再次接手。",
    colleague="客服",
    edited="顧客收到的還是修改前的那則。要更正，請再傳一則。",
    deleted="刪掉的那則顧客已經收到了，在這裡刪除收不回來。",
    files="檔案和圖片不會轉給顧客，請改用文字或連結。",
    failed="剛才那則沒有轉給顧客，請再傳一次。",
    first_answer="首次回覆",
    resolution="處理完成",
    near="快到時限",
    missed="已超過時限",
    nobody="還沒有人接手",
    until="時限",
)
_EN = Words(
    wanted="A customer asks for a person",
    customer="Customer",
    language="English",
    web="web chat",
    live="live room",
    reason="Why",
    said="What the customer said",
    talk="The conversation so far",
    colon=": ",
    back="Back to the bot",
    how_to=(
        "Reply in this thread and the customer gets it. Start with // for a note that stays among colleagues. "
        "When you are done, press the button or reply “back to the bot”."
    ),
    handed_back="The bot has the conversation again. Reply here to take it over once more.",
    colleague="Support",
    edited="The customer has this as you first sent it. To correct it, send another message.",
    deleted="The customer already has the message you deleted; deleting it here does not take it back.",
    files="Files and pictures do not reach the customer from here. Please use words or a link.",
    failed="That did not reach the customer. Please send it again.",
    first_answer="First answer",
    resolution="Resolution",
    near="is nearly due",
    missed="is overdue",
    nobody="nobody has it yet",
    until="due",
)
_WORDS = {Language.ZH: _ZH, Language.ZH_HANT: _ZH_HANT, Language.EN: _EN}
# What an agent types to give the conversation back, in every language, in the form that `is_hand_back` compares.
_HAND_BACK = {"".join(words.back.casefold().split()) for words in _WORDS.values()}


def words_in(language: Language) -> Words:
    """The words of a customer's language."""
    return _WORDS[language]


def words_for(locale: str) -> Words:
    """The words for an agent whose Slack is set to `locale`, such as en-US; English where it is unknown."""
    tag = locale.lower()
    if not tag.startswith("zh"):
        return _EN
    return _ZH_HANT if tag.endswith(("tw", "hk", "mo")) else _ZH


def is_hand_back(text: str) -> bool:
    """Whether an agent's message gives the conversation back to the bot."""
    return "".join(text.casefold().split()).strip(".!。！~～") in _HAND_BACK
