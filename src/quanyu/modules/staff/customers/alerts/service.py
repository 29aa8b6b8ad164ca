"""Alerts as the console works through them, and the rules they follow."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.people.service import People
from quanyu.modules.staff.customers.alerts.contracts import (
    ALERT_PREFIX,
    Alert,
    AlertId,
    AlertKind,
    AlertPage,
    AlertRow,
    AlertRules,
    AlertState,
    HandleAlert,
)
from quanyu.modules.staff.customers.alerts.queries import AlertQueries
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.service import Customers
from quanyu.modules.staff.directory.contracts import Member, MemberId
from quanyu.modules.staff.directory.service import Directory, show_member_id
from quanyu.modules.staff.errors import UnknownAlert


class AlertDesk:
    """List alerts, see to them, and say who is told of which."""

    def __init__(self, corps: Corps, people: People, directory: Directory, customers: Customers) -> None:
        self._corps = corps
        self._people = people
        self._directory = directory
        self._customers = customers

    async def page(
        self,
        uow: UnitOfWork,
        *,
        state: AlertState | None = None,
        kind: AlertKind | None = None,
        member_id: MemberId | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AlertPage:
        """List alerts, newest first.

        Raises:
            UnknownMember: the brand has no such member.
            InvalidCursor: another list made the cursor.
        """
        member = None if member_id is None else await self._directory.get(uow, member_id)
        size = clamp_limit(limit)
        queries = AlertQueries(uow)
        found = await queries.page(
            state=state,
            kind=kind,
            corp_id=None if member is None else member.corp_id,
            userid="" if member is None else member.userid,
            before=decode_cursor(cursor, int)[0] if cursor else None,
            limit=size + 1,
        )
        shown = found[:size]
        return AlertPage(
            items=await self._rows(uow, shown),
            next_cursor=encode_cursor(shown[-1].alert_id) if len(found) > size else None,
            open=await queries.count_open(),
        )

    async def handle(self, uow: UnitOfWork, alert_id: AlertId, command: HandleAlert, *, by: str) -> AlertRow:
        """Write who saw to an alert and what of it, or open it again. Idempotent.

        Raises:
            UnknownAlert: the brand has no such alert.
        """
        alert = await AlertQueries(uow).settle(alert_id, state=command.state, by=by, note=command.note)
        if alert is None:
            shown = encode_id(ALERT_PREFIX, alert_id)
            raise UnknownAlert(f"no alert {shown}", message_zh=f"没有这条提醒：{shown}")
        return (await self._rows(uow, [alert]))[0]

    async def rules(self, uow: UnitOfWork, corp_id: AccountId) -> AlertRules:
        """Return a company's rules.

        Raises:
            UnknownCorp: the brand has no such company.
        """
        corp = await self._corps.get(uow, corp_id)
        return await AlertQueries(uow).rules(corp.id)

    async def save_rules(self, uow: UnitOfWork, corp_id: AccountId, rules: AlertRules) -> AlertRules:
        """Replace a company's rules; what was told is told.

        Raises:
            UnknownCorp: the brand has no such company.
        """
        corp = await self._corps.get(uow, corp_id)
        await AlertQueries(uow).save_rules(corp.id, rules)
        return rules

    async def _rows(self, uow: UnitOfWork, alerts: Sequence[Alert]) -> tuple[AlertRow, ...]:
        members: dict[tuple[AccountId, str], Member] = {}
        names: dict[tuple[AccountId, bytes], str] = {}
        people = [one.person_id for one in alerts if one.person_id is not None]
        known_as = await self._people.display_names(uow, people)
        for corp_id in sorted({one.corp_id for one in alerts}):
            theirs = [one for one in alerts if one.corp_id == corp_id]
            found = await self._directory.by_userids(uow, corp_id, sorted({one.userid for one in theirs}))
            members |= {(corp_id, userid): member for userid, member in found.items()}
            tokens = [one.token for one in theirs if one.token is not None]
            contacts = await ContactQueries(uow).find(corp_id, tokens)
            names |= {
                (corp_id, token): self._customers.name_of(contact) for token, contact in contacts.items()
            }
        return tuple(_row(one, members.get((one.corp_id, one.userid)), names, known_as) for one in alerts)


def read_alert_id(text: str) -> AlertId:
    """Read an id as shown outside (``sal_…``).

    Raises:
        InvalidId: it is none.
    """
    return AlertId(decode_id(ALERT_PREFIX, text))


def _row(
    alert: Alert,
    member: Member | None,
    names: Mapping[tuple[AccountId, bytes], str],
    known_as: Mapping[PersonId, str],
) -> AlertRow:
    name = names.get((alert.corp_id, alert.token or b""), "")
    if not name and alert.person_id is not None:
        name = known_as.get(alert.person_id, "")
    return AlertRow(
        id=encode_id(ALERT_PREFIX, alert.alert_id),
        corp=show_corp_id(alert.corp_id),
        kind=alert.kind,
        staff_id="" if member is None else show_member_id(member.member_id),
        staff_name=alert.userid if member is None else member.shown_name,
        person_id=None if alert.person_id is None else encode_id("per", alert.person_id),
        customer_name=name,
        count=alert.count,
        happened_at=alert.happened_at,
        state=alert.state,
        handled_by=alert.handled_by,
        handled_at=alert.handled_at,
        note=alert.note,
    )
