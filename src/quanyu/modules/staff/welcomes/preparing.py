"""Preparing a welcome: which one, with which words; what nobody knows in time is left to the defaults."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.staff.welcomes.blocking import find_blocked
from quanyu.modules.staff.welcomes.books import Book, Books
from quanyu.modules.staff.welcomes.compose import Composed, Known, compose
from quanyu.modules.staff.welcomes.ledger import Claimed, Settlement
from quanyu.modules.staff.welcomes.links import WelcomeLinks
from quanyu.modules.staff.welcomes.ports import CodeBook, CodeOrigin, Greeter, StaffBook, Zones
from quanyu.modules.staff.welcomes.rules import Chosen, Situation, choose
from quanyu.modules.staff.welcomes.states import BLOCKED, WelcomeState
from quanyu.modules.staff.welcomes.variables import NAME, STAFF, STORE
from quanyu.wechat.wecom.customers import GET, CustomerRequest, ExternalContact

_log = get_logger("staff.welcomes")
# What asking for a name may cost of the twenty seconds.
_DETAILS_S: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the database knows for one welcome."""

    claimed: Claimed
    book: Book
    chosen: Chosen | None
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A welcome that can be handed."""

    claimed: Claimed
    chosen: Chosen
    composed: Composed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who is asked."""

    codes: CodeBook
    staff: StaffBook
    zones: Zones


class Preparation:
    """Chooses and composes."""

    def __init__(self, keyring: KeyRing, clients: CorpClients, sources: Sources) -> None:
        self._links = WelcomeLinks(keyring)
        self._clients = clients
        self._sources = sources
        self._books = Books()

    async def read(self, uow: UnitOfWork, claimed: Sequence[Claimed]) -> dict[int, Prepared]:
        """Return what our own tables know for each of these welcomes, by its number."""
        prepared: dict[int, Prepared] = {}
        if not claimed:
            return prepared
        zone = ZoneInfo(await self._sources.zones.zone_of(uow))
        books = await self._books.read(uow, sorted({one.corp_id for one in claimed}))
        for corp_id, book in books.items():
            own = [one for one in claimed if one.corp_id == corp_id]
            origins, greeters = await self._about(uow, corp_id, own)
            media = book.ready_media(uow.clock.now())
            for one in own:
                origin, greeter = origins.get(one.code_state), greeters.get(one.userid, Greeter())
                prepared[one.welcome_id] = Prepared(
                    claimed=one,
                    book=book,
                    chosen=choose(book.rules, situation(one, origin, greeter, zone), whom=one.customer_token),
                    known=Known(
                        words=words(origin, greeter),
                        token=self._links.token(one.welcome_id),
                        media=media,
                        zone=zone,
                    ),
                )
        return prepared

    async def _about(
        self, uow: UnitOfWork, corp_id: AccountId, own: Sequence[Claimed]
    ) -> tuple[Mapping[str, CodeOrigin], Mapping[str, Greeter]]:
        states = {one.code_state: one.happened_at for one in own if one.code_state}
        origins = await self._sources.codes.resolve(uow, corp_id, states) if states else {}
        userids = sorted({one.userid for one in own})
        return origins, await self._sources.staff.greeters(uow, corp_id, userids)

    async def finish(self, tenant_id: TenantId, prepared: Prepared) -> Ready | Settlement:
        """Return the welcome ready to be handed, or why there is none.

        Asks the platform who came only where the answer is used, and not for long: a name that comes late
        is a name that is not known.
        """
        claimed, chosen = prepared.claimed, prepared.chosen
        asks = not prepared.book.block_list.is_empty or _uses_name(chosen)
        contact = await self._details(tenant_id, claimed) if asks else None
        if contact is not None and _is_blocked(prepared.book, contact):
            tag = prepared.book.block_list.tag
            return Settlement(claimed, WelcomeState.WITHHELD, BLOCKED, chosen, suspect_tag=tag)
        if chosen is None:
            return Settlement(claimed, WelcomeState.WITHHELD, "no_rule")
        known = prepared.known
        if contact is not None:
            known = replace(known, words={**known.words, NAME: contact.name})
        composed = compose(chosen.rule.draft, chosen.variant.content, known)
        if composed is None:
            return Settlement(claimed, WelcomeState.ERROR, "unrenderable", chosen)
        return Ready(claimed=claimed, chosen=chosen, composed=composed)

    async def _details(self, tenant_id: TenantId, claimed: Claimed) -> ExternalContact | None:
        try:
            async with asyncio.timeout(_DETAILS_S):
                client = await self._clients.get(tenant_id, claimed.corp_id)
                request = CustomerRequest(external_userid=claimed.secret.external_userid)
                return (await client.call(GET, request)).external_contact
        except (AppError, TimeoutError) as error:
            _log.info("staff.welcomes.details_late", welcome=claimed.welcome_id, error=type(error).__name__)
            return None


def situation(claimed: Claimed, origin: CodeOrigin | None, greeter: Greeter, zone: ZoneInfo) -> Situation:
    """Return who came, how and when, as the choice needs it."""
    stores = (origin.store if origin else "", greeter.store)
    return Situation(
        code=origin.code if origin else "",
        stores=tuple(dict.fromkeys(store for store in stores if store)),
        staff=claimed.userid,
        local=claimed.happened_at.astimezone(zone),
    )


def words(origin: CodeOrigin | None, greeter: Greeter) -> dict[str, str]:
    """Return what is known for the variables of a text (WM-5)."""
    return {STAFF: greeter.name, STORE: (origin.store if origin else "") or greeter.store}


def _uses_name(chosen: Chosen | None) -> bool:
    return chosen is not None and NAME in chosen.variant.content.variables


def _is_blocked(book: Book, contact: ExternalContact) -> bool:
    companies = (contact.corp_name, contact.corp_full_name)
    return find_blocked(book.block_list, name=contact.name, companies=companies) is not None
