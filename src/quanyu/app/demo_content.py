"""What the simulated brand's operators have set up: segments and journeys to look at, made once.

Waits are short, as befits a shop that delivers within hours: on the demonstration's fast clock every step
shows people within minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from quanyu.kernel.ids import decode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.messaging.contracts import (
    CapRule,
    CapUnit,
    Holidays,
    MessageKind,
    MessagePolicy,
    QuietHours,
    TemplateRecord,
)
from quanyu.modules.plays.broadcasts.contracts import At, SaveBroadcast
from quanyu.modules.segments.contracts import SaveSegment

if TYPE_CHECKING:
    from quanyu.app.platform import Platform

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_AFTER_HISTORY: Final = timedelta(hours=1)
_SHOP: Final = "https://shop.qingshan.example/"

_RECENT: Final = {"kind": "rolling", "amount": 30, "unit": "days"}
_WEEK: Final = {"kind": "rolling", "amount": 7, "unit": "days"}
_FOLLOWED: Final = {"kind": "event", "name": "wechat.official_account.followed"}
_NO_ORDER_THIS_WEEK: Final = {
    "kind": "event",
    "name": "Order Completed",
    "window": _WEEK,
    "count": {"op": "eq", "value": 0},
}
_LOOKED: Final = "看过没买"
_FOLLOWERS: Final = "已关注公众号"

SEGMENTS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    (
        "近30天消费满200元",
        "最近30天订单金额合计不少于200元的顾客",
        {
            "kind": "aggregate",
            "function": "sum",
            "of": {"kind": "field", "field": "revenue"},
            "name": ["Order Completed", "Order Refunded"],
            "window": _RECENT,
            "test": {"op": "gte", "value": 200},
        },
    ),
    (
        _LOOKED,
        "近7天看过商品、但没有下单的人",
        {
            "kind": "all",
            "of": [{"kind": "event", "name": "Product Viewed", "window": _WEEK}, _NO_ORDER_THIS_WEEK],
        },
    ),
    (
        "沉睡顾客",
        "买过，但最近一次下单已超过14天",
        {
            "kind": "recency",
            "name": "Order Completed",
            "when": {"kind": "ago", "op": "at_least", "amount": 14, "unit": "days"},
        },
    ),
    (_FOLLOWERS, "关注过公众号的人", _FOLLOWED),
)

# What the keywords of the account's templates say, by title; ``what`` is the sentence of the occasion.
_KEYWORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "订单支付成功通知": {
        "character_string1": "{{ event.order_id }}",
        "thing2": "{what}",
        "amount3": "¥{{ event.revenue }}",
        "time4": "{{ event.occurred_at | date: '%Y-%m-%d %H:%M' }}",
    },
    "订单发货通知": {
        "thing1": "{what}",
        "character_string2": "QS{{ event.order_id }}",
        "time3": "{{ event.occurred_at | date: '%Y-%m-%d %H:%M' }}",
    },
    "优惠券到期提醒": {
        "thing1": "春茶券 满88减10",
        "time2": "{{ event.occurred_at | date: '%Y-%m-%d' }} 23:59",
        "thing3": "{what}",
    },
    "会员权益变更提醒": {
        "thing1": "{{ person.nickname | default: '茶友' }}",
        "thing2": "{what}",
        "time3": "{{ matched.occurred_at | date: '%Y-%m-%d %H:%M' }}",
    },
}


async def furnish(platform: "Platform", account: str) -> None:
    """Give the brand its segments, rules and journeys, unless it has some already."""
    services, tenant_id = platform.services, platform.brand.tenant_id
    account_id = AccountId(decode_id("oac", account))
    templates = await services.templates.run(tenant_id, account_id)
    async with services.uows.app(tenant_id) as uow:
        if (await services.journeys.list_journeys(uow)).items:
            return
        await services.messaging.set_policy(uow, _policy())
        segments = {}
        for name, description, definition in SEGMENTS:
            command = SaveSegment(name=name, description=description, definition=definition)
            segments[name] = (await services.segments.create(uow, command)).id
        for journey in journeys(account, templates, looked=segments[_LOOKED]):
            drawn = await services.journeys.create(uow, journey)
            await services.journeys.publish(uow, decode_id("jrn", drawn.id))
        at = services.uows.clock.now() + _AFTER_HISTORY
        planned = broadcast(account, templates, segment=segments[_FOLLOWERS], at=at)
        made = await services.broadcasting.broadcasts.create(uow, planned)
        await services.broadcasting.broadcasts.schedule(uow, decode_id("bct", made.id), actor="演示")


def journeys(account: str, templates: tuple[TemplateRecord, ...], *, looked: str) -> tuple[SaveJourney, ...]:
    """Draw the brand's journeys; ``looked`` is the segment of those who looked and did not buy."""
    return (
        _service(account, templates),
        _remind(account, templates, looked),
        _coupon(account, templates),
        _after_order(account, templates),
        _welcome(account, templates),
    )


