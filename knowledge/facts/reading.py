"""A question to the shop's tables, read once: what it is about, which act it is, and the values in it. Pure functions.

Acts compete by evidence: the words of the form ("how much", "which is the lightest"), the classifier's intent, what is referred
to, and the quantities said. What people ask of a product beside these is a PROPERTY, which any statement may answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.text import normal
from bot.values.numbers import ENGLISH, number
from bot.values.quantities import quantities as pieces_in
from knowledge.lexicon.grams import overlapping
from knowledge.lexicon.lexicon import Finds, KindSaid
from knowledge.lexicon.quantities import quantities


class Act(StrEnum):
    """What a question wants of the tables."""

    PRICE = "price"
    TOTAL = "total"
    STOCK = "stock"
    CHOICES = "choices"
    COMPARE = "compare"
    EXTREME = "extreme"
    FIND = "find"
    COUNT = "count"
    OFFERS = "offers"
    CODE = "code"
    SAVING = "saving"
    EACH = "each"
    SIZE = "size"
    WARRANTY = "warranty"
    RETURNABLE = "returnable"
    OVERVIEW = "overview"
    PROPERTY = "property"


# What each act is asked with, in both languages: forms of questions, no words of a trade.
_CUES: Mapping[Act, re.Pattern[str]] = {
    Act.PRICE: re.compile(
        r"多少钱|几块|几多钱|几钱|什么价|啥价|价格|价钱|怎么卖|咋卖|售价|卖多少|报价|到手|多少米|贵不贵"
        r"|how much(?! (?:does (?:it|the .{1,20}) )?(?:weigh|weight|hold|power|water|space))|\bpric(?:e|es|ed|ing)\b|\bcosts?\b|go(?:es)? for\b|how expensive|what'?s the damage"
    ),
    Act.TOTAL: re.compile(
        r"一共|总共|总价|合计|加起来|加一起|加在一起|一起(?:多少|买|拿|要)|共多少|算下来|总额|实付|实际付|付多少|到手多少"
        r"|折后|券后|满减后|减完|用券后|打完折|优惠后|用.{0,12}(?:后|完)(?:是)?(?:多少|几)"
        r"|\btotal\b|altogether|in all\b|together|the bill|\bsum\b|combined|end up paying|after (?:the |all )?(?:discount|promo|coupon|\d+ off)|minus the"
    ),
    Act.STOCK: re.compile(
        r"有货|没货|现货|库存|还有(?:吗|没|么|货|多少|几)|还有.{1,8}(?:吗|么|没)$|还剩|剩(?:几|多少|下)|断货|断码|缺货|售罄|卖完|能拍|可以拍|拍得到|有得卖|买得到"
        r"|in stock|sold out|out of stock|availab|\bleft\b|\bstock\b|how many (?:do|have|are|of)|(?:have|got|get|come|comes|is there) (?:it |this |that |one |them |an? |any )?in\b|do (?:you|u) (?:still )?have (?:it|this|that|them|one)"
    ),
    Act.CHOICES: re.compile(
        r"(?:哪些|什么|几种|几个|多少种|有啥|啥)(?:颜?色|口味|味道|尺码|尺寸|码数|码|规格|型号|款式|款|版本|选择|包装|容量|长度)|(?:颜色|口味|尺码|规格|型号|款式|版本)(?:有|都有|是)?(?:哪些|什么|几)|几个色|有几种|有哪几种"
        r"|(?:what|which|how many|any other) (?:\w+ )?(?:colou?rs?|sizes?|flavou?rs?|options?|versions?|variants?|lengths?|packs?|weights?|models?)(?! (?:should|do i|fits?|is right|for))|come in which"
    ),
    Act.COMPARE: re.compile(
        r"哪个|哪款|哪一个|哪种|谁|更|比较|对比|区别|不同|差(?:几|多少|别|异)|相差|比得上"
        r"|\bwhich\b|\bwhose\b|\bcompar|\bdifferen|\bthan\b|\bbetween\b|\bversus\b|\bvs\b|\bor\b"
    ),
    Act.EXTREME: re.compile(
        r"最(?!近|后|新|多(?:能|可以)|少(?:要|得)|早|晚|终)[㐀-鿿]|\b(?:most|least|best)\b(?! of)"
        r"|\b(?!test|rest|request|interest|latest|chest|west|guest|invest|suggest|forest|vest|nest|harvest|honest|breast|contest|protest|quest|digest)[a-z]{2,}est\b"
    ),
    Act.FIND: re.compile(
        r"推荐|介绍|有没有|有什么|有啥|有哪些|哪些|哪款|哪种|想买|想要|想找|想看|想入|求购|求推|找(?:个|一|款|件|双|不|能|有|带)|要(?:一?个|一?款|一?件|一?双|找)|看看|挑|选个|选一|适合|预算|送(?:人|给|礼|爸|妈|朋友|女|男|老|孩)|有.{0,10}(?:卖|吗|么)|卖.{1,8}吗|卖不卖|有卖|得卖"
        r"|哪(?:款|个|种|一款|一个|台|双|件|条|只).{0,12}(?:能|适合|有|可以|[装用坐穿放]得|配)|别给我推|要.{1,12}的$"
        r"|\bwhich\b.{0,40}\b(?:fits?|takes?|has|have|works?|suits?|goes|comes?)\b|\brecommend|\bsuggest|\blooking for\b|\bneed an?\b|\bwant\b|\bshow me\b|\bdo you (?:have|sell|carry|stock|do)\b|\bany(?:thing)?\b|\bgot\b|\bhave you\b|\bsell\b|\bi'?m after\b|\bpick\b|\bfind\b|\bwhich\b.*\b(?:for|with|without)\b|\bgift\b|\bpresent\b|\bcan i (?:get|buy)\b|\bare there\b|\bis there\b|\bbudget\b|\bunder\b|\bwould like\b"
    ),
    Act.COUNT: re.compile(
        r"(?:一共|总共|共)?有?(?:多少|几)(?:款|种)(?:商品|产品|东西|货)?|how many (?:different |kinds of |types of )?(?:products?|items?|kinds?|models?)"
    ),
    Act.OFFERS: re.compile(
        r"优惠|活动|打折|折扣|几折|满减|促销|特价|赠品|送(?:什么|啥|东西|礼|赠|不送|吗)|买.{0,4}送|有.{0,3}券|领券|便宜点(?!的)|能便宜|砍价|免费.{0,3}送"
        r"|\bon (?:offer|sale)\b|\bdiscounts?\b|\bpromo|\boffers?\b|\bdeals?\b|\bcoupons?\b|\bvouchers?\b|special price|\bfree (?:gift|with)|anything free|\boff\b|come with anything"
    ),
    Act.SAVING: re.compile(
        r"原价|划线价|便宜(?:了)?(?:多少|几)|省(?:了)?(?:多少|几)|优惠了?多少|降了多少|\bsaves?\b|saving|was it before|original price"
    ),
    Act.EACH: re.compile(
        r"摊(?:下来)?|平均|折合|(?:一|每)(?:片|包|粒|颗|块|张|支|袋|枚|条|抽|瓶|罐|个|件|双|只|盒|公斤|斤|克|米|升|毫升)(?:是|要|大概|合)?(?:多少钱|几块|几毛|多少)"
        r"|\b(?:per|for each|for every) (?:single |one )?[a-z]+\b|\beach\b|\bapiece\b"
    ),
    Act.SIZE: re.compile(
        r"(?:穿|买|选|拍|要|拿|用)[^，。?？]{0,6}(?:什么|多大|哪个|几|啥|哪)[^，。?？]{0,3}(?:码|号|尺码|尺寸|段)|多大码|(?:what|which) (?:\S+ )?size(?!s)|size (?:should|do i|would|for)|fits? me"
    ),
    Act.WARRANTY: re.compile(r"保修|质保|包修|保多[久长少]|warrant(?:y|ies)|guarantee"),
    Act.RETURNABLE: re.compile(
        r"(?:能|可以|支持|可不可以|能不能)(?:七天|7天|无理由)*退(?![款钱差运邮])|(?:can i|can this|is (?:this|it)).{0,20}return"
    ),
}
# "Have you got it in …", where nothing else is asked.
_MAYBE_STOCK = re.compile(r"有(?:没有)?.{0,8}(?:的)?(?:吗|么|没|不|伐)$|^(?:有|还有)|\bhave\b|\bgot\b")
_BY_INTENT: Mapping[str, Act] = {
    "ask_price": Act.PRICE,
    "ask_stock": Act.STOCK,
    "ask_color": Act.CHOICES,
    "ask_size_advice": Act.SIZE,
    "ask_discount": Act.OFFERS,
    "ask_coupon": Act.OFFERS,
    "ask_compare": Act.COMPARE,
    "ask_extreme": Act.EXTREME,
    "ask_warranty": Act.WARRANTY,
    "ask_gift": Act.OFFERS,
    "search_product": Act.FIND,
    "recommend": Act.FIND,
    "recommend_by_budget": Act.FIND,
    "ask_link": Act.OVERVIEW,
}
# Acts that are only what the words say they are.
_BY_WORDS_ONLY = (Act.EXTREME, Act.COMPARE)
_ORDER = (
    Act.COUNT, Act.SAVING, Act.TOTAL, Act.EACH, Act.EXTREME, Act.COMPARE, Act.SIZE, Act.CHOICES, Act.STOCK, Act.PRICE,
    Act.OFFERS, Act.WARRANTY, Act.RETURNABLE, Act.FIND,
)  # fmt: skip
_YES_NO = re.compile(
    r"吗|嘛|么\b|没有?$|不$|伐|是不是|能不能|可不可以|可以.{0,12}不|行不行|[能会]不[能会]|(.)不\1"
    r"|^(?:and |but |so |hi,? |hey,? )*(?:is|are|can|could|do|does|did|will|would|has|have|may|should)\b|or not\b|\bok\b|, (?:right|yes|no)\b",
)
_BEFORE_A_THING = re.compile(
    rf"(?<![a-z\d.,$¥#-])(?<!link )(?<!item )(?<!stage )(?<!size )(?<!no )(?<!than )([2-9]|1\d|{'|'.join(list(ENGLISH)[1:])})(?= [a-z]{{3,}})"
    r"(?! (?:days?|hours?|hrs?|weeks?|months?|years?|minutes?|mins?|pm|am|yuan|percent|off|times?|people|persons?|items? number)\b)"
    r"|(?:要|买|来|拿|拍|想买|想要)\s*([2-9两三四五六七八九十])(?=[㐀-鿿])(?![元块号折码寸段岁月天年点米])"
)
_NEGATED = re.compile(r"不|没|无|别|非|除了|\bno\b|\bnot\b|n'?t\b|\bwithout\b|\bexcept\b|\bother than\b|\bfree of\b")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question as it is read.

    `plain` is normalised, `written` keeps capitals; `rest` is what is said beside the names. `product_ids` are those named,
    or meant by the conversation (`named` tells which); `kinds` the kinds said. `acts` are the acts that have evidence, the
    best first; `pieces` the number of pieces wanted, None where none is said;
    `values` are the colours and sizes said, each with its place; `spans` where `rest` names values of the product's variants,
    and `only_values` that it says nothing else.
    """

    plain: str
    written: str
    rest: str
    language: str
    finds: Finds
    product_ids: tuple[str, ...]
    named: bool
    kinds: tuple[KindSaid, ...]
    acts: tuple[Act, ...]
    pieces: int | None
    intent: str
    values: tuple[tuple[str, int, int], ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    only_values: bool = False

    @property
    def asks_yes_or_no(self) -> bool:
        """Whether it can be answered by yes or no."""
        return _YES_NO.search(self.plain.rstrip(" ?？!！。.")) is not None

    @property
    def negated(self) -> bool:
        """Whether it says that something is not so."""
        return _NEGATED.search(self.rest) is not None

    def is_(self, act: Act) -> bool:
        """Whether an act has evidence at all."""
        return act in self.acts


def acts_of(rest: str, intent: str) -> tuple[Act, ...]:
    """The acts that a text has evidence for, the best first: those of its words, then that of the intent."""
    plain = normal(rest)
    cued = [act for act in _ORDER if _CUES[act].search(plain)]
    by_intent = _BY_INTENT.get(intent)
    if by_intent in _BY_WORDS_ONLY:
        by_intent = None
    if by_intent is not None and by_intent not in cued:
        cued.append(by_intent)
    elif by_intent in (Act.FIND, Act.STOCK, Act.PRICE) and cued[0] in (Act.FIND, Act.STOCK):
        cued.sort(key=lambda act: act is not by_intent)
    if _MAYBE_STOCK.search(plain) and set(cued) <= {Act.FIND}:
        cued.append(Act.STOCK)
    return tuple(cued)


def has_cue(act: Act, rest: str) -> bool:
    """Whether an act is asked for in words, and not only by the intent that the text was taken for."""
    cue = _CUES.get(act)
    return cue is not None and cue.search(normal(rest)) is not None


def pieces_of(plain: str, taken: Sequence[tuple[int, int]] = ()) -> int | None:
    """How many pieces a text says, or None: with a word for pieces, or a small number before a thing.

    `taken` are stretches of the text that are something else: values of variants, measures.
    """
    free = [entity for entity in pieces_in(plain) if not overlapping(entity.start, entity.end, taken)]
    if free:
        return int(free[0].value)
    measures = [(q.start, q.end) for q in quantities(plain)]
    for match in _BEFORE_A_THING.finditer(plain):
        group = 1 if match.group(1) else 2
        if not overlapping(*match.span(group), [*taken, *measures]):
            return number(match.group(group))
    return None


def cue_spans(plain: str, acts: Sequence[Act]) -> list[tuple[int, int]]:
    """Where the words of these acts stand in a text."""
    return [match.span() for act in acts if act in _CUES for match in _CUES[act].finditer(plain)]
