"""How codes look outside."""

from collections.abc import Sequence
from datetime import datetime

from quanyu.kernel.ids import encode_id
from quanyu.modules.community.codes import rules
from quanyu.modules.community.codes.contracts import (
    CODE_PREFIX,
    TARGET_PREFIX,
    GroupCode,
    GroupCodeState,
    ShownTarget,
    WayDraft,
)
from quanyu.modules.community.codes.queries import KeptCode, KeptTarget
from quanyu.modules.community.codes.rules import Limits, Option
from quanyu.modules.community.groups.contracts import GROUP_PREFIX


def shown_code(
    code: KeptCode,
    targets: Sequence[tuple[KeptTarget, Option]],
    *,
    corp: str,
    url: str,
    brought: tuple[int, int],
    now: datetime,
) -> GroupCode:
    """Return a code as people see it."""
    limits = Limits(code.capacity, code.margin)
    return GroupCode(
        id=encode_id(CODE_PREFIX, code.code_id),
        corp_id=corp,
        name=code.name,
        notice=code.notice,
        url=url,
        state=GroupCodeState(code.state),
        targets=tuple(_shown_target(one, option, limits, now) for one, option in targets),
        standby=code.standby,
        capacity=code.capacity,
        margin=code.margin,
        on_join=code.on_join,
        joined=brought[0],
        inside=brought[1],
        created_at=code.created_at,
        updated_at=code.updated_at,
    )


def _shown_target(target: KeptTarget, option: Option, limits: Limits, now: datetime) -> ShownTarget:
    draft = target.draft
    is_way = isinstance(draft, WayDraft)
    return ShownTarget(
        id=encode_id(TARGET_PREFIX, target.target_id),
        kind="way" if is_way else "image",
        name=draft.name,
        where=draft.where,
        groups=tuple(encode_id(GROUP_PREFIX, one) for one in target.group_ids),
        auto_create=draft.auto_create if isinstance(draft, WayDraft) else False,
        base_name=draft.base_name if isinstance(draft, WayDraft) else "",
        base_number=draft.base_number if isinstance(draft, WayDraft) else 0,
        user_limit=option.user_limit,
        expires_at=target.expires_at,
        status=target.status,
        reason=target.reason,
        qr_url=target.qr_url,
        room=rules.free_places(option, limits, now=now),
        shown=option.shown,
        is_expiring=rules.is_expiring(target.expires_at, now),
        is_expired=target.expires_at is not None and target.expires_at <= now,
    )