def broadcast(
    account: str, templates: tuple[TemplateRecord, ...], *, segment: str, at: datetime
) -> SaveBroadcast:
    """Write to followers once the past is known; a fifth is left out to compare with."""
    title = "优惠券到期提醒"
    return SaveBroadcast(
        name="春茶券到期提醒",
        segment_id=segment,
        account_id=account,
        message_kind=MessageKind.TEMPLATE,
        content={
            "template_id": next((one.template_id for one in templates if one.title == title), ""),
            "data": {
                "thing1": "春茶券 满88减10",
                "time2": f"{at + timedelta(days=7):%Y-%m-%d} 23:59",
                "thing3": "到期前下单立减",
            },
            "url": f"{_SHOP}?utm_campaign=spring&utm_source=official_account&utm_medium=template",
        },
        schedule=At(at=at),
        holdout_bps=2_000,
    )


def _policy() -> MessagePolicy:
    return MessagePolicy(
        quiet_hours=(QuietHours(start=time(22), end=time(8)),),
        holidays=Holidays.CHINA,
        caps=(CapRule(key="daily", limit=2), CapRule(key="weekly", limit=5, unit=CapUnit.WEEKS)),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """Draws nodes that say something in the brand's account."""

    account: str
    templates: tuple[TemplateRecord, ...]

    def say(self, label: str, text: str, following: str) -> dict[str, Any]:
        """Answer somebody who has just turned to us: customer-service text, at any hour."""
        return {
            "kind": "send",
            "label": label,
            "account_id": self.account,
            "message_kind": "customer_service_text",
            "message_class": "transactional",
            "content": {"text": text},
            "next": following,
        }

    def notify(
        self, label: str, title: str, what: str, following: str, *, campaign: str = ""
    ) -> dict[str, Any]:
        """Send a template; with a campaign it is marketing, and links to the shop."""
        data = {field: source.replace("{what}", what) for field, source in _KEYWORDS[title].items()}
        template_id = next((one.template_id for one in self.templates if one.title == title), "")
        content: dict[str, Any] = {"template_id": template_id, "data": data}
        if campaign:
            content["url"] = (
                f"{_SHOP}?utm_campaign={campaign}&utm_source=official_account&utm_medium=template"
            )
        return {
            "kind": "send",
            "label": label,
            "account_id": self.account,
            "message_kind": "template",
            "message_class": "marketing" if campaign else "transactional",
            "content": content,
            "next": following,
        }


def _welcome(account: str, templates: tuple[TemplateRecord, ...]) -> SaveJourney:
    """Greet who follows; thank who buys within two hours, and offer a coupon to who only looked."""
    words = _Words(account, templates)
    return SaveJourney(
        name="关注欢迎 → 首单",
        definition={
            "entry": {
                "kind": "event",
                "event": "wechat.official_account.followed",
                "reentry": {"mode": "cool_down", "cool_down_s": 7 * _DAY},
            },
            "start": "welcome",
            "nodes": {
                "welcome": words.say(
                    "欢迎语",
                    "欢迎来到青山茶食！点菜单“新品”看看今天到的茶点，首单满59元包邮。",
                    "first-order",
                ),
                "first-order": _await_order("等待首单（2 小时）", 2 * _HOUR, "thanks", "looked"),
                "thanks": words.notify("首单感谢", "会员权益变更提醒", "首单已送达 20 积分", "done"),
                "looked": {
                    "kind": "condition",
                    "label": "看过商品？",
                    "test": {"kind": "event", "name": "Product Viewed", "window": _WEEK},
                    "yes": "offer",
                    "no": "done",
                },
                "offer": words.notify(
                    "新人券提醒", "优惠券到期提醒", "您看过的茶点还有货", "done", campaign="new_member"
                ),
                "done": _end(),
            },
        },
    )


def _coupon(account: str, templates: tuple[TemplateRecord, ...]) -> SaveJourney:
    """Hand a coupon to who taps the menu, and see whether it leads to an order."""
    words = _Words(account, templates)
    return SaveJourney(
        name="菜单领券 → 下单",
        definition={
            "entry": {
                "kind": "event",
                "event": "wechat.official_account.menu_clicked",
                "where": [{"field": "properties.key", "op": "eq", "value": "COUPONS"}],
                "reentry": {"mode": "cool_down", "cool_down_s": _DAY},
            },
            "start": "coupon",
            "nodes": {
                "coupon": words.say("发券", "您的春茶券：SPRING10，满88元减10元，今日有效。", "used"),
                "used": _await_order("等待下单（1 小时）", _HOUR, "points", "done"),
                "points": words.notify("积分到账", "会员权益变更提醒", "本单积分已到账", "done"),
                "done": _end(),
            },
        },
    )


def _service(account: str, templates: tuple[TemplateRecord, ...]) -> SaveJourney:
    """Follow up on what people write: their window stays open for two days."""
    words = _Words(account, templates)
    return SaveJourney(
        name="留言跟进",
        definition={
            "entry": {
                "kind": "event",
                "event": "wechat.official_account.message_received",
                "reentry": {"mode": "cool_down", "cool_down_s": 6 * _HOUR},
            },
            "start": "pause",
            "nodes": {
                "pause": {"kind": "wait", "label": "等 5 分钟", "seconds": 5 * _MINUTE, "next": "answer"},
                "answer": words.say("跟进", "您的留言茶艺师已看到，还有什么可以帮您？直接回复即可。", "more"),
                "more": {
                    "kind": "wait_event",
                    "label": "等待再次留言（1 小时）",
                    "event": "wechat.official_account.message_received",
                    "timeout_s": _HOUR,
                    "matched": "human",
                    "timeout": "done",
                },
                "human": words.say("转人工", "已为您转接茶艺师，请稍候。", "done"),
                "done": _end(),
            },
        },
    )


def _after_order(account: str, templates: tuple[TemplateRecord, ...]) -> SaveJourney:
    """Confirm and ship every order of a follower; whoever does not follow cannot be written to."""
    words = _Words(account, templates)
    return SaveJourney(
        name="下单后关怀",
        definition={
            "entry": {"kind": "event", "event": "Order Completed", "entry_key": "order_id"},
            "start": "follows",
            "nodes": {
                "follows": {
                    "kind": "condition",
                    "label": "关注了公众号？",
                    "test": _FOLLOWED,
                    "yes": "confirm",
                    "no": "unreachable",
                },
                "confirm": words.notify("支付成功通知", "订单支付成功通知", "青山茶食订单", "packing"),
                "packing": {
                    "kind": "wait",
                    "label": "打包出库（30 分钟）",
                    "seconds": 30 * _MINUTE,
                    "next": "shipped",
                },
                "shipped": words.notify("发货通知", "订单发货通知", "您的茶点已出库", "again"),
                "again": _await_order("等待复购（1 天）", _DAY, "loyal", "done"),
                "loyal": words.notify("复购感谢", "会员权益变更提醒", "复购双倍积分已到账", "done"),
                "done": _end(),
                "unreachable": _end("未关注，无法触达"),
            },
        },
    )


def _remind(account: str, templates: tuple[TemplateRecord, ...], looked: str) -> SaveJourney:
    """Remind who looked and did not buy, unless they have bought or do not follow."""
    words = _Words(account, templates)
    return SaveJourney(
        name="看过没买 → 提醒",
        definition={
            "entry": {
                "kind": "segment_entered",
                "segment_id": looked,
                "existing": True,
                "reentry": {"mode": "cool_down", "cool_down_s": 3 * _DAY},
            },
            "start": "think",
            "nodes": {
                "think": {"kind": "wait", "label": "等 45 分钟", "seconds": 45 * _MINUTE, "next": "still"},
                "still": {
                    "kind": "condition",
                    "label": "已关注且仍未下单？",
                    "test": {"kind": "all", "of": [_FOLLOWED, _NO_ORDER_THIS_WEEK]},
                    "yes": "remind",
                    "no": "done",
                },
                "remind": words.notify(
                    "提醒", "优惠券到期提醒", "看过的茶点今天下单有礼", "bought", campaign="looked"
                ),
                "bought": _await_order("等待下单（6 小时）", 6 * _HOUR, "done", "quiet"),
                "done": _end(),
                "quiet": _end("没有下单"),
            },
        },
    )


def _await_order(label: str, timeout_s: int, matched: str, timeout: str) -> dict[str, Any]:
    return {
        "kind": "wait_event",
        "label": label,
        "event": "Order Completed",
        "timeout_s": timeout_s,
        "matched": matched,
        "timeout": timeout,
    }


def _end(label: str = "结束") -> dict[str, Any]:
    return {"kind": "end", "label": label}
