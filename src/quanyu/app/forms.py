"""Wiring of forms: the desk, the page everybody may open, and what was answered."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.forms import pages, routes
from quanyu.modules.forms.answering import FormDoor
from quanyu.modules.forms.figure_desk import FormFigures
from quanyu.modules.forms.results import FormResultsDesk
from quanyu.modules.forms.service import FormDesk
from quanyu.modules.forms.tickets import FormTickets
from quanyu.modules.forms.uploads import FileDoor
from quanyu.modules.forms.wechat import KnownVisitors, WayToWeChat
from quanyu.modules.forms.word_desk import FormWords
from quanyu.modules.people.service import People
from quanyu.modules.staff.visitors import routes as visitor_routes
from quanyu.modules.staff.visitors.fans import FanRecognition
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class FormServices:
    """The use cases of forms."""

    desk: FormDesk
    door: FormDoor
    results: FormResultsDesk
    figures: FormFigures
    words: FormWords
    ways: WayToWeChat
    fans: FanRecognition
    files: FileDoor


def build_forms(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    tenants: Tenants,
    people: People,
    corps: Corps,
    recognition: Recognition,
    clients: AccountClients,
    channels: Channels,
    *,
    public_url: str,
) -> FormServices:
    """Build everything of forms."""

    async def has_account(uow: UnitOfWork, account: str) -> bool:
        return account in {one.id for one in await channels.list_accounts(uow)}

    fans = FanRecognition(uows, keyring, clients, public_url=public_url)
    tickets = FormTickets(keyring, public_url=public_url)
    visitors = KnownVisitors(recognition, people, fans, tickets, keyring)
    figures = FormFigures(tenants)
    return FormServices(
        desk=FormDesk(tenants, public_url=public_url, has_account=has_account),
        door=FormDoor(uows, keyring, tenants, visitors),
        results=FormResultsDesk(keyring, people, tenants),
        figures=figures,
        words=FormWords(keyring, figures),
        ways=WayToWeChat(uows, corps, recognition, fans),
        fans=fans,
        files=FileDoor(uows, keyring),
    )


def form_routers(forms: FormServices, *, console: Path, public_url: str) -> tuple[APIRouter, ...]:
    """Return the routes of forms, and their public page."""
    host = urlsplit(public_url).netloc
    return (
        routes.router(forms.desk, forms.results, forms.figures, forms.words),
        visitor_routes.fan_router(forms.fans),
        pages.router(forms.door, forms.files, console, forms.ways, public_host=host),
    )
