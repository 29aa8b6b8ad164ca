"""Group live codes: making, changing and ending them, and deciding where somebody is led."""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.community.codes import rules
from quanyu.modules.community.codes.contracts import (
    CODE_PREFIX,
    PICTURE_BYTES_MAX,
    TARGET_PREFIX,
    CodeId,
    GroupCode,
    GroupCodeDraft,
    GroupCodes,
    GroupCodeState,
    GroupCodeStatistics,
    ImageDraft,
    NewGroupCode,
    TargetDraft,
    TargetId,
    WayDraft,
)
from quanyu.modules.community.codes.queries import CodeQueries, KeptCode, KeptTarget
from quanyu.modules.community.codes.rules import Limits, Option, Room
from quanyu.modules.community.codes.views import shown_code
from quanyu.modules.community.codes.visits import VisitQueries
from quanyu.modules.community.errors import CodeRefused, UnknownCode
from quanyu.modules.community.groups.contracts import GroupState
from quanyu.modules.community.groups.reading import GroupReading
from quanyu.modules.community.groups.service import corp_of, read_group_id
from quanyu.modules.community.ports import CorpRef, Corps, FindBrand

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_PICTURES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_DAYS_MAX: Final = 366


def read_code_id(text: str) -> CodeId:
    """Read an id as shown outside (``gcd_…``).

    Raises:
        InvalidId: it is none.
    """
    return CodeId(decode_id(CODE_PREFIX, text))


