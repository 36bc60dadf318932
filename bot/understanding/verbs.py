"""How people name the business of each flow while it is under way: "退吧",
"don't cancel it". Units of a list are what one says."""

from __future__ import annotations

from collections.abc import Mapping

# Between blanks.
VERBS_ZH: Mapping[str, str] = {
    "order_status": "查 看 问 查询 查单",
    "track_shipment": "查 看 问 查询 查快递 查物流",
    "refund_status": "查 看 问 查询 查退款",
    "cancel_order": "取消 取消掉 取消订单 取消这单 取消这个订单 取消它 退款 退钱 撤单",
    "change_address": "改 修改 改地址 修改地址 改成这个地址 换地址 更新 改过去 寄过去",
    "change_payment": "改 修改 换 改付款方式 换付款方式 改支付方式 换支付方式 更换",
    "change_items": "改 修改 换 改订单 修改订单 更换",
    "change_variant": "换 换货 改 换码",
    "exchange_items": "换 换货 换掉 申请换货 更换",
    "return_items": "退 退货 退掉 退款 申请退货 退回 退货退款",
    "price_protection": "退 退差价 补差价 申请 申请价保 退差",
    "warranty_claim": "登记 申请 报修 修 保修 维修 登记质保",
    "invoice": "开 开票 开发票 开具 申请开票",
    "report_problem": "登记 上报 记录 反馈 报上去 登记上去",
    "late_delivery": "催 催件 催促 登记 投诉 催一下",
    "complaint": "投诉 登记 记录 反馈 提交投诉 记下来",
    "back_in_stock": "登记 提醒 提醒我 设置 通知我 订阅",
}
# Between bars, each with what it is done to.
VERBS_EN: Mapping[str, str] = {
    "order_status": "check it|check the order|look it up",
    "track_shipment": "track it|check it|look it up",
    "refund_status": "check it|look it up",
    "cancel_order": "cancel it|cancel the order|cancel that|cancel that order|cancel my order|refund me|refund it",
    "change_address": "change it|change the address|update the address|change my address|send it there|ship it there",
    "change_payment": "change it|change the payment|change the payment method|switch it|switch|change my payment method",
    "change_items": "change it|swap it|change the order|make the change|swap them|change them",
    "change_variant": "exchange it|swap it|change it",
    "exchange_items": "exchange it|exchange them|swap it|swap them|exchange|make the exchange",
    "return_items": "return it|return them|return that|send it back|send them back|return|take it back|take them back",
    "price_protection": "refund me|refund it|refund the difference|claim it|give me the difference|refund that",
    "warranty_claim": "claim it|file it|file the claim|make the claim|repair it|record it|register it",
    "invoice": "send it|make it|issue it|send the invoice|make the invoice|issue the invoice|send me the invoice|email it",
    "report_problem": "report it|record it|file it|report that|report the problem|register it",
    "late_delivery": "chase it|file it|record it|chase the parcel|chase them|send it",
    "complaint": "file it|send it|record it|file the complaint|send the complaint|register it|write it down",
    "back_in_stock": "remind me|notify me|tell me|let me know|set it|set it up|set the reminder|save it",
}
