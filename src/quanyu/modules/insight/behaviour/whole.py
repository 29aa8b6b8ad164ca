"""Everybody behind a figure at once: for those who keep them, not for a page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.behaviour.asker import Asker
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.behaviour.language import (
    DistributionPeople,
    FunnelPeople,
    PathsPeople,
    RetentionPeople,
    TrendPeople,
)
from quanyu.modules.insight.behaviour.patterns import Patterns
from quanyu.modules.insight.behaviour.periods import Days
from quanyu.modules.insight.behaviour.service import Behaviour
from quanyu.modules.insight.behaviour.sources import Asked
from quanyu.modules.insight.errors import TooManyBehind

FigureOf = FunnelPeople | RetentionPeople | TrendPeople | DistributionPeople | PathsPeople


@dataclass(frozen=True, slots=True)
class Everybody:
    """The people behind a figure, ascending, as of when it was asked about."""

    people: tuple[int, ...]
    as_of: datetime


class _WholeAsker(Asker):
    """Takes all people where the other takes a page of them."""

    def __init__(self, like: Asker, most: int) -> None:
        vars(self).update(vars(like))
        self._most = most
        self.found: Everybody | None = None

    async def people(
        self,
        tenant_id: TenantId,
        asked: Asked,
        days: Days,
        definition: dict[str, Any] | None,
        *,
        cursor: str | None,
        limit: int | None,
    ) -> FigurePeople:
        whole = asked.everybody()
        rows = await self.rows(tenant_id, Asked(whole.sql, {**whole.parameters, "most": self._most}))
        people = checked_whole(*rows[0], most=self._most)
        self.found = Everybody(people, days.as_of)
        return FigurePeople(
            items=(), next_cursor=None, total=len(people), as_of=days.as_of, definition=definition
        )


def checked_whole(total: int, people: list[int], *, most: int) -> tuple[int, ...]:
    """Return the people found.

    Raises:
        TooManyBehind: they are more than ``most``.
    """
    if total > most:
        raise TooManyBehind(
            f"at most {most:,} people can be kept, these are {total:,}",
            message_zh=f"最多可保存 {most:,} 人，当前有 {total:,} 人",
        )
    return tuple(people)


class WholeFigures:
    """Asks for the same figures as the pages do."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def everybody(self, tenant_id: TenantId, figure: FigureOf, *, most: int) -> Everybody:
        """Return everybody behind a figure; errors as those of the figure.

        Raises:
            TooManyBehind: they are more than ``most``.
        """
        asker = _WholeAsker(self._asker, most)
        await _ask(asker, figure)(tenant_id)
        assert asker.found is not None
        return asker.found


def _ask(asker: Asker, figure: FigureOf) -> Callable[[TenantId], Awaitable[FigurePeople]]:
    behaviour, patterns = Behaviour(asker), Patterns(asker)
    match figure:
        case FunnelPeople():
            return lambda tenant: behaviour.funnel_people(tenant, figure, cursor=None, limit=None)
        case RetentionPeople():
            return lambda tenant: behaviour.retention_people(tenant, figure, cursor=None, limit=None)
        case TrendPeople():
            return lambda tenant: behaviour.trend_people(tenant, figure, cursor=None, limit=None)
        case DistributionPeople():
            return lambda tenant: patterns.distribution_people(tenant, figure, cursor=None, limit=None)
        case PathsPeople():
            return lambda tenant: patterns.paths_people(tenant, figure, cursor=None, limit=None)
