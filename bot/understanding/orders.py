"""What is asked of an order and what is to be done with it, where the words say so plainly. Pure functions.

The classifiers know "cancel" as a wish; why something was cancelled, whether an exchange was approved or what was paid are
questions, which change nothing and need no one-time code.
"""

from __future__ import annotations

import re

from bot.text import normal

# Flow for what is asked, the plainest first.
_ASKED: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "order_status",
        re.compile(
            r"(?:为什么|为啥|怎么|咋|干嘛|凭什么).{0,8}(?:取消|关闭|关了)|(?:被|已经?)取消.{0,4}(?:为什么|为啥|"
            r"原因)|取消的?原因"
            r"|\bwhy (?:was|is|were|has|did|have)\b.{0,30}\bcancel|\bhow come\b.{0,30}\bcancel|\breason\b.{0,20}\bcancel"
        ),
    ),
    (
        "order_address",
        re.compile(
            r"(?:现在|目前|当前|填的|写的|订单上?|的)(?:的|是)?(?:收货|收件|寄送)?地址(?:是|填的|写的)?(?:什么|哪|"
            r"多少|啥)|(?:寄|送|发)(?:到|往)(?:的是)?(?:哪里|哪儿|哪个地址)(?!了)"
            r"|\b(?:what|which)(?:'s| is)? (?:the )?(?:(?:shipping|delivery|current) )*address\b(?!.{0,20}\breturn)|"
            r"\bwhere (?:is it|will it be|are you) (?:going|sent|sending|shipped|shipping)"
        ),
    ),
    (
        "order_paid",
        re.compile(
            r"(?:付|花|支付)了(?:多少|几块)|实付(?:多少|是多少|款)"
            r"|\bhow much (?:did i|have i|was i|did we) (?:pay|paid|spend|charged)|\bwhat did i pay\b|"
            r"\btotal (?:did )?i paid\b"
        ),
    ),
    (
        "refund_status",
        re.compile(
            r"(?:退货|退款|换货|申请|退换).{0,10}(?:通过|审核|批准|批了|处理).{0,4}(?:吗|没|了没|么)|(?:通过|审核|"
            r"批).{0,3}(?:了吗|了没|没有?)"
            r"|\b(?:has|have|was|is|did)\b.{0,12}\b(?:exchange|return|refund|request)\b.{0,30}\b(?:approved|"
            r"accepted|processed|through|done|reviewed|confirmed)\b"
        ),
    ),
    (
        "track_shipment",
        re.compile(
            r"(?:怎么|为什么|为啥|咋).{0,6}(?:还|一直)?(?:不|没|未)(?:有)?(?:发货|发出|寄出|发)|什么时候(?:能|才|"
            r"会)?(?:发货|发出|到|送到)|几号(?:能|会)?到|(?:今天|明天|后天|周.|星期.|这两天)(?:能|会|"
            r"可以)?(?:送)?到|到哪|何时(?:发货|送达|到)"
            r"|\bwhy (?:has ?n.?t|is ?n.?t|have ?n.?t|did ?n.?t|not)\b.{0,30}\b(?:ship|sent|left)|"
            r"\bnot (?:been )?(?:shipped|sent)\b.{0,12}why|\bwhy\b.{0,20}\bnot (?:been )?(?:shipped|sent)"
            r"|\bwhen (?:will|does|is|should|would)\b.{0,40}\b(?:arrive|come|get here|delivered|ship|be here)|"
            r"\bwhere\b.{0,12}(?:sd[\d\s-]+|my (?:order|parcel|package)|it)\s+(?:is|are)\b|\bwhere(?:'s| is|"
            r" are)\b.{0,30}(?:parcel|package)"
        ),
    ),
)
# What is asked stands in one clause: "I don't know how, just cancel it" asks for no reason.
_CLAUSE_END = re.compile(r"[,，。;；!！]")
# What is to be done, by a verb that names it.
_DONE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("return_item", re.compile(r"\b(?:return|send(?:ing)? (?:\w+ ){0,3}back)\b|退货|(?<![不能可])退(?!款|钱|差|换)")),
    (
        "exchange_item",
        re.compile(r"\b(?:exchange|swap)\b|换货|(?<!付款)(?<!支付)换成(?!支付宝|微信|银行卡|礼品卡)|换一?[个件双条]"),
    ),
    ("cancel_order", re.compile(r"\bcancel\b|取消")),
)
# One of two is not meant, or only if the other cannot be.
_NOT_BOTH = re.compile(r"不|别|要么|算了|还是|直接|\b(?:not|no|don'?t|instead|rather|otherwise|forget|actually|and)\b")
# Of an order that may be changed without being sent back.
_NOT_PIECES = re.compile(r"地址|付款|支付|发票|\b(?:address|payment|pay|invoice|refund status)\b")
_QUESTION = re.compile(
    r"[?？吗么]\W*$|为什么|怎么|什么时候|多少|哪|\b(?:why|when|where|how|what|which|has|have|was|is|did)\b"
)
# Asked of everybody's orders: rules, prices, ways. What begins so and names no order is for the documents.
_GENERAL = re.compile(
    r"^(?:请问)?(?:如何|怎么|怎样|咋)(?!还|没|不|办)|(?:能|可以|可不可以|能不能|支持|会|要|用|有)\S*(?:吗|么|嘛|"
    r"不)\W*$|(?:收费|扣钱|扣费|要钱|手续费|多久|规则|条件|期限|政策)"
    r"|^(?:how (?:do|can|does|would|long|much)|what happens|do you|does (?:it|the|a|an|my)|is there|are there|"
    r"is it possible|can i|could i|may i|am i able|what if|when can)\b"
)
_OWN = re.compile(
    r"帮我|给我|替我|我想|我要|我这|麻烦|sd\d|\b(?:i want|i'd like|i need|please|can you|could you|for me|"
    r"my (?:last|latest) order)\b"
)


def asked(text: str) -> str | None:
    """The flow that answers a question about an order; None for a text that asks nothing of the kind."""
    plain = normal(text).replace("’", "'")
    clauses = _CLAUSE_END.split(plain)
    return next((flow for flow, pattern in _ASKED if any(pattern.search(clause) for clause in clauses)), None)


def done(text: str) -> str | None:
    """The intent that a text names by its verb, where it names one only and asks nothing."""
    plain = normal(text).replace("’", "'")
    if _NOT_PIECES.search(plain):
        return None
    named = [intent for intent, pattern in _DONE if pattern.search(plain)]
    return named[0] if len(named) == 1 and not _QUESTION.search(plain) else None


def either(text: str) -> tuple[str, ...]:
    """The two intents that a text names by their verbs without saying which is meant: "return or exchange this"."""
    plain = normal(text).replace("’", "'")
    named = tuple(intent for intent, pattern in _DONE if pattern.search(plain))
    return named if len(named) == 2 and not _NOT_BOTH.search(plain) and not _NOT_PIECES.search(plain) else ()


def general(text: str) -> bool:
    """Whether a text asks how something is done or whether it can be, for anybody's order: no wish to have it done now."""
    plain = normal(text).replace("’", "'")
    return _GENERAL.search(plain) is not None and not _OWN.search(plain)
