"""Corp tags for whoever gives them: live codes and the page beside chats."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.ports import CustomerAdded
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.sidebar.contracts import CorpTagChoice, StaffCaller
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.marks import MarkQueries
from quanyu.modules.staff.tags.queries.tags import TagQueries


class CodeTags:
    """``codes.ports.TagGiver``: the tags of a live code go on the relation it made."""

    def __init__(self, marks: CorpTagMarks) -> None:
        self._marks = marks

    async def give(self, uow: UnitOfWork, added: Sequence[CustomerAdded], tags: Sequence[str]) -> None:
        """Ask for these tags of these customers; idempotent."""
        for one in added:
            key = RelationKey(one.corp_id, one.userid, one.token)
            await self._marks.mark(uow, key, tags, why=f"code:{one.origin}")


class SidebarTags:
    """``sidebar.ports.CustomerTags``: what a member tags beside a chat."""

    def __init__(self, marks: CorpTagMarks) -> None:
        self._marks = marks

    async def choices(self, uow: UnitOfWork, corp_id: AccountId) -> tuple[CorpTagChoice, ...]:
        """Return what can be given."""
        rows = await TagQueries(uow).choices(corp_id)
        return tuple(CorpTagChoice(id=row.tag_id, group=row.group_name, name=row.name) for row in rows)

    async def mark(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
        token: bytes,
        *,
        add: Sequence[str],
        remove: Sequence[str],
    ) -> None:
        """Have tags given and taken; they reach the platform within seconds."""
        key = RelationKey(caller.corp_id, caller.userid, token)
        await self._marks.mark(uow, key, add, remove, why=f"sidebar:{caller.userid}")


async def carried_tags(uow: UnitOfWork, keys: Sequence[RelationKey]) -> Mapping[RelationKey, tuple[str, ...]]:
    """``customers.contracts.TagNames``: the names of the tags each relation carries."""
    if not keys:
        return {}
    names = {
        (corp_id, tag_id): str(row.name)
        for corp_id in sorted({key.corp_id for key in keys})
        for tag_id, row in (await TagQueries(uow).known(corp_id)).items()
    }
    found: dict[RelationKey, list[str]] = {}
    for (key, tag_id), mark in (await MarkQueries(uow).of_relations(keys)).items():
        if mark.carried and (name := names.get((key.corp_id, tag_id))) is not None:
            found.setdefault(key, []).append(name)
    return {key: tuple(sorted(tags)) for key, tags in found.items()}