class GroupCodeDesk:
    """Keeps group codes; ``WayKeeper`` carries what they need to the platform."""

    def __init__(self, corps: Corps, find_brand: FindBrand, *, public_url: str) -> None:
        self._corps = corps
        self._find_brand = find_brand
        self._public_url = public_url.rstrip("/")

    def page_url(self, token: str) -> str:
        """Return what a printed code says."""
        return f"{self._public_url}/g/{token}"

    async def list_codes(self, uow: UnitOfWork) -> GroupCodes:
        """Return the brand's codes, those in use first."""
        kept = await CodeQueries(uow).list_all()
        return GroupCodes(items=await self._shown(uow, kept), ways_used=await CodeQueries(uow).count_ways())

    async def get(self, uow: UnitOfWork, code_id: CodeId) -> GroupCode:
        """Return one code.

        Raises:
            UnknownCode
        """
        (shown,) = await self._shown(uow, [await self.kept(uow, code_id)])
        return shown

    async def create(self, uow: UnitOfWork, command: NewGroupCode) -> GroupCode:
        """Keep a new code; its join ways are asked for by ``WayKeeper``, the intent is in this commit.

        Raises:
            UnknownCorp: of several corps none was named.
            CodeRefused: a group is not the corp's or is no more, or a picture is none.
        """
        corp = await self._corp(uow, command)
        now = uow.clock.now()
        code = KeptCode(
            code_id=CodeId(new_id()),
            corp_id=corp.account_id,
            token="".join(secrets.choice(_ALPHABET) for _ in range(14)),
            name=command.name,
            notice=command.notice,
            standby=command.standby,
            capacity=command.capacity,
            margin=command.margin,
            on_join=command.on_join,
            state=GroupCodeState.ACTIVE,
            created_at=now,
            updated_at=now,
        )
        await CodeQueries(uow).insert(code)
        await self._save_targets(uow, code, command.targets, [])
        return await self.get(uow, code.code_id)

    async def _corp(self, uow: UnitOfWork, command: NewGroupCode) -> CorpRef:
        """Return the corp that is named, else the one whose groups the code leads to."""
        groups = [one for target in command.targets if isinstance(target, WayDraft) for one in target.groups]
        if not command.corp and groups:
            first = await GroupReading(uow).find(read_group_id(groups[0]))
            for corp in await self._corps.list(uow):
                if first is not None and corp.account_id == first.corp_id:
                    return corp
        return await corp_of(self._corps, uow, command.corp)

    async def change(self, uow: UnitOfWork, code_id: CodeId, draft: GroupCodeDraft) -> GroupCode:
        """Replace what a code leads to and does; the printed picture stays. Idempotent.

        Targets keep what they are by their ids; one that is left out is given back to the platform.

        Raises:
            UnknownCode, CodeRefused
        """
        code = await self.kept(uow, code_id, lock=True)
        if code.state is GroupCodeState.ARCHIVED:
            raise CodeRefused("the code has ended", message_zh="该群活码已归档，不能再修改")
        present = (await CodeQueries(uow).targets([code_id]))[code_id]
        code = replace(
            code,
            name=draft.name,
            notice=draft.notice,
            standby=draft.standby,
            capacity=draft.capacity,
            margin=draft.margin,
            on_join=draft.on_join,
        )
        await CodeQueries(uow).save(code)
        await self._save_targets(uow, code, draft.targets, present)
        return await self.get(uow, code_id)

    async def set_state(self, uow: UnitOfWork, code_id: CodeId, state: GroupCodeState) -> GroupCode:
        """Pause a code, take it up again, or end it for good. Idempotent.

        Raises:
            UnknownCode
            CodeRefused: it has ended.
        """
        code = await self.kept(uow, code_id, lock=True)
        if code.state is GroupCodeState.ARCHIVED and state is not GroupCodeState.ARCHIVED:
            raise CodeRefused("the code has ended", message_zh="该群活码已归档，不能恢复")
        await CodeQueries(uow).save(replace(code, state=state))
        if state is GroupCodeState.ARCHIVED:
            for target in (await CodeQueries(uow).targets([code_id]))[code_id]:
                await CodeQueries(uow).remove_target(target)
        return await self.get(uow, code_id)

    async def statistics(
        self, uow: UnitOfWork, code_id: CodeId, *, first: date | None, last: date | None
    ) -> GroupCodeStatistics:
        """Count visits, joins and leaves by day; the last 30 days when none are given.

        Raises:
            UnknownCode
        """
        await self.kept(uow, code_id)
        zone = (await self._find_brand(uow)).time_zone
        last = last or uow.clock.now().astimezone(ZoneInfo(zone)).date()
        first = max(first or last - timedelta(days=29), last - timedelta(days=_DAYS_MAX - 1))
        return await VisitQueries(uow).statistics(code_id, first=first, last=last, zone=zone)

    async def kept(self, uow: UnitOfWork, code_id: CodeId, *, lock: bool = False) -> KeptCode:
        """Return a code's row.

        Raises:
            UnknownCode
        """
        code = await CodeQueries(uow).find(code_id, lock=lock)
        if code is None:
            raise UnknownCode("the brand has no such group code", message_zh="没有这个群活码")
        return code

    async def _shown(self, uow: UnitOfWork, kept: Sequence[KeptCode]) -> tuple[GroupCode, ...]:
        ids = [code.code_id for code in kept]
        targets = await CodeQueries(uow).targets(ids)
        options = await options_of(uow, [one for found in targets.values() for one in found])
        brought = await VisitQueries(uow).brought(ids)
        corps = {corp.account_id: corp.id for corp in await self._corps.list(uow)}
        return tuple(
            shown_code(
                code,
                [(one, options[one.target_id]) for one in targets[code.code_id]],
                corp=corps.get(code.corp_id, ""),
                url=self.page_url(code.token),
                brought=brought.get(code.code_id, (0, 0)),
                now=uow.clock.now(),
            )
            for code in kept
        )

    async def _save_targets(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        drafts: Sequence[TargetDraft],
        present: Sequence[KeptTarget],
    ) -> None:
        known = {encode_id(TARGET_PREFIX, one.target_id): one for one in present}
        for position, draft in enumerate(drafts):
            before = known.pop(draft.id, None) if draft.id else None
            if draft.id and before is None:
                raise CodeRefused(f"target {draft.id} is not the code's", message_zh="入群方式不存在")
            if before is not None and before.draft.kind != draft.kind:
                raise CodeRefused("a target stays of its kind", message_zh="入群方式的类型不能更改")
            await self._save_target(uow, code, draft, before, position)
        for gone in known.values():
            await CodeQueries(uow).remove_target(gone)

    async def _save_target(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        draft: TargetDraft,
        before: KeptTarget | None,
        position: int,
    ) -> None:
        target_id = before.target_id if before else TargetId(new_id())
        draft = draft.model_copy(update={"id": encode_id(TARGET_PREFIX, target_id)})
        target = KeptTarget(target_id=target_id, code_id=code.code_id, position=position, draft=draft)
        if isinstance(draft, ImageDraft):
            picture, kind = read_picture(draft, is_new=before is None)
            if draft.expires_at.tzinfo is None:
                raise CodeRefused("when the picture ends needs a time zone", message_zh="过期时间缺少时区")
            target = replace(target, picture=picture, picture_type=kind, expires_at=draft.expires_at)
            await CodeQueries(uow).save_target(target, due_at=draft.expires_at - rules.WARN_BEFORE)
            return
        groups = tuple(read_group_id(one) for one in draft.groups)
        await self._require_groups(uow, code, groups)
        # Groups the platform opened for this way stay with it.
        opened = (
            [one for one in before.group_ids if one not in groups] if before and draft.auto_create else []
        )
        target = replace(
            target,
            group_ids=(*groups, *opened),
            way_state=before.way_state if before else _way_state(target_id),
            status="wanted" if before is None or not before.config_id else "ready",
        )
        await CodeQueries(uow).save_target(target, due_at=uow.clock.now())

    async def _require_groups(self, uow: UnitOfWork, code: KeptCode, group_ids: Sequence[int]) -> None:
        found = await GroupReading(uow).find_many(group_ids)
        missing = [one for one in group_ids if one not in found or found[one].corp_id != code.corp_id]
        if missing:
            raise CodeRefused("a group is not of this corp", message_zh="所选客户群不属于该企业")
        if all(found[one].state is GroupState.DISMISSED for one in group_ids):
            raise CodeRefused("all groups of a target are dismissed", message_zh="所选客户群都已解散")


