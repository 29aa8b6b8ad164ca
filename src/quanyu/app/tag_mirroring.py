"""Wiring of tags kept in step with those of platforms."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.staffing import StaffServices
from quanyu.app.workers import BrandLoop
from quanyu.flows.tag_mirroring import routes
from quanyu.flows.tag_mirroring.links import LinkDesk
from quanyu.flows.tag_mirroring.mirror import TagMirror
from quanyu.flows.tag_mirroring.standing import LinkStanding
from quanyu.flows.tag_mirroring.subscriber import MirrorSubscriber
from quanyu.flows.tag_mirroring.worker import MirrorWorker
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.tags.service import TagDesk
from quanyu.modules.people.tags.service import PersonTags


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorServices:
    """Links between tags, what they hear of the log, and their loop."""

    routers: Sequence[APIRouter]
    subscriber: MirrorSubscriber
    per_brand: Sequence[BrandLoop]


def build_tag_mirroring(
    uows: UnitOfWorkFactory, channels: Channels, tags: PersonTags, desk: TagDesk, staff: StaffServices
) -> MirrorServices:
    """Build everything of linked tags."""
    links = LinkDesk(uows, channels, staff.corps, desk, staff.tags)
    standing = LinkStanding(uows, channels, staff.corps, staff.marks)
    mirror = TagMirror(tags.giving, staff.marks)
    return MirrorServices(
        routers=[routes.router(links, standing)],
        subscriber=MirrorSubscriber(),
        per_brand=[MirrorWorker(uows, mirror).run],
    )
