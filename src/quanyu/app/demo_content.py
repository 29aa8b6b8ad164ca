"""What the simulated brand's operators have set up: segments and journeys to look at, made once."""

from datetime import time
from typing import TYPE_CHECKING, Any, Final

from quanyu.kernel.ids import decode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.messaging.contracts import MessagePolicy, QuietHours, TemplateRecord
from quanyu.modules.segments.contracts import SaveSegment

if TYPE_CHECKING:
    from quanyu.app.platform import Platform

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR

_RECENT: Final = {"kind": "rolling", "amount": 30, "unit": "days"}
_WEEK: Final = {"kind": "rolling", "amount": 7, "unit": "days"}

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
        "看过没买",
        "近7天看过商品、但没有下单的人",
        {
            "kind": "all",
            "of": [
                {"kind": "event", "name": "Product Viewed", "window": _WEEK},
                {
                    "kind": "event",
                    "name": "Order Completed",
                    "window": _WEEK,
                    "count": {"op": "eq", "value": 0},
                },
            ],
        },
    ),
    (
        "沉睡顾客",
        "买过,但最近一次下单已超过14天",
        {
            "kind": "recency",
            "name": "Order Completed",
            "when": {"kind": "ago", "op": "at_least", "amount": 14, "unit": "days"},
        },
    ),
)


async def furnish(platform: "Platform", account: str) -> None:
    """Give the brand its segments, quiet hours and journeys, unless it has some already."""
    services, tenant_id = platform.services, platform.brand.tenant_id
    account_id = AccountId(decode_id("oac", account))
    templates = await services.templates.run(tenant_id, account_id)
    async with services.uows.app(tenant_id) as uow:
        if (await services.journeys.list_journeys(uow)).items:
            return
        await services.messaging.set_policy(uow, _policy())
        for name, description, definition in SEGMENTS:
            command = SaveSegment(name=name, description=description, definition=definition)
            await services.segments.create(uow, command)
        for journey in (_welcome(account, templates), _after_order(account, templates)):
            drawn = await services.journeys.create(uow, journey)
            await services.journeys.publish(uow, decode_id("jrn", drawn.id))


def _policy() -> MessagePolicy:
    return MessagePolicy(quiet_hours=QuietHours(start=time(22), end=time(8)))


def _welcome(account: str, templates: tuple[TemplateRecord, ...]) -> SaveJourney:
    """Greet who follows, and say something different to who buys within a day."""
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
                "welcome": _say(
                    account,
                    "欢迎语",
                    "欢迎来到青山茶食!回复“新品”看看今天到的茶点。",
                    "first-order",
                ),
                "first-order": {
                    "kind": "wait_event",
                    "label": "等待首单(1 天)",
                    "event": "Order Completed",
                    "timeout_s": _DAY,
                    "matched": "thanks",
                    "timeout": "browsed",
                },
                "thanks": _notify(
                    account, templates, "会员权益变更提醒", "首单感谢", "首单已送达 20 积分", "done"
                ),
                "browsed": {
                    "kind": "condition",
                    "label": "看过商品?",
                    "test": {"kind": "event", "name": "Product Viewed", "window": _WEEK},
                    "yes": "nudge",
                    "no": "done",
                },
                "nudge": _say(account, "提醒", "您看过的茶点还有货,今天下单包邮。", "done"),
                "done": {"kind": "end", "label": "结束"},
            },
        },
    )


def _after_order(account: str, templates: tuple[TemplateRecord, ...]) -> SaveJourney:
    """Confirm every order, and ask after three days how it was."""
    return SaveJourney(
        name="下单后关怀",
        definition={
            "entry": {"kind": "event", "event": "Order Completed", "entry_key": "order_id"},
            "start": "confirm",
            "nodes": {
                "confirm": _notify(
                    account, templates, "订单支付成功通知", "支付成功通知", "您的订单已支付", "three-days"
                ),
                "three-days": {
                    "kind": "wait",
                    "label": "等 3 天",
                    "seconds": 3 * _DAY,
                    "next": "ask",
                },
                "ask": _say(account, "回访", "茶点收到了吗?有任何问题直接回复我们。", "done"),
                "done": {"kind": "end", "label": "结束"},
            },
        },
    )


def _say(account: str, label: str, text: str, following: str) -> dict[str, Any]:
    return {
        "kind": "send",
        "label": label,
        "account_id": account,
        "message_kind": "customer_service_text",
        "content": {"text": text},
        "next": following,
    }


def _notify(
    account: str,
    templates: tuple[TemplateRecord, ...],
    title: str,
    label: str,
    words: str,
    following: str,
) -> dict[str, Any]:
    template = next(one for one in templates if one.title == title)
    return {
        "kind": "send",
        "label": label,
        "account_id": account,
        "message_kind": "template",
        "message_class": "transactional",
        "content": {
            "template_id": template.template_id,
            "data": {field: _value_of(field, words) for field in template.fields},
        },
        "next": following,
    }


def _value_of(field: str, words: str) -> str:
    """Fill a keyword by the type its name begins with, as the platform wants it."""
    kind = field.rstrip("0123456789")
    return {
        "character_string": "{{ event.order_id | default: 'QS' }}",
        "amount": "¥{{ event.revenue | default: '0.00' }}",
        "time": "{{ event.occurred_at | date: '%Y-%m-%d %H:%M' }}",
        "thing": words,
    }.get(kind, words)