async def options_of(uow: UnitOfWork, targets: Sequence[KeptTarget]) -> dict[TargetId, Option]:
    """Return the targets as they stand: groups with their size, pictures with their visitors."""
    groups = await GroupReading(uow).find_many(sorted({one for t in targets for one in t.group_ids}))
    shown = await VisitQueries(uow).shown([one.target_id for one in targets])
    found = {}
    for target in targets:
        draft = target.draft
        is_image = isinstance(draft, ImageDraft)
        found[target.target_id] = Option(
            target_id=target.target_id,
            where=draft.where,
            is_ready=is_image or (target.status != "failed" and bool(target.qr_url)),
            rooms=tuple(
                Room(one, groups[one].members, groups[one].state is GroupState.ACTIVE)
                for one in target.group_ids
                if one in groups
            ),
            auto_create=False if isinstance(draft, ImageDraft) else draft.auto_create,
            is_image=is_image,
            shown=shown.get(target.target_id, 0),
            user_limit=draft.user_limit if isinstance(draft, ImageDraft) else 0,
            expires_at=target.expires_at,
        )
    return found


def limits_of(code: KeptCode) -> Limits:
    """Return how full a code's groups may get."""
    return Limits(code.capacity, code.margin)


def read_picture(draft: ImageDraft, *, is_new: bool) -> tuple[bytes | None, str]:
    """Read an uploaded picture; none keeps the present one.

    Raises:
        CodeRefused: there is none, or it is no PNG or JPEG, or too large.
    """
    if not draft.picture:
        if is_new:
            raise CodeRefused("a picture is needed", message_zh="请上传群二维码图片")
        return None, ""
    try:
        picture = base64.b64decode(draft.picture.partition("base64,")[2] or draft.picture, validate=True)
    except binascii.Error as error:
        raise CodeRefused("the picture is not base64", message_zh="图片编码有误") from error
    if len(picture) > PICTURE_BYTES_MAX:
        raise CodeRefused("a picture has at most 2 MB", message_zh="图片不能超过 2 MB")
    kind = next((kind for magic, kind in _PICTURES.items() if picture.startswith(magic)), "")
    if not kind:
        raise CodeRefused("a picture is a PNG or a JPEG", message_zh="图片须为 PNG 或 JPEG")
    return picture, kind


def _way_state(target_id: TargetId) -> str:
    """Return the state a way gives those who join by it: at most 30 signs, not to be guessed."""
    return f"g{encode_id('t', target_id)[2:]}{secrets.token_hex(4)}"[:30]
