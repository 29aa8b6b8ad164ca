"""Writing who came into a group and who went, and stating it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.community.groups import facts, rules
from quanyu.modules.community.groups.contracts import GROUP_PREFIX
from quanyu.modules.community.groups.member_queries import KeptMember, MemberQueries
from quanyu.modules.community.groups.queries import KeptGroup
from quanyu.modules.community.groups.rules import LeaveScene, MemberKey, SeenMember
from quanyu.modules.community.ports import CorpRef


def customer_token(keyring: KeyRing, corp_id: str, external_userid: str) -> bytes:
    """Return the blind token of a customer of a corp: the same one staff relations are kept under."""
    return keyring.blind("external_userid", corp_id, external_userid)


def member_token(keyring: KeyRing, corp_id: str, userid: str) -> bytes:
    """Return the blind token of a colleague in groups."""
    return keyring.blind("wecom_member", corp_id, userid)


def code_reference(code_id: int | None) -> str:
    """Write a group code's id as shown outside; empty for none."""
    return "" if code_id is None else encode_id("gcd", code_id)


class MemberKeeper:
    """Keeps the stays of one locked group."""

    def __init__(self, uow: UnitOfWork, keyring: KeyRing, corp: CorpRef, group: KeptGroup) -> None:
        self._uow = uow
        self._keyring = keyring
        self._corp = corp
        self._group = group

    async def joined(
        self, members: Sequence[SeenMember], codes: Mapping[str, int], *, event_at: datetime | None
    ) -> None:
        """Insert new stays and state each customer's once; colleagues are kept without a fact."""
        kept = [self._kept(one, codes, event_at=event_at) for one in members]
        await MemberQueries(self._uow).insert(self._group.group_id, kept)
        for seen, stay in zip(members, kept, strict=True):
            if seen.is_customer:
                self._uow.publish(
                    facts.member_joined(
                        self._corp.corp_id,
                        self._group.chat_id,
                        seen.key,
                        external_userid=seen.userid,
                        unionid=seen.unionid,
                        about=self._about(stay),
                        context=self._context(stay),
                    )
                )

    async def left(self, ends: Mapping[MemberKey, datetime], scene: LeaveScene | None) -> None:
        """End stays and state each customer's once."""
        for stay in await MemberQueries(self._uow).end(self._group.group_id, ends, scene):
            if stay.is_customer:
                self._uow.publish(
                    facts.member_left(
                        self._corp.corp_id,
                        self._group.chat_id,
                        stay.key,
                        at=ends[stay.key],
                        external_userid=self._opened(stay.external_sealed),
                        unionid=self._opened(stay.unionid_sealed),
                        scene=scene,
                        about=self._about(stay),
                        context=self._context(stay),
                    )
                )

    def _kept(self, seen: SeenMember, codes: Mapping[str, int], *, event_at: datetime | None) -> KeptMember:
        return KeptMember(
            key=seen.key,
            is_customer=seen.is_customer,
            userid="" if seen.is_customer else seen.userid,
            external_sealed=self._sealed(seen.userid) if seen.is_customer else None,
            unionid_sealed=self._sealed(seen.unionid),
            name_sealed=self._sealed(seen.name),
            join_scene=seen.join_scene,
            invitor=seen.invitor,
            way_state=seen.way_state,
            code_id=codes.get(seen.way_state),
            is_synthetic=rules.is_synthetic(seen.key.joined_at, event_at),
        )

    def _about(self, stay: KeptMember) -> dict[str, Any]:
        record = self._group.record
        return {
            "group": encode_id(GROUP_PREFIX, self._group.group_id),
            "owner": self._group.owner,
            "join_scene": stay.join_scene,
            "invitor": stay.invitor,
            "code": code_reference(stay.code_id),
            "synthetic": stay.is_synthetic or None,
            "source_channel": record.source_channel,
            "member_attribute": record.member_attribute,
            "behaviour_type": record.behaviour_type,
            "funnel_stage": record.funnel_stage,
        }

    def _context(self, stay: KeptMember) -> dict[str, str]:
        told = {"state": stay.way_state, "staff": stay.invitor, "store": self._group.record.store}
        return {word: value for word, value in told.items() if value}

    def _sealed(self, text: str) -> bytes | None:
        return self._keyring.seal(text.encode()) if text else None

    def _opened(self, sealed: bytes | None) -> str:
        return self._keyring.open(sealed).decode() if sealed else ""
