"""Hearing of groups: a change event says how many came, the group itself says who."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.community.groups.handovers import owners_left
from quanyu.modules.community.groups.queries import GroupNews, GroupQueries
from quanyu.modules.community.groups.rules import quit_bit
from quanyu.modules.community.ports import Corps

_CREATED: Final = "wechat.wecom.group_created"
_CHANGED: Final = "wechat.wecom.group_changed"
_DISMISSED: Final = "wechat.wecom.group_dismissed"
_STAFF_LEFT: Final = "wechat.wecom.staff_left"
# A burst of joins is looked into once.
_COALESCE: Final = timedelta(seconds=1)


class GroupEvent(Protocol):
    """An event of the log as this room reads it."""

    @property
    def person_id(self) -> PersonId | None: ...
    @property
    def name(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...
    @property
    def context(self) -> Mapping[str, str]: ...


class GroupSubscriber:
    """React subscriber ``community.groups``: has changed groups looked into.

    Idempotent and tolerant of any order: only that something happened is kept, with how members left.
    """

    name: Final = "community.groups"
    after: Final = ()

    def __init__(self, corps: Corps) -> None:
        self._corps = corps

    def wants(self, event_name: str) -> bool:
        """What happens to groups and their owners."""
        return event_name in (_CREATED, _CHANGED, _DISMISSED, _STAFF_LEFT)

    async def prepare(self, tenant_id: TenantId, events: Sequence[GroupEvent]) -> None:
        """Nothing is needed from outside: the fetcher asks the platform later."""

    async def apply(self, uow: UnitOfWork, events: Sequence[GroupEvent], prepared: None) -> None:
        """Make the groups due, and ask for new owners where theirs has left."""
        corps = {corp.corp_id: corp for corp in await self._corps.list(uow)}
        news: dict[tuple[int, str], GroupNews] = {}
        gone: dict[str, dict[str, datetime]] = {}
        for event in events:
            corp = corps.get(event.context.get("app", ""))
            if corp is None:
                continue
            if event.name == _STAFF_LEFT:
                gone.setdefault(corp.corp_id, {})[event.context.get("staff", "")] = event.occurred_at
            elif chat_id := event.context.get("group", ""):
                key = (corp.account_id, chat_id)
                news[key] = _together(news.get(key), _news(corp.account_id, chat_id, event))
        if news:
            due_at = uow.clock.now() + _COALESCE
            await GroupQueries(uow).note(list(news.values()), due_at=due_at)
        for corp_id, owners in sorted(gone.items()):
            await owners_left(uow, corps[corp_id], owners)


def _news(corp_id: int, chat_id: str, event: GroupEvent) -> GroupNews:
    is_quit = event.properties.get("change") == "del_member"
    return GroupNews(
        corp_id=corp_id,
        chat_id=chat_id,
        first_at=event.occurred_at,
        quit_at=event.occurred_at if is_quit else None,
        quit_scenes=quit_bit(event.properties.get("quit_scene")) if is_quit else 0,
        dismissed_at=event.occurred_at if event.name == _DISMISSED else None,
    )


def _together(before: GroupNews | None, news: GroupNews) -> GroupNews:
    if before is None:
        return news
    quits = [at for at in (before.quit_at, news.quit_at) if at is not None]
    return GroupNews(
        corp_id=news.corp_id,
        chat_id=news.chat_id,
        first_at=min(before.first_at, news.first_at),
        quit_at=max(quits, default=None),
        quit_scenes=before.quit_scenes | news.quit_scenes,
        dismissed_at=before.dismissed_at or news.dismissed_at,
    )
