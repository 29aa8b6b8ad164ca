"""Giving a code's tags to who scanned it."""

from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.codes.contracts import CodeState
from quanyu.modules.channels.codes.queries import CodeQueries
from quanyu.modules.channels.contracts import FollowerEvent
from quanyu.modules.channels.followers import FollowerKey
from quanyu.modules.channels.tags.contracts import TagId
from quanyu.modules.channels.tags.queries import TagQueries
from quanyu.modules.channels.translation import FOLLOWED, PREFIX

SCANNED: Final = f"{PREFIX}scanned"


class SourceCodeSubscriber:
    """React subscriber ``channels.source_codes``; idempotent: a wish that is there is not made again."""

    name: Final = "channels.source_codes"
    after: Final = ("channels.followers",)

    def wants(self, event_name: str) -> bool:
        """Follows and scans may come from a code."""
        return event_name in (FOLLOWED, SCANNED)

    async def prepare(self, tenant_id: TenantId, events: Sequence[FollowerEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[FollowerEvent], prepared: None) -> None:
        """Ask for the tags; ``TagWorker`` carries them to the platform."""
        scans = [
            (event.context.get("app", ""), event.context["source_code"], event.context.get("follower", ""))
            for event in events
            if event.context.get("source_code")
        ]
        if not scans:
            return
        codes = await CodeQueries(uow).by_scenes(sorted({(app_id, scene) for app_id, scene, _ in scans}))
        by_origin: dict[str, list[tuple[FollowerKey, TagId]]] = {}
        for app_id, scene, token in scans:
            code = codes.get((app_id, scene))
            if code is not None and code.state is not CodeState.ARCHIVED and token:
                key = FollowerKey(code.account_id, bytes.fromhex(token))
                by_origin.setdefault(code.reference, []).extend(
                    (key, TagId(tag_id)) for tag_id in code.draft.tags
                )
        for origin, wishes in sorted(by_origin.items()):
            await TagQueries(uow).wish_for(wishes, origin=origin)
