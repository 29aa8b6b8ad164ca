"""Wiring of drafting: plain words to drafts."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.flows.drafting.model import routes as model_routes
from quanyu.flows.drafting.model.openai import OpenAiCompatible
from quanyu.flows.drafting.model.service import ModelDesk
from quanyu.flows.drafting.names import BrandNames
from quanyu.flows.drafting.routes import routers
from quanyu.flows.drafting.service import Drafting
from quanyu.infra.crypto import KeyRing
from quanyu.infra.outbound import Outbound
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.channels.service import Channels
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.people.tags.service import PersonTags
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class DraftingServices:
    """Drafting, ready to be called."""

    drafting: Drafting
    routers: Sequence[APIRouter]


def build_drafting(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    segments: Segments,
    tags: PersonTags,
    tenants: Tenants,
    channels: Channels,
    journeys: Journeys,
    *,
    model_hosts: Sequence[str],
) -> DraftingServices:
    """Build it; nothing of it needs closing. ``model_hosts``: of the inner network, where models may be."""
    names = BrandNames(uows, segments, tags, tenants, channels)
    models = ModelDesk(uows, keyring, tenants, OpenAiCompatible(Outbound(model_hosts)))
    drafting = Drafting(uows, names, segments, journeys, models)
    return DraftingServices(drafting=drafting, routers=(*routers(drafting), model_routes.router(models)))
