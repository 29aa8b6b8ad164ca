"""Wiring of drafting: plain words to drafts."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.flows.drafting.names import BrandNames
from quanyu.flows.drafting.routes import routers
from quanyu.flows.drafting.service import Drafting
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
    segments: Segments,
    tags: PersonTags,
    tenants: Tenants,
    channels: Channels,
    journeys: Journeys,
) -> DraftingServices:
    """Build it; nothing of it needs closing."""
    names = BrandNames(uows, segments, tags, tenants, channels)
    drafting = Drafting(uows, names, segments, journeys)
    return DraftingServices(drafting=drafting, routers=routers(drafting))
