"""Which of the live tables a question is about."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.text import normal
from knowledge.concepts import asked


class Topic(StrEnum):
    """What the live tables can answer. Everything else is looked up in the documents."""

    PRICE = "price"
    STOCK = "stock"
    COLOR = "color"
    SIZE_ADVICE = "size_advice"
    DISCOUNT = "discount"
    COUPON = "coupon"
    ATTRIBUTE = "attribute"
    WARRANTY = "warranty"
    RETURNABLE = "returnable"
    PRODUCT = "product"
    NONE = ""


_BY_INTENT = {
    "ask_price": Topic.PRICE,
    "ask_stock": Topic.STOCK,
    "ask_color": Topic.COLOR,
    "ask_size_advice": Topic.SIZE_ADVICE,
    "ask_discount": Topic.DISCOUNT,
    "ask_coupon": Topic.COUPON,
    "ask_material": Topic.ATTRIBUTE,
    "ask_feature": Topic.ATTRIBUTE,
    "ask_origin": Topic.ATTRIBUTE,
    "ask_care": Topic.ATTRIBUTE,
    "ask_use": Topic.ATTRIBUTE,
    "ask_warranty": Topic.WARRANTY,
    "ask_link": Topic.PRODUCT,
    "ask_compare": Topic.PRODUCT,
}

# Money and times of these are settled by the shop's documents, whatever words the question shares with the tables.
_OF_DOCUMENTS = re.compile(
    r"运费|邮费|快递费|包邮|退|换货|换(?:个|成)?(?:码|尺码|颜色)|发票|价保|保价|差价|积分|会员|手续费|税|礼品卡|礼盒|包装|过保|维修"
    r"|降价|买贵|分期|预售|补货"
    r"|shipping|deliver|postage|refund|return|exchange|swap|invoice|price (?:protect|match|adjust|drop|difference)"
    r"|point|member|\bfee\b|tax|customs|gift (?:card|wrap|box)|instal|repair|restock|back in stock|cheaper"
    r"|carry-on|plane|baggage"
)
# How coupons work, and reductions for some people only, stand in the documents or nowhere; the tables list what runs now.
_RULES_OF_OFFERS = re.compile(
    r"叠加|一起用|同时用|能用两|两张|用不了|不能用|没反应|不可用|无效|失效|过期|怎么领|在哪领|新人|新用户|刚注册|第一次买|首单"
    r"|学生|教师|老师|军人|老客户|老人|员工|生日|邀请|推荐有"
    r"|combine|stack|together|more than one|not work|n'?t work|n'?t apply"
    r"|invalid|expire|new[- ](?:customer|user)|first[- ](?:order|time)"
    r"|sign.?up|student|teacher|military|veteran|senior|employee|birthday|referral|loyal"
)
_RETURNABLE = re.compile(
    r"(?:能|可以|支持|可不可以|能不能)(?:七天|7天|无理由)*退(?![款钱差运邮])|(?:can i|can this|is (?:this|it)).{0,20}return"
)
_CUES: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    (Topic.SIZE_ADVICE, re.compile(
        r"(?:穿|买|选|拍|要)[^，。?？]{0,6}(?:什么|多大|哪个|几|啥)[^，。?？]{0,2}(?:码|号)|尺码(?:表|推荐|建议|怎么选)|多大码|偏大|偏小"
        r"|(?:what|which) size|size (?:chart|guide|should|do i)|true to size|runs? (?:small|large|big)|fit me")),
    (Topic.COUPON, re.compile(r"优惠券|优惠码|领券|有券|coupon|voucher|promo code|discount code")),
    (Topic.DISCOUNT, re.compile(r"优惠|活动|打折|折扣|满减|几折|便宜点|discount|promotion|on sale|deals?\b|special offer")),
    (Topic.STOCK, re.compile(r"有货|没货|现货|库存|还有吗|还有没有|断码|缺货|售罄|剩几|还剩|in stock|sold out"
                             r"|有(?:没有)?(?:x*[sml]|[2-5]xl|\d{2,3})\s*[码号]?的?[吗么没不]"
                             r"|有(?:没有)?[㐀-鿿]{1,3}色的?[吗么没不]|有(?:没有)?[红橙黄绿蓝紫白黑灰粉棕金银]的[吗么没不]"
                             r"|(?:have|got|comes?|is there) (?:(?:it|this|that|one|them|an?) )?(?:in )?(?:size |a )?"
                             r"(?:x*[sml]|[2-5]xl)\b"
                             r"|availab|\bleft\b|stock")),
    (Topic.COLOR, re.compile(r"颜色|几个色|什么色|哪些色|colou?rs?\b")),
    (Topic.PRICE, re.compile(r"多少钱|价格|什么价|怎么卖|几块|多少米|售价|贵不贵|how much|price|\bcosts?\b|how expensive")),
    (Topic.WARRANTY, re.compile(r"保修|质保|包修|保多[久长少]|warrant(?:y|ies)|guarantee")),
)  # fmt: skip


_OFFER_CUES = tuple((topic, cue) for topic, cue in _CUES if topic in (Topic.COUPON, Topic.DISCOUNT))
# "Which is cheaper" compares two products, not a price with yesterday's.
_COMPARES = "ask_compare"
_OF_OFFERS = ("ask_discount", "ask_coupon")


def topic_of(text: str, intent: str) -> Topic:
    """The topic of a question: by its intent where that names one, else by its words."""
    plain = normal(text)
    if _RETURNABLE.search(plain):
        return Topic.RETURNABLE
    if _OF_DOCUMENTS.search(plain) and intent != _COMPARES:
        return Topic.NONE
    if _RULES_OF_OFFERS.search(plain) and (intent in _OF_OFFERS or any(cue.search(plain) for _, cue in _OFFER_CUES)):
        return Topic.NONE
    by_intent = _BY_INTENT.get(intent, Topic.NONE)
    if intent and by_intent is not Topic.PRODUCT:
        return by_intent
    # "link 2, which colours?" is about a link; what is asked about it, its words say
    for topic, cue in _CUES:
        if cue.search(plain):
            return topic
    return Topic.ATTRIBUTE if asked(text) else by_intent
