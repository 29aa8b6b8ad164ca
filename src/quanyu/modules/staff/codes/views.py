"""Codes as they are shown: from rows to what crosses the boundary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import (
    CodeStatus,
    LiveCode,
    LiveCodeMember,
    LiveCodeRow,
    MemberState,
    PlaceKind,
    PushStatus,
    ShownWay,
)
from quanyu.modules.staff.codes.ports import Colleague
from quanyu.modules.staff.codes.queries import KeptCode
from quanyu.modules.staff.codes.quotas import CORP_PREFIX
from quanyu.modules.staff.codes.reasons import explained
from quanyu.modules.staff.codes.rules import Obstacle, Tier
from quanyu.modules.staff.codes.states import LiveCodeId
from quanyu.modules.staff.codes.way_queries import Phase, Way

Role = Literal["staff", "backup", "keeper"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What rows of codes are shown with."""

    now: datetime
    ways: Mapping[LiveCodeId, Way]
    counts: Mapping[LiveCodeId, Mapping[str, tuple[int, int]]]
    colleagues: Mapping[tuple[AccountId, str], Colleague]
    landing_url: Callable[[KeptCode], str]

    def row(self, code: KeptCode) -> LiveCodeRow:
        """Return a code as the list has it."""
        counts = self.counts.get(code.code_id, {})
        return LiveCodeRow(
            id=code.reference,
            corp=encode_id(CORP_PREFIX, code.corp_id),
            name=code.draft.name,
            status=code.status,
            tier=code.tier,
            serving=tuple(self._name(code, userid) for userid in code.users),
            adds_today=sum(adds for adds, _ in counts.values()),
            over_cap_today=sum(over for _, over in counts.values()),
            push=push_status(self.ways.get(code.code_id)),
            landing_url=self.landing_url(code),
            ends_at=code.draft.ends_at,
            created_at=code.created_at,
            updated_at=code.updated_at,
        )

    def whole(self, code: KeptCode) -> LiveCode:
        """Return one code whole."""
        return LiveCode(
            row=self.row(code),
            draft=code.draft,
            is_exclusive=code.is_exclusive,
            redirect=code.redirect,
            state=code.state,
            way=_shown_way(code, self.ways.get(code.code_id)),
            members=tuple(self._members(code)),
            next_border=code.next_border,
            warnings=tuple(_warnings(code)),
        )

    def _name(self, code: KeptCode, userid: str) -> str:
        colleague = self.colleagues.get((code.corp_id, userid))
        return userid if colleague is None else colleague.name

    def _members(self, code: KeptCode) -> list[MemberState]:
        draft = code.draft
        found = [self._member(code, one, "staff") for one in draft.members]
        found += [self._member(code, one, "backup") for one in draft.backup]
        if draft.keeper:
            found.append(self._member(code, LiveCodeMember(userid=draft.keeper), "keeper"))
        return found

    def _member(self, code: KeptCode, member: LiveCodeMember, role: Role) -> MemberState:
        colleague = self.colleagues.get((code.corp_id, member.userid))
        adds, _ = self.counts.get(code.code_id, {}).get(member.userid, (0, 0))
        obstacle = None if role == "keeper" else code.obstacles.get(member.userid)
        if colleague is None:
            obstacle = Obstacle.GONE
        return MemberState(
            userid=member.userid,
            name=self._name(code, member.userid),
            role=role,
            obstacle=obstacle,
            adds_today=adds,
            held=0 if colleague is None else colleague.held,
            weight=member.weight,
            daily_cap=member.daily_cap,
            held_cap=member.held_cap,
        )


def push_status(way: Way | None) -> PushStatus:
    """Return how the platform's code stands to what it should be."""
    if way is None:
        return PushStatus.WITHDRAWN
    if way.reason:
        return PushStatus.FAILED
    if way.phase is not Phase.LIVE:
        return PushStatus.MAKING
    return PushStatus.IN_STEP if way.wanted_hash == way.actual_hash else PushStatus.BEHIND


def _shown_way(code: KeptCode, way: Way | None) -> ShownWay:
    reason = "" if way is None else way.reason
    meaning_zh, meaning_en = explained(reason)
    return ShownWay(
        status=push_status(way),
        qr_code="" if way is None else way.qr_code,
        config_id="" if way is None else way.config_id or "",
        wanted_users=code.users,
        actual_users=() if way is None else way.actual_users,
        wanted_skip_verify=code.skip_verify,
        actual_skip_verify=code.skip_verify if way is None else way.actual_skip_verify,
        reason=meaning_en,
        reason_zh=meaning_zh,
        pushed_at=None if way is None else way.pushed_at,
        checked_at=None if way is None else way.checked_at,
    )


def _warnings(code: KeptCode) -> list[str]:
    """Return what is better changed."""
    draft, found = code.draft, []
    if code.status is CodeStatus.LIVE and not draft.keeper:
        found.append("no_keeper")  # The platform's picture is withdrawn when nobody serves.
    if code.status is CodeStatus.LIVE and draft.fallback.kind is PlaceKind.CLOSED and not draft.backup:
        found.append("closed_without_backup")
    if code.status is CodeStatus.LIVE and code.tier in (Tier.KEEPER, Tier.NOBODY):
        found.append("nobody_serves")
    return found
