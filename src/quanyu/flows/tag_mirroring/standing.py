"""How links stand, what a comparison would change, and starting one."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from quanyu.flows.tag_mirroring.contracts import (
    LINK_PREFIX,
    SHOWN_MAX,
    DifferentPerson,
    LinkDifference,
    LinkReport,
    Reconciling,
    TagLink,
    TagPlatform,
)
from quanyu.flows.tag_mirroring.mirror import carried_by, changes_here
from quanyu.flows.tag_mirroring.places import Found, everybody, find_places
from quanyu.flows.tag_mirroring.queries import LinkQueries, LinkRow
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, decode_id, encode_id
from quanyu.modules.channels.contracts import ACCOUNT_PREFIX
from quanyu.modules.channels.reasons import explained
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.syncs.contracts import SyncKind
from quanyu.modules.channels.syncs.service import AccountSyncs
from quanyu.modules.channels.tags.queries import TagQueries
from quanyu.modules.channels.tags.standing import FollowerTagStanding
from quanyu.modules.channels.wecom.contracts import CORP_PREFIX
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.people.tags.contracts import TAG_PREFIX
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.tags import TagQueries as CorpTagQueries
from quanyu.modules.staff.tags.standing import RelationTagStanding
from quanyu.wechat.refusals import Dialect

_SLICE: Final = 1_000  # People a report compares in one transaction.
_REPORTED_MAX: Final = 50_000
_TRIED_AGAIN_MAX: Final = 5_000

# Names and counts of tags there, by (account, platform tag).
_Theirs = Mapping[tuple[int, str], tuple[str, int, int]]


class LinkStanding:
    """Shows links; compares both sides without changing anything, or has them compared for good."""

    def __init__(
        self, uows: UnitOfWorkFactory, channels: Channels, corps: Corps, marks: CorpTagMarks
    ) -> None:
        self._uows = uows
        self._channels = channels
        self._corps = corps
        self._marks = marks

    async def list_links(self, uow: UnitOfWork) -> tuple[TagLink, ...]:
        """Return all links, in the order of our tags."""
        rows = await LinkQueries(uow).links()
        accounts = {one.id: one.name for one in await self._channels.list_accounts(uow)} if rows else {}
        accounts |= {show_corp_id(one.id): one.name for one in await self._corps.list(uow)} if rows else {}
        theirs = await _theirs(uow, rows)
        return tuple([await _shown(uow, row, accounts, theirs) for row in rows])

    async def report(self, tenant_id: TenantId, link: str) -> LinkReport:
        """Compare both sides of a link (a dry run): what differs and what would change.

        Raises:
            LinkNotFound
        """
        counts, shown = Counter[str](), list[DifferentPerson]()
        after, compared, is_complete = 0, 0, False
        async with self._uows.app(tenant_id) as uow:
            row = await LinkQueries(uow).get(decode_id(LINK_PREFIX, link))
        while not is_complete and compared < _REPORTED_MAX:
            async with self._uows.app(tenant_id) as uow:
                people = await everybody(uow, row, after=after, limit=_SLICE)
                await _compare(uow, row, people, counts, shown)
            is_complete = len(people) < _SLICE
            after, compared = people[-1] if people else after, compared + len(people)
        return LinkReport(
            people=compared,
            is_complete=is_complete,
            shown=tuple(shown),
            **{name: counts[name] for name in _COUNTED},
        )

    async def reconcile(self, uow: UnitOfWork, link: str) -> Reconciling:
        """Have everybody of a link compared in the background, and refused changes tried again.

        The platform is asked for its side too; what that brings is compared as it comes.

        Raises:
            LinkNotFound
        """
        queries = LinkQueries(uow)
        row = await queries.get(decode_id(LINK_PREFIX, link))
        await queries.sweep(row.id)
        kind = SyncKind.CUSTOMERS if row.is_wecom else SyncKind.TAGS
        await AccountSyncs().start(uow, row.account, kind)
        if not row.is_wecom:
            again = await FollowerTagStanding(uow).try_again(row.account, int(row.platform_tag))
            return Reconciling(tried_again=again)
        failed = await RelationTagStanding(uow).failed(row.account, row.platform_tag, limit=_TRIED_AGAIN_MAX)
        for wanted in (False, True):
            keys = [key for key, wish in failed if wish is wanted]
            why = f"mirror:{encode_id(LINK_PREFIX, row.id)}"
            await self._marks.mark_all(uow, keys, {row.platform_tag: wanted}, why=why)
        return Reconciling(tried_again=len(failed))


_COUNTED: Final = (
    "same",
    "give_here",
    "take_here",
    "give_there",
    "take_there",
    "waiting",
    "failed",
    "unknown",
    "without_place",
)


async def _compare(
    uow: UnitOfWork, row: LinkRow, people: list[int], counts: Counter[str], shown: list[DifferentPerson]
) -> None:
    links = [one for one in await LinkQueries(uow).links() if one.tag_id == row.tag_id]
    found, carried = await find_places(uow, links, people), await carried_by(uow, people)
    here = {change.person: change.carries for change in changes_here(found, carried)}
    ours = {person for person, tags in carried.items() if any(one.tag_id == row.tag_id for one in tags)}
    for person, carries in here.items():
        _count(LinkDifference.GIVE_HERE if carries else LinkDifference.TAKE_HERE, person, counts, shown)
    after = (ours | {one for one, carries in here.items() if carries}) - {
        one for one, carries in here.items() if not carries
    }
    _count_places(row, found, after, counts, shown)
    placed = {one.person_id for one in (*found.ready, *found.unknown) if one.link.id == row.id}
    counts["without_place"] += len(ours - placed)


def _count_places(
    row: LinkRow, found: Found, ours: set[int], counts: Counter[str], shown: list[DifferentPerson]
) -> None:
    counts["unknown"] += sum(one.link.id == row.id for one in found.unknown)
    for one in found.ready:
        if one.link.id != row.id:
            continue
        wanted = one.person_id in ours
        if one.standing.is_failed and one.has == wanted:
            _count(LinkDifference.FAILED, one.person_id, counts, shown)
        elif one.has != wanted:
            there = LinkDifference.GIVE_THERE if wanted else LinkDifference.TAKE_THERE
            _count(there, one.person_id, counts, shown)
        else:
            counts["waiting" if one.is_on_its_way else "same"] += 1


def _count(
    difference: LinkDifference, person: int, counts: Counter[str], shown: list[DifferentPerson]
) -> None:
    counts[difference.value] += 1
    if len(shown) < SHOWN_MAX:
        shown.append(DifferentPerson(person_id=encode_id("per", person), difference=difference))


async def _theirs(uow: UnitOfWork, rows: list[LinkRow]) -> _Theirs:
    """Return what the tags of linked accounts are called, and how many changes wait or failed."""
    found: dict[tuple[int, str], tuple[str, int, int]] = {}
    for account in sorted({row.account for row in rows if not row.is_wecom}):
        for tag in await TagQueries(uow).list_tags(account):
            found[account, str(tag.tag_id)] = (tag.name, tag.waiting, tag.failed)
    for corp in sorted({row.account for row in rows if row.is_wecom}):
        for tag in await CorpTagQueries(uow).overview(corp):
            found[corp, tag.tag_id] = (f"{tag.group_name} / {tag.name}", tag.waiting, tag.failed)
    return found


async def _shown(uow: UnitOfWork, row: LinkRow, accounts: Mapping[str, str], theirs: _Theirs) -> TagLink:
    account = encode_id(CORP_PREFIX if row.is_wecom else ACCOUNT_PREFIX, row.account_id)
    known = theirs.get((row.account_id, row.platform_tag))
    name, waiting, failed = known or (row.platform_name, 0, 0)
    failure = await _failure(uow, row) if failed else None
    dialect = Dialect.WECOM if row.is_wecom else Dialect.OPEN
    error_zh, error_en = ("", "") if failure is None else explained(failure[0], dialect)
    return TagLink(
        id=encode_id(LINK_PREFIX, row.id),
        tag=encode_id(TAG_PREFIX, row.tag_id),
        platform=TagPlatform(row.platform),
        account=account,
        account_name=accounts.get(account, ""),
        platform_tag=row.platform_tag,
        name=name,
        is_gone=known is None,
        waiting=waiting,
        failed=failed,
        error_zh=error_zh,
        error_en=error_en,
        error_at=None if failure is None else failure[1],
        compared_at=row.swept_at,
        is_comparing=row.sweep_due_at is not None
        and (row.swept_at is None or row.sweep_due_at <= uow.clock.now()),
        created_by=row.created_by,
        created_at=row.created_at,
    )


async def _failure(uow: UnitOfWork, row: LinkRow) -> tuple[str, object] | None:
    if row.is_wecom:
        return await RelationTagStanding(uow).latest_failure(row.account, row.platform_tag)
    return await FollowerTagStanding(uow).latest_failure(row.account, int(row.platform_tag))
