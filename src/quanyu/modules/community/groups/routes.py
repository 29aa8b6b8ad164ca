"""HTTP: customer groups, their people and their records."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.modules.community.groups.contracts import (
    CustomerGroup,
    CustomerGroups,
    GroupDays,
    GroupFilter,
    GroupMembers,
    GroupRecord,
    GroupState,
    GroupSyncs,
    Handovers,
    PageLimit,
)
from quanyu.modules.community.groups.service import Groups, read_group_id

_Word = Annotated[str, Query(max_length=60)]
_Offset = Annotated[int, Query(ge=0, le=100_000)]


def router(groups: Groups) -> APIRouter:
    """Return the routes under ``/api/v1/groups``."""
    routes = APIRouter(prefix="/api/v1/groups", tags=["customer groups"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_groups(
        uow: RequestUow,
        q: _Word = "",
        corp: _Word = "",
        state: GroupState | None = None,
        owner: _Word = "",
        store: _Word = "",
        source_channel: _Word = "",
        member_attribute: _Word = "",
        behaviour_type: _Word = "",
        funnel_stage: _Word = "",
        limit: PageLimit = 50,
        offset: _Offset = 0,
    ) -> CustomerGroups:
        """Groups, the fullest first. ``q`` is part of a name or a chat id; the axes are exact words."""
        chosen = GroupFilter(
            q=q,
            corp=corp,
            state=state,
            owner=owner,
            store=store,
            source_channel=source_channel,
            member_attribute=member_attribute,
            behaviour_type=behaviour_type,
            funnel_stage=funnel_stage,
        )
        return await groups.list_groups(uow, chosen, limit=limit, offset=offset)

    @routes.get("/handovers")
    async def list_handovers(uow: RequestUow) -> Handovers:
        """Groups whose owner has left and that nobody has taken over yet."""
        return await groups.handovers(uow)

    @routes.get("/syncs")
    async def list_syncs(uow: RequestUow) -> GroupSyncs:
        """The latest reconciliation of each corp with the platform's list."""
        return await groups.syncs(uow)

    @routes.post("/syncs", status_code=202)
    async def synchronise(uow: RequestUow, corp: _Word = "") -> GroupSyncs:
        """Begin a reconciliation; ``corp`` may be left out where there is one."""
        return await groups.synchronise(uow, corp)

    @routes.get("/{group_id}")
    async def get_group(uow: RequestUow, group_id: str) -> CustomerGroup:
        """One group."""
        return await groups.get(uow, read_group_id(group_id))

    @routes.put("/{group_id}/record")
    async def describe_group(uow: RequestUow, group_id: str, record: GroupRecord) -> CustomerGroup:
        """Replace the brand's record: four axes, purpose, rules, store, dates, welcome."""
        return await groups.describe(uow, read_group_id(group_id), record)

    @routes.post("/{group_id}/refresh", status_code=202)
    async def refresh_group(uow: RequestUow, group_id: str) -> CustomerGroup:
        """Ask the platform about the group at once."""
        return await groups.refresh(uow, read_group_id(group_id))

    @routes.get("/{group_id}/members")
    async def list_members(
        uow: RequestUow,
        group_id: str,
        inside: bool | None = None,
        limit: PageLimit = 50,
        offset: _Offset = 0,
    ) -> GroupMembers:
        """Who is (``inside=true``), was (``false``), or ever was in the group."""
        return await groups.members(uow, read_group_id(group_id), inside=inside, limit=limit, offset=offset)

    @routes.get("/{group_id}/days")
    async def days_of_group(
        uow: RequestUow,
        group_id: str,
        start: Annotated[date | None, Query(alias="from")] = None,
        end: Annotated[date | None, Query(alias="to")] = None,
    ) -> GroupDays:
        """Who came and went by day."""
        return await groups.days(uow, read_group_id(group_id), first=start, last=end)

    return routes
