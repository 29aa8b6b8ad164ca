"""Rows as they are shown outside."""

from collections.abc import Sequence
from typing import Any

from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.reasons import explained
from quanyu.modules.channels.wecom.corps import show_corp_id
from quanyu.modules.staff.tags.contracts import (
    CorpTag,
    CorpTagFailure,
    CorpTagGroup,
    CorpTags,
    PersonCorpTag,
    TagConflict,
)
from quanyu.modules.staff.tags.rules import ConflictPolicy, MarkState, Winner
from quanyu.wechat.refusals import Dialect

CONFLICT_PREFIX = "tgc"


def show_tags(corp: str, book: Any | None, groups: Sequence[CorpTagGroup]) -> CorpTags:
    reason_zh, reason_en = _why("" if book is None else book.reason)
    return CorpTags(
        corp=corp,
        groups=tuple(groups),
        policy=ConflictPolicy.PLATFORM if book is None else ConflictPolicy(book.policy),
        listed_at=None if book is None else book.listed_at,
        is_listing=book is None or book.listed_at is None or book.attempts > 0,
        reason_zh=reason_zh,
        reason_en=reason_en,
    )


def show_group(group: tuple[str, str], tags: Sequence[Any]) -> CorpTagGroup:
    """Show a group, given by id and name, with its tags."""
    return CorpTagGroup(
        id=group[0],
        name=group[1],
        is_own=all(row.is_own for row in tags),
        tags=tuple(
            CorpTag(
                id=row.tag_id,
                name=row.name,
                is_own=row.is_own,
                customers=row.customers,
                waiting=row.waiting,
                failed=row.failed,
            )
            for row in tags
        ),
    )


def show_person_tag(row: Any) -> PersonCorpTag:
    failed = row.state == MarkState.FAILED
    failed_zh, failed_en = _why(row.reason if failed else "")
    return PersonCorpTag(
        corp=_corp(row),
        staff=row.member_userid,
        id=row.tag_id,
        name=row.tag_name,
        group=row.group_name,
        carried=row.carried,
        wanted=row.ours if row.state in (MarkState.WAITING, MarkState.SENDING) else None,
        failed_zh=failed_zh,
        failed_en=failed_en,
    )


def show_conflict(row: Any) -> TagConflict:
    return TagConflict(
        id=encode_id(CONFLICT_PREFIX, row.id),
        corp=_corp(row),
        staff=row.member_userid,
        person_id=_person(row),
        tag_id=row.tag_id,
        tag=row.tag_name,
        seen=row.seen,
        ours_at=row.ours_at,
        origin=row.origin,
        policy=ConflictPolicy(row.policy),
        winner=Winner(row.winner),
        found_at=row.found_at,
    )


def show_failure(row: Any) -> CorpTagFailure:
    detail_zh, detail_en = _why(row.reason)
    return CorpTagFailure(
        corp=_corp(row),
        staff=row.member_userid,
        person_id=_person(row),
        tag_id=row.tag_id,
        tag=row.tag_name or "",
        wanted=bool(row.ours),
        reason=row.reason,
        detail_zh=detail_zh,
        detail_en=detail_en,
        at=row.updated_at,
    )


def _why(reason: str) -> tuple[str, str]:
    if reason == "no_customer":
        return "这位客户的企业微信 ID 尚不可知", "the customer's id is not known yet"
    return explained(reason, Dialect.WECOM) if reason else ("", "")


def _corp(row: Any) -> str:
    return show_corp_id(AccountId(row.corp_id))


def _person(row: Any) -> str | None:
    return None if row.person_id is None else encode_id("per", row.person_id)
