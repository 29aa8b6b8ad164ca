"""Wiring of welcomes: a hook at the callback door, their own loops, their routes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.codes.states import CodeStates, StateSigner
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.welcomes import routes
from quanyu.modules.staff.welcomes.figures import WelcomeResults
from quanyu.modules.staff.welcomes.hook import WelcomeHook
from quanyu.modules.staff.welcomes.journal import Journal
from quanyu.modules.staff.welcomes.links import WelcomeLinks
from quanyu.modules.staff.welcomes.media import MediaLibrary, MediaRefresher
from quanyu.modules.staff.welcomes.neighbours import Neighbours
from quanyu.modules.staff.welcomes.preparing import Preparation, Sources
from quanyu.modules.staff.welcomes.sender import WelcomeSender
from quanyu.modules.staff.welcomes.service import Welcomes
from quanyu.modules.staff.welcomes.trial import Trials
from quanyu.modules.tenants.service import Tenants


class SuspectMarks:
    """``welcomes.ports.SuspectTags``: corp tags on who came under a blocked name."""

    def __init__(self, marks: CorpTagMarks) -> None:
        self._marks = marks

    async def give(self, uow: UnitOfWork, corp_id: AccountId, userid: str, token: bytes, tag_id: str) -> None:
        """Ask for a tag; it reaches the platform within seconds."""
        await self._marks.mark(uow, RelationKey(corp_id, userid, token), [tag_id], why="welcomes:blocked")


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeServices:
    """The use cases of welcomes, what they put at the door, and their loops."""

    welcomes: Welcomes
    journal: Journal
    hook: WelcomeHook
    per_brand: Sequence[BrandLoop]
    routers: tuple[APIRouter, ...]


def build_welcomes(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    warehouse: Warehouse,
    *,
    tenants: Tenants,
    corps: Corps,
    clients: CorpClients,
) -> WelcomeServices:
    """Build everything of welcomes."""
    neighbours = Neighbours(keyring, CodeStates(StateSigner(keyring)), tenants)
    sources = Sources(codes=neighbours, staff=neighbours, zones=neighbours)
    preparation = Preparation(keyring, clients, sources)
    sender = WelcomeSender(uows, keyring, clients, preparation, SuspectMarks(CorpTagMarks(corps)))
    library = MediaLibrary(uows, clients)
    journal = Journal(neighbours, neighbours)
    welcomes = Welcomes(corps, journal, neighbours)
    trials = Trials(keyring, corps, neighbours, staff=neighbours, customers=neighbours)
    results = WelcomeResults(warehouse, uows.clock)
    return WelcomeServices(
        welcomes=welcomes,
        journal=journal,
        hook=WelcomeHook(keyring, wake=sender.wake),
        per_brand=[sender.run, MediaRefresher(uows, library).run],
        routers=(
            routes.router(welcomes, journal, trials, results, WelcomeLinks(keyring)),
            routes.media_router(corps, library, uows),
        ),
    )
