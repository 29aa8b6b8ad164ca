"""Learning who opens a form: by WeChat, through a personal link, or not at all (``staff.visitors``)."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.modules.channels.contracts import ACCOUNT_PREFIX, AccountId
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.forms.definition import WeChatAccess
from quanyu.modules.forms.tickets import FormTickets
from quanyu.modules.forms.visitors import Visitor
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.service import People
from quanyu.modules.staff.visitors.fans import Fan, FanRecognition
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.staff.visitors.routes import lead_away, visit_of


class WayToWeChat:
    """Sends browsers in WeChat to the account or the corp's app and back, where that tells who they are."""

    def __init__(
        self, uows: UnitOfWorkFactory, corps: Corps, recognition: Recognition, fans: FanRecognition
    ) -> None:
        self._uows = uows
        self._corps = corps
        self._recognition = recognition
        self._fans = fans

    async def lead(
        self, tenant_id: TenantId, request: Request, access: WeChatAccess | None, *, has_ticket: bool
    ) -> Response | None:
        """Return the way out, or ``None`` where nothing can be learned there.

        The form's own account is asked even of who came by a personal link, as links are passed on.
        """
        visit = visit_of(request)
        if access is not None:
            account_id = AccountId(decode_id(ACCOUNT_PREFIX, access.account))
            way = await self._fans.way(tenant_id, account_id, visit, access.asks)
            return None if way is None else lead_away(request, way)
        if has_ticket:
            return None
        async with self._uows.system(tenant_id) as uow:
            for corp in await self._corps.list(uow):
                way = await self._recognition.way(uow, corp.id, visit)
                if way is not None:
                    return lead_away(request, way)
        return None


class KnownVisitors:
    """``answering.Visitors`` from WeChat, tickets in links and cookies, in this order."""

    def __init__(
        self,
        recognition: Recognition,
        people: People,
        fans: FanRecognition,
        tickets: FormTickets,
        keyring: KeyRing,
    ) -> None:
        self._recognition = recognition
        self._people = people
        self._fans = fans
        self._tickets = tickets
        self._keyring = keyring

    async def who(self, uow: UnitOfWork, token: str, ticket: str, cookies: Mapping[str, str]) -> Visitor:
        """Return who looks: whom WeChat names, else whom a link was made for, else a customer of the corp.

        A link opened by another WeChat identity is not an answer of whom it was made for.
        """
        fan = self._fans.fan(uow.tenant_id, cookies)
        if fan is not None:
            return await self._fan(uow, fan)
        named = self._tickets.read(uow.tenant_id, token, ticket, uow.clock.now()) if ticket else None
        customer = await self._recognition.person(uow, cookies)
        if named is None or customer is not None:
            return Visitor(person=customer)
        return Visitor(person=(await self._people.canonical_ids(uow, [named])).get(named), by_ticket=True)

    async def _fan(self, uow: UnitOfWork, fan: Fan) -> Visitor:
        identifiers = [Identifier(one.namespace, one.scope, one.value) for one in fan.identifiers]
        found = await self._people.people_by_identifier(uow, identifiers)
        # The openid is theirs for certain; the account's unionid may have been told to nobody yet.
        known = next((one for one in reversed(found) if one is not None), None)
        canonical = await self._people.canonical_ids(uow, [known]) if known is not None else {}
        return Visitor(
            person=None if known is None else canonical.get(known),
            identifiers=fan.identifiers,
            device=self._keyring.blind("form_fan", fan.app_id, fan.openid),
        )

    async def locate(self, uow: UnitOfWork, person_id: PersonId, namespace: str) -> Sequence[Identifier]:
        """Return a person's identifiers of one kind."""
        return await self._people.locate(uow, person_id, namespace)
