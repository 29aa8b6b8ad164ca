"""What a question may ask about: what is sealed is not in the warehouse, and line items are no events."""

from collections.abc import Iterator

from quanyu.modules.events.asking.fields import PROPERTY_PREFIX, is_item_field
from quanyu.modules.insight.behaviour.language import (
    Analysis,
    ByEvent,
    ByPerson,
    DistributionQuestion,
    EventChoice,
    Funnel,
    Paths,
    Retention,
    Trend,
)
from quanyu.modules.insight.errors import InvalidAnalysis
from quanyu.modules.people.service import asked_instead, is_sealed_property


def check_askable(query: Analysis) -> None:
    """Refuse what history cannot tell.

    Raises:
        InvalidAnalysis: a field or an attribute is sealed, or belongs to a line item.
    """
    for field in _fields(query):
        if is_item_field(field):
            raise InvalidAnalysis(
                f"{field} belongs to a line item; behaviour is told from whole events",
                message_zh=f"{field} 属于订单行；行为分析以整个事件为单位",
            )
        if field.startswith(PROPERTY_PREFIX) and is_sealed_property(field.removeprefix(PROPERTY_PREFIX)):
            raise InvalidAnalysis(
                f"{field} tells who somebody is: it is sealed and cannot be asked about",
                message_zh=f"{field} 属于个人标识，已加密，不能用于分析",
            )
    wanted = query.breakdown if isinstance(query, (Funnel, Trend)) else None
    if isinstance(wanted, ByPerson) and asked_instead(wanted.key) is not None:
        raise InvalidAnalysis(
            f"{wanted.key} is an identifier or a name: it is sealed and cannot be asked about",
            message_zh=f"{wanted.key} 属于标识或姓名，已加密，不能用于分析",
        )


def _fields(query: Analysis) -> Iterator[str]:
    yield from (test.field for test in query.where)
    for choice in _choices(query):
        yield from (test.field for test in choice.where)
    if isinstance(query, (Funnel, Trend)) and isinstance(query.breakdown, ByEvent):
        yield query.breakdown.field
    if isinstance(query, (Trend, DistributionQuestion)) and query.field is not None:
        yield query.field


def _choices(query: Analysis) -> tuple[EventChoice, ...]:
    match query:
        case Funnel():
            return query.steps
        case Retention():
            return (query.first, query.back)
        case Trend() | DistributionQuestion():
            return (query.event,)
        case Paths():
            return (query.anchor,)
        case _:
            return ()
