"""The platform's own metrics, in the same language as those a brand defines."""

from typing import Any, Final

from quanyu.modules.insight.metrics.contracts import MetricDraft, MetricUnit

_COMPLETED: Final = "Order Completed"
_REFUNDED: Final = "Order Refunded"
_SEEN: Final = ("Page Viewed", "Screen Viewed", "Product Viewed")


def _events(*names: str, measure: str, field: str | None = None) -> dict[str, Any]:
    # No name of its own for a single event: that is how the console writes one.
    event = {"name": names[0] if len(names) == 1 else names}
    return {"kind": "events", "event": event, "measure": measure, **({"field": field} if field else {})}


def _ratio(of: str, to: str) -> dict[str, Any]:
    return {"kind": "ratio", "of": of, "to": to}


_LIST: Final[tuple[tuple[str, str, str, str, MetricUnit, dict[str, Any]], ...]] = (
    (
        "revenue", "净收入", "Net revenue", "完成订单的金额减去退款；退款事件的金额为负", MetricUnit.MONEY,
        _events(_COMPLETED, _REFUNDED, measure="sum", field="revenue"),
    ),
    (
        "sales", "成交额", "Sales", "完成订单的金额，未减退款", MetricUnit.MONEY,
        _events(_COMPLETED, measure="sum", field="revenue"),
    ),
    (
        "orders", "成交订单", "Orders", "完成的订单，按订单号去重；没有订单号的按消息计", MetricUnit.ORDERS,
        _events(_COMPLETED, measure="unique", field="order_id"),
    ),
    (
        "buyers", "购买人数", "Buyers", "有完成订单的人，合并后同一人只计一次", MetricUnit.PEOPLE,
        _events(_COMPLETED, measure="people"),
    ),
    (
        "refunds", "退款金额", "Refunds", "退款事件的金额，为负数", MetricUnit.MONEY,
        _events(_REFUNDED, measure="sum", field="revenue"),
    ),
    (
        "refund_orders", "退款订单", "Refunded orders", "有退款的订单，按订单号去重", MetricUnit.ORDERS,
        _events(_REFUNDED, measure="unique", field="order_id"),
    ),
    (
        "visitors", "访问人数", "Visitors", "浏览过页面、小程序页或商品的人", MetricUnit.PEOPLE,
        _events(*_SEEN, measure="people"),
    ),
    (
        "product_viewers", "浏览商品人数", "Product viewers", "看过商品的人", MetricUnit.PEOPLE,
        _events("Product Viewed", measure="people"),
    ),
    (
        "new_followers", "新增关注", "New followers", "关注公众号的次数；取消后再关注另计一次",
        MetricUnit.TIMES,
        _events("wechat.official_account.followed", measure="events"),
    ),
    (
        "unfollows", "取消关注", "Unfollows", "取消关注公众号的次数", MetricUnit.TIMES,
        _events("wechat.official_account.unfollowed", measure="events"),
    ),
    (
        "new_customers", "新增企微客户", "New WeCom customers", "添加企业微信成员的人", MetricUnit.PEOPLE,
        _events("wechat.wecom.customer_added", measure="people"),
    ),
    (
        "lost_customers", "流失企微客户", "Lost WeCom customers", "删除企业微信成员的人", MetricUnit.PEOPLE,
        _events("wechat.wecom.staff_deleted_by_customer", measure="people"),
    ),
    (
        "group_joins", "入群人数", "Group joins", "加入客户群的人", MetricUnit.PEOPLE,
        _events("community.member_joined", measure="people"),
    ),
    (
        "messages_in", "客户来信", "Messages received", "公众号与小程序收到的客户消息", MetricUnit.TIMES,
        _events(
            "wechat.official_account.message_received",
            "wechat.mini_program.message_received",
            measure="events",
        ),
    ),
    (
        "order_value", "笔单价", "Average order value", "成交额 ÷ 成交订单", MetricUnit.MONEY,
        _ratio("sales", "orders"),
    ),
    (
        "buyer_value", "客单价", "Sales per buyer", "成交额 ÷ 购买人数", MetricUnit.MONEY,
        _ratio("sales", "buyers"),
    ),
    (
        "purchase_rate", "浏览购买比", "Buyers per viewer",
        "购买人数 ÷ 浏览商品人数；两者各自计数，不要求同一人",
        MetricUnit.SHARE, _ratio("buyers", "product_viewers"),
    ),
    (
        "refund_rate", "退款订单占比", "Refund rate", "退款订单 ÷ 成交订单，按退款发生的日期",
        MetricUnit.SHARE,
        _ratio("refund_orders", "orders"),
    ),
)  # fmt: skip

BUILTIN: Final[dict[str, MetricDraft]] = {
    key: MetricDraft.model_validate(
        {"name": zh, "name_en": en, "description": about, "unit": unit, "formula": formula}
    )
    for key, zh, en, about, unit, formula in _LIST
}
