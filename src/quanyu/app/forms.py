"""Wiring of forms: the desk, the page everybody may open, and what was answered."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.forms import pages, routes
from quanyu.modules.forms.answering import FormDoor
from quanyu.modules.forms.results import FormResultsDesk
from quanyu.modules.forms.service import FormDesk
from quanyu.modules.forms.wechat import KnownVisitors, WayToWeChat
from quanyu.modules.people.service import People
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class FormServices:
    """The use cases of forms."""

    desk: FormDesk
    door: FormDoor
    results: FormResultsDesk
    ways: WayToWeChat


def build_forms(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    tenants: Tenants,
    people: People,
    corps: Corps,
    recognition: Recognition,
    *,
    public_url: str,
) -> FormServices:
    """Build everything of forms."""
    return FormServices(
        desk=FormDesk(tenants, public_url=public_url),
        door=FormDoor(uows, keyring, tenants, KnownVisitors(recognition, people)),
        results=FormResultsDesk(keyring, people, tenants),
        ways=WayToWeChat(uows, corps, recognition),
    )


def form_routers(forms: FormServices, *, console: Path, public_url: str) -> tuple[APIRouter, ...]:
    """Return the routes of forms, and their public page."""
    host = urlsplit(public_url).netloc
    return (
        routes.router(forms.desk, forms.results),
        pages.router(forms.door, console, forms.ways, public_host=host),
    )
