"""Whether a reply is a yes to what would be written: a closed grammar of assent. Pure functions.

A reply is taken apart into units (Han characters, Latin words, emoji) and read as phrases from here. It is a yes only where
every unit belongs to such a phrase and one of them assents. So whatever nobody thought of is no yes: a question, a doubt, a
condition, a no, another wish, a new value all leave units over. What only `leans_to_yes` is one where the decision that was
learned from many replies (decisions.py) is sure of it, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache

from bot.asking import asks
from bot.text import normal
from bot.understanding.verbs import VERBS_EN, VERBS_ZH

# A yes is short. Units.
_LONGEST = 24
_UNIT = re.compile(r"[㐀-䶿一-鿿]|[a-z]+|\d+|\S")
# What looks of one letter written twice or five times is the same word: "yesss", "okk".
_DRAWN_OUT = re.compile(r"([a-z])\1+")
_ASKS = re.compile(r"[?？⁇❓❔¿]")
_HESITATES = re.compile(r"(?:\.{2,}|…+|。{2,})\W*$")
# Skin tones, presentation and joiners: parts of one emoji.
_OF_EMOJI = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u200d\u2640\u2642]")

# Assent that particles may follow, and the particles that leave it one. 吗, 么 and 嘛 ask, 什么 asks, 不 asks or denies.
_ROOTS_ZH = (
    "好 好的 可以 可以的 行 行的 成 ok ok的 okay 同意 确认 确定 没问题 没意见 办 提交 继续 办理 执行 就这么办 就这样办"
)
_PARTICLES_ZH = "吧 的 呀 啊 哦 喔 哈 啦 哒 滴 嘞 咧 呢 嗯 耶 哟 噢 了"
# With these particles the word asks for a yes, or says that something is over, instead of giving one.
_NOT_ASSENT_ZH = frozenset(
    {
        "没问题吧",
        "没意见吧",
        "好了",
        "行了",
        "成了",
        "可以了",
        "可以的了",
        "ok了",
        "okay了",
        "没问题了",
        "好的了",
        "确认呢",
        "确定呢",
        "确定吧",
        "同意呢",
        "办了",
        "办的",
        "继续呢",
        "提交了",
        "办呢",
    }
)
_ALONE_ZH = (
    "对 对的 对呀 对啊 对哒 对滴 对哦 是 是的 是滴 是哒 是呀 是啊 是我 是我本人 嗯 嗯嗯 嗯哼 恩 中 妥 要得 得 得嘞 "
    "没错 没毛病 没得问题 冇问题"
    " 没有问题 没有意见 正确 无误 批准 准了 允许 必须的 当然 当然可以 当然好 肯定 肯定的 我同意 我确认 我确定 "
    "我愿意 接受 我接受 系 系呀 系嘅 好嘅 安排"
    " 安排吧 走起 开始吧 来吧 弄吧 搞吧 操作吧 处理吧 做吧 办就是 照办 照做 照这样办 按这个办 按这个来 按这样办 "
    "就按这个 就按这个办 就按这个来 就照这个办"
    " 按你说的办 按你说的来 照你说的办 就这么定了 就这么定 这样可以 这样行 这样就行 这样就好 这样没问题 那好 haode "
    "keyi queren shide duide"
    " 可 允 阔以 闊以 欧克 同意了 确认了 确定了 确认无误 信息无误 核对无误 信息没错 都对 都没错 都可以"
    " 都没问题 就它了"
)
_ALONE_EN = (
    "yes yeah yea yep yup ye yah ya y yse eys aye sure surely ok okay okey okie oki k okeydokey kay alright"
    " fine correct right confirm confirmed comfirm confrim agree agreed approve approved accepted absolutely"
    " definitely defo certainly exactly indeed affirmative totally proceed continue submit"
)
_PHRASES_EN = (
    "hao de|ke yi|que ren|shi de|dui de|mei wenti|mei wen ti|okie dokie|okey dokey|okey doke|o k|sure thing"
    "|for sure|all right|all correct|no problem|no problems"
    "|no objection|no objections|not a problem|of course|by all means|go ahead|go on|go for it|go forward|do it"
    "|do that|do so"
    "|please do|make it so|lets do it|lets do that|let us do it|lets go|let us go|lets go ahead|sounds good|sounds great"
    "|sounds fine|sounds right|sounds perfect|looks good|looks great|looks fine|looks right|looks correct"
    "|looks perfect|good to go"
    "|fine by me|fine with me|ok by me|ok with me|okay with me|good with me|works for me|that works|it works"
    "|this works|thats fine"
    "|that is fine|thats ok|that is ok|thats okay|that is okay|thats right|that is right|thats correct|that is correct"
    "|its correct|it is correct|its right|that is good|thats good|thats what i want"
    "|that is what i want|i agree|yes i do|yes i would|im sure|i am sure|i confirm|i accept|i approve|i want that"
    "|i want it|i want this"
    "|i do want that|i want to|id like that|i would like that|you can|you may|you can go ahead|please go"
    "|i am ok with that"
    "|im ok with that|im fine with that|i am fine with that|im happy with that|i am happy with that|happy with that"
    "|uh huh|mm hm|mhm|yes sir|yes i am|very well|as you say|everything is correct|everything is right"
    "|you have my ok|consider it confirmed|confirm it|confirm that|confirm this|submit it|approve it|proceed with it"
    "|proceed with that|proceed with this|go ahead with it|go ahead with that|go ahead with this"
)
_EMOJI = "👍 👌 ✅ ✔ 🆗 🙆 ☑ 🫡"
_THANKS_ZH = "麻烦 麻烦你 麻烦您 辛苦 辛苦你 辛苦您 谢谢 谢谢你 谢谢您 谢 多谢 感谢 拜托"
# What goes along with a yes and says nothing by itself.
_ALONG = (
    "请 3q 亲 亲爱的 宝 宝宝 宝贝"
    " 客服 小姐姐 小哥哥 老板 您好 你好 那 那就 就 请你 请您 帮我 给我 替我 直接 现在 马上 立刻 立即 赶紧 赶快 快 "
    "快点 尽快 赶紧的 赶快的 这样 这么 太好了 很好 非常好 完美 棒"
    "|please pls plz plss thanks thank you thx thnx ty tysm tks cheers much so then now just and dear mate bro "
    "buddy man sir friend guys hi hello hey great perfect excellent cool nice good super lovely wonderful"
    " awesome asap immediately right away yes a lot very kindly yay"
    "|🙏 😊 😀 😄 🙂 😃 😁 🥰 😍 ❤ 💕 🌹 🎉 ✨ 💪 🤝 💯 🥳 ☺ 😘"
)
# "That's perfect", "sounds lovely": joy goes along with a yes, and is none by itself.
_PRAISED_EN = "thats|that is|its|it is|that sounds|that looks|that would be|thatd be"
_PRAISE_EN = "great perfect excellent good nice lovely wonderful awesome brilliant super fantastic amazing"
# Verbs that say nothing without what follows them.
_LIGHT = ("", "let", "give", "make", "tell", "take", "write", "set")
# Whole replies that say the opposite of their words.
_IRONY = frozenset({"yeah right", "yea right", "ya right", "yep right", "啊对对对", "啊对对"})
# A hum is no yes where it trails off.
_HUMS = frozenset({"嗯", "恩", "嗯嗯", "mhm", "ok", "k", "okay", "uh huh", "mm hm", "well", "好吧", "行吧", "alright"})
# Small words that make a question or a doubt of a reply without anything else to say. None of them denies by itself.
_PUZZLED = (
    "什么 啥 什么意思 啥意思 什么东西 怎么 怎么说 为什么 为啥 哪个 哪一个 谁 吗 么 嘛 呢 啊 哦 噢 吧 了 额 呃 哈 "
    "是不是 对不对 行不行 好不好 可不可以 能不能"
    " 行不 好不 可以不 对不 是不 真的 真的假的 你 您 说 要 再 一下 一遍 等等 等下 等一下 稍等 没懂 没看懂 没看明白 "
    "没明白 不懂 不明白 不太懂 看不懂"
    " 你说什么 干嘛 干什么 怎么回事 这是 不确定 不一定 不清楚 大概 应该 可能 也许 好像 差不多 随便 无所谓 都行 "
    "呵呵 哈哈 个头 个屁 你个头 极了 有点 多少"
    "|what why which who how huh eh hm um er erm excuse pardon sorry really seriously is are it that this do did "
    "does me the to"
    " mean means meaning again repeat say said wait maybe perhaps possibly probably might guess think suppose "
    "whatever idk unsure"
    " well confirming going happen happens happening be would could should can will if of about understand explain "
    "one more time"
)


# Whole replies of somebody who leaves it to others.
_INDIFFERENT = (
    "随便 随意 都行 都可以 都好 哪个都行 无所谓 不挑 你看着办 您看着办 看着办 你定 你来定 你决定 没什么原因 没原因 没有原因"
    " 没理由 不想说"
    "|whatever|any|anything|either|either is fine|either one|any is fine|anything is fine|doesnt matter|it doesnt matter"
    "|i dont mind|dont mind|dont care|i dont care|up to you|you decide|you choose|your choice|no preference|no reason"
    "|no particular reason|i would rather not say|rather not say|no idea"
)

# Of what is left of a reply beside its assent: words that deny, hedge, ask, set a condition or begin something else, from
# the closed classes of both languages, which no shop adds to.
_QUALIFIES = re.compile(
    "不|没|别|勿|未|甭|莫|非|但|可是|只是|然而|如果|要是|假如|除非|的话|先|等|才|再|吗|么|嘛|什|啥|怎|咋|哪|谁|多少|几|为何|点解"
    "|应该|大概|可能|也许|或许|好像|貌似|似乎|估计|差点|随便|换|改|另|还有|只|万一|前提|到时|回头|要不|还是|呵|哼|屁|鬼|按理|[一二三四五六七八九十]成"
    r"|\b(?:not|no|nor|never|nope|nah|dont|cant|wont|isnt|doesnt|didnt|but|though|however|if|unless|until|till|when|once|provided"
    r"|before|after|wait|hold|except|only|instead|other|another|maybe|perhaps|probably|possibly|guess|think|suppose|might|could"
    r"|should|would|what|which|who|why|how|where|whatever|either|depends|almost|sort|kind|theory|leaning|assume|hope|also|change"
    r"|first|later|tomorrow)\b|\d"
)
# From here on what has the form of a yes is one by the words of many people, too: one in a thousand others comes so far.
AGREED = 0.8


class Assent(StrEnum):
    """What a reply is to the question whether to go ahead."""

    YES = "yes"
    PUZZLED = "puzzled"
    OTHER = "other"


def assent(text: str, flow: str = "") -> Assent:
    """What a reply is to the summary of `flow`.

    PUZZLED is a reply of assent, questions and doubt with nothing else in it: "确认什么", "ok?", "I guess so". OTHER may be
    a no, a wish, a new value, a question that has an answer.
    """
    plain = _plain(text)
    units = tuple(_units(plain))
    if not units:
        return Assent.PUZZLED if _ASKS.search(plain) else Assent.OTHER
    questions = _ASKS.search(plain) is not None
    if not questions and len(units) <= _LONGEST and _is_yes(units, plain, flow):
        return Assent.YES
    return Assent.PUZZLED if _read(units, (*_phrases(flow), *_puzzled()), needs_core=False) else Assent.OTHER


def leans_to_yes(text: str, flow: str = "") -> bool:
    """Whether a reply has words of assent and, beside them, nothing that asks, denies, hedges or adds a condition.

    Not yet a yes: the other words may say anything.
    """
    plain = _plain(text)
    units = tuple(_units(plain))
    if not units or _ASKS.search(plain) or asks(text) or indifferent(text):
        return False
    assents, rest = _apart(units, _phrases(flow))
    said = "".join(unit if ord(unit[0]) > 0x2E80 else f" {unit} " for unit in rest)
    return assents and _QUALIFIES.search(said) is None


def _apart(units: tuple[str, ...], phrases: _Phrases) -> tuple[bool, list[str]]:
    """Whether any phrase assents, and the units that belong to none; of phrases that begin together the first counts."""
    assents, rest, place = False, [], 0
    while place < len(units):
        found = next((phrase for phrase in phrases if units[place : place + len(phrase[0])] == phrase[0]), None)
        if found is None:
            rest.append(units[place])
            place += 1
        else:
            assents = assents or found[1]
            place += len(found[0])
    return assents, rest


def indifferent(text: str) -> bool:
    """Whether a reply leaves what was asked to others, or says that there is nothing to say to it."""
    return tuple(_units(_plain(text))) in _indifferent()


def _is_yes(units: tuple[str, ...], plain: str, flow: str) -> bool:
    said = " ".join(units)
    hums = {" ".join(_units(hum)) for hum in _HUMS}
    if said in {" ".join(_units(reply)) for reply in _IRONY} or (said in hums and _HESITATES.search(plain)):
        return False
    return _read(units, _phrases(flow), needs_core=True)


# Phrases in units, each with whether it assents.
_Phrases = tuple[tuple[tuple[str, ...], bool], ...]


def _read(units: tuple[str, ...], phrases: _Phrases, *, needs_core: bool) -> bool:
    """Whether phrases cover all units; with `needs_core`, one of them at least assents."""
    reached: list[set[bool]] = [{not needs_core}, *(set() for _ in units)]
    for place in range(len(units)):
        if reached[place]:
            for phrase, core in phrases:
                end = place + len(phrase)
                if units[place:end] == phrase:
                    reached[end] |= {core or before for before in reached[place]}
    return True in reached[-1]


@cache
def _phrases(flow: str) -> _Phrases:
    """What a yes in `flow` is made of, the longest phrases first."""
    roots = _ROOTS_ZH.split()
    particled = {f"{root}{particle}" for root in roots for particle in _PARTICLES_ZH.split()} - _NOT_ASSENT_ZH
    cores = [*roots, *particled, *_ALONE_ZH.split(), *_ALONE_EN.split(), *_PHRASES_EN.split("|"), *_EMOJI.split()]
    verbs = VERBS_ZH.get(flow, "").split()
    cores += [f"{verb}吧" for verb in verbs] + [f"{verb}了吧" for verb in verbs]
    cores += VERBS_EN.get(flow, "").split("|")
    along = [word for group in _ALONG.split("|") for word in group.split()]
    along += [f"{praised} {praise}" for praised in _PRAISED_EN.split("|") for praise in _PRAISE_EN.split()]
    along += [f"{thanks}{particle}" for thanks in _THANKS_ZH.split() for particle in ("", "了", "啦", "哈", "呀", "咯")]
    along += [*verbs, *(f"{verb}{particle}" for verb in verbs for particle in ("了", "哈", "呀", "啊", "啦"))]
    along += [head for verb in VERBS_EN.get(flow, "").split("|") if (head := verb.partition(" ")[0]) not in _LIGHT]
    phrases = (*_in_units(cores, core=True), *_in_units(along, core=False))
    return tuple(sorted(phrases, key=lambda phrase: -len(phrase[0])))


@cache
def _puzzled() -> _Phrases:
    return _in_units((word for group in _PUZZLED.split("|") for word in group.split()), core=False)


@cache
def _indifferent() -> frozenset[tuple[str, ...]]:
    zh, *en = _INDIFFERENT.split("|")
    return frozenset(tuple(_units(_plain(phrase))) for phrase in (*zh.split(), *en))


def _in_units(phrases: Iterable[str], *, core: bool) -> _Phrases:
    found = {tuple(_units(_plain(phrase))) for phrase in phrases}
    return tuple((units, core) for units in sorted(found) if units)


def _plain(text: str) -> str:
    return _OF_EMOJI.sub("", normal(text)).replace("'", "").replace("’", "")


def _units(plain: str) -> Iterator[str]:
    """Han characters, Latin words with letters written once, numbers and emoji, in order; without punctuation."""
    for unit in _UNIT.findall(plain):
        if unit[0].isascii() and unit.isalpha():
            yield _DRAWN_OUT.sub(r"\1", unit)
        elif unit[0].isalnum() or unicodedata.category(unit[0]) == "So":
            yield unit
