"""Pure decisions about boards: what a card asks under filters, and the boards a brand begins with."""

from typing import Any, Final, TypeVar

from quanyu.modules.events.asking.filters import Filter
from quanyu.modules.insight.behaviour.language import Analysis, Trend
from quanyu.modules.insight.behaviour.presets import DECISION_JOURNEY
from quanyu.modules.insight.dashboards.contracts import (
    Asked,
    AskedAnalysis,
    BoardDraft,
    BoardFilters,
    BoardRole,
    Card,
    ShownCard,
    ShowNote,
    ShowRfm,
)
from quanyu.modules.insight.dashboards.errors import InvalidBoard
from quanyu.modules.insight.metrics.contracts import AskMetric

_Q = TypeVar("_Q", bound=Analysis)
_MONTHS: Final = {"kind": "last_days", "days": 84}


def shown_card(card: Card, filters: BoardFilters) -> ShownCard:
    """Return a card with the question it asks under a board's filters."""
    if isinstance(card.shows, (ShowRfm, ShowNote)):
        return ShownCard(card=card, asks=None)
    return ShownCard(card=card, asks=narrowed(card.shows, filters, keeps_period=card.keeps_period))


def narrowed(asked: Asked, filters: BoardFilters, *, keeps_period: bool = False) -> Asked:
    """Return a question narrowed to what a board shows; what it was narrowed to before stays."""
    question = _narrowed(asked.question, filters, keeps_period=keeps_period)
    return asked.model_copy(update={"question": question})


def _narrowed(question: _Q, filters: BoardFilters, *, keeps_period: bool) -> _Q:
    tests = [
        Filter.model_validate({"field": field, "op": "eq", "value": value})
        for field, value in (("source", filters.source), ("context.app", filters.app))
        if value
    ]
    update: dict[str, Any] = {
        "as_of": None,
        "where": (*question.where, *tests),
        "segment": filters.segment or question.segment,
    }
    if not keeps_period:
        update["period"] = filters.period
    if isinstance(question, (Trend, AskMetric)):
        update["compare"] = filters.compare
    return question.model_copy(update=update)


def check_board(draft: BoardDraft) -> None:
    """Refuse cards that cannot be told apart.

    Raises:
        InvalidBoard: two have one id.
    """
    if len({card.id for card in draft.cards}) != len(draft.cards):
        raise InvalidBoard("two cards have the same id", message_zh="有两张卡片的编号相同")


def _metric(metric: str, *, width: int = 3) -> dict[str, Any]:
    shows = {"kind": "metric", "question": {"metric": metric}}
    return {"id": metric, "width": width, "shows": shows}


def _card(card: str, title: str, shows: AskedAnalysis | dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": card, "title": title, "shows": shows, **more}


_JOURNEY: Final = _card(
    "journey",
    "五步决策旅程",
    {"kind": "funnel", "question": DECISION_JOURNEY.model_dump(mode="json", by_alias=True)},
)
_COMES_BACK: Final = _card(
    "retention",
    "首购后每周复购",
    {
        "kind": "retention",
        "question": {
            "first": {"name": "Order Completed"},
            "back": {"name": "Order Completed"},
            "unit": "week",
            "periods": 8,
            "period": _MONTHS,
        },
    },
    width=12,
    keeps_period=True,
)

FIRST_BOARDS: Final[dict[BoardRole, BoardDraft]] = {
    role: BoardDraft.model_validate({"name": name, "cards": cards})
    for role, name, cards in (
        (
            BoardRole.BOSS,
            "老板看板",
            [
                *map(_metric, ("revenue", "orders", "buyers", "buyer_value")),
                {**_metric("sales", width=12), "title": "每日成交额"},
                _JOURNEY,
                _card("rfm", "人群价值 RFM", {"kind": "rfm"}),
                _COMES_BACK,
            ],
        ),
        (
            BoardRole.OPERATOR,
            "运营看板",
            [
                *map(_metric, ("new_followers", "unfollows", "visitors", "purchase_rate")),
                _card(
                    "paths",
                    "关注之后做了什么",
                    {
                        "kind": "paths",
                        "question": {
                            "anchor": {"name": "wechat.official_account.followed"},
                            "window": {"amount": 7, "unit": "days"},
                        },
                    },
                    width=12,
                ),
                _JOURNEY,
                _card(
                    "orders_spread",
                    "每人下单次数",
                    {"kind": "distribution", "question": {"event": {"name": "Order Completed"}}},
                ),
                _COMES_BACK,
            ],
        ),
        (
            BoardRole.STAFF,
            "门店与导购看板",
            [
                *map(_metric, ("new_customers", "lost_customers", "group_joins", "messages_in")),
                _card(
                    "added_by",
                    "各成员新增客户",
                    {
                        "kind": "trend",
                        "question": {
                            "event": {"name": "wechat.wecom.customer_added"},
                            "measure": "people",
                            "breakdown": {"kind": "event", "field": "context.staff"},
                        },
                    },
                ),
                _card(
                    "sold_by",
                    "各门店成交额",
                    {
                        "kind": "trend",
                        "question": {
                            "event": {"name": "Order Completed"},
                            "measure": "sum",
                            "field": "revenue",
                            "breakdown": {"kind": "event", "field": "context.store"},
                        },
                    },
                ),
                *(_metric(one) for one in ("orders", "order_value")),
            ],
        ),
    )
}
