"""Welcomes as people manage them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.contracts import (
    RULE_PREFIX,
    RULES_MAX,
    Scope,
    WelcomeDraft,
    WelcomeRule,
    WelcomeRuleId,
    WelcomeRules,
)
from quanyu.modules.staff.welcomes.errors import WelcomeConflict, unknown_welcome
from quanyu.modules.staff.welcomes.journal import Journal
from quanyu.modules.staff.welcomes.media_queries import KeptMedia, MediaQueries
from quanyu.modules.staff.welcomes.ports import Zones
from quanyu.modules.staff.welcomes.queries import RuleQueries, StoredRule
from quanyu.modules.staff.welcomes.rules import KeptRule, rivals, speaking_slot

_MONTH: Final = timedelta(days=30)


class MissingMedia(InvalidInput):
    """A welcome attaches a file its corp does not have, or of another kind."""

    code = "staff.welcome_media_missing"


class Welcomes:
    """Rules of welcomes; every change speaks from the next new customer on."""

    def __init__(self, corps: Corps, journal: Journal, zones: Zones) -> None:
        self._corps = corps
        self._journal = journal
        self._zones = zones

    async def list_rules(self, uow: UnitOfWork, corp_id: AccountId | None = None) -> WelcomeRules:
        """Return the rules, newest first, with what speaks now and how often each greeted in 30 days."""
        stored = await RuleQueries(uow).list_rules(corp_id)
        return WelcomeRules(items=await self._show(uow, stored[::-1]))

    async def follow_rename(self, uow: UnitOfWork, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Let a member's own welcome go on speaking for them under another id; idempotent."""
        queries = RuleQueries(uow)
        for rule in await queries.list_rules(corp_id):
            draft = rule.kept.draft
            if draft.scope is not Scope.STAFF or userid not in draft.targets:
                continue
            targets = dict.fromkeys(new_userid if one == userid else one for one in draft.targets)
            followed = KeptRule(rule.kept.rule_id, draft.model_copy(update={"targets": tuple(targets)}))
            await queries.save(replace(rule, kept=followed, updated_at=uow.clock.now()))
            await queries.bump(corp_id)

    async def get(self, uow: UnitOfWork, rule_id: WelcomeRuleId) -> WelcomeRule:
        """Return one rule.

        Raises:
            UnknownWelcome
        """
        return (await self._show(uow, [await self._find(uow, rule_id)]))[0]

    async def create(self, uow: UnitOfWork, draft: WelcomeDraft) -> WelcomeRule:
        """Add a rule.

        Raises:
            UnknownCorp, WelcomeConflict, MissingMedia
        """
        corp = await self._corps.get(uow, read_corp_id(draft.corp))
        now = uow.clock.now()
        kept = KeptRule(WelcomeRuleId(new_id()), draft)
        return await self._save(uow, StoredRule(kept=kept, corp_id=corp.id, created_at=now, updated_at=now))

    async def change(self, uow: UnitOfWork, rule_id: WelcomeRuleId, draft: WelcomeDraft) -> WelcomeRule:
        """Replace a rule; idempotent. It stays with its corp.

        Raises:
            UnknownWelcome, WelcomeConflict, MissingMedia
        """
        known = await self._find(uow, rule_id)
        if draft.corp != known.kept.draft.corp:
            raise WelcomeConflict("a welcome stays with its corp", message_zh="欢迎语不能换到其他企业")
        changed = StoredRule(
            kept=KeptRule(rule_id, draft),
            corp_id=known.corp_id,
            created_at=known.created_at,
            updated_at=uow.clock.now(),
        )
        return await self._save(uow, changed)

    async def delete(self, uow: UnitOfWork, rule_id: WelcomeRuleId) -> None:
        """Delete a rule; what it sent stays in the journal.

        Raises:
            UnknownWelcome
        """
        known = await self._find(uow, rule_id)
        await RuleQueries(uow).bump(known.corp_id)
        await RuleQueries(uow).delete(rule_id)

    async def block_list(self, uow: UnitOfWork, corp_id: AccountId) -> WelcomeBlockList:
        """Return whom nobody greets (WM-7).

        Raises:
            UnknownCorp
        """
        await self._corps.get(uow, corp_id)
        return await RuleQueries(uow).block_list(corp_id)

    async def set_block_list(
        self, uow: UnitOfWork, corp_id: AccountId, words: WelcomeBlockList
    ) -> WelcomeBlockList:
        """Replace the block-list; idempotent.

        Raises:
            UnknownCorp
        """
        await self._corps.get(uow, corp_id)
        await RuleQueries(uow).bump(corp_id)
        await RuleQueries(uow).save_block_list(corp_id, words)
        return words

    async def _find(self, uow: UnitOfWork, rule_id: WelcomeRuleId) -> StoredRule:
        stored = await RuleQueries(uow).find(rule_id)
        if stored is None:
            raise unknown_welcome()
        return stored

    async def _save(self, uow: UnitOfWork, rule: StoredRule) -> WelcomeRule:
        queries, draft = RuleQueries(uow), rule.kept.draft
        # First: the version's row is the lock under which the rules of a corp change.
        await queries.bump(rule.corp_id)
        others = [
            one.kept
            for one in await queries.list_rules(rule.corp_id)
            if one.kept.rule_id != rule.kept.rule_id
        ]
        _require_room(draft, others)
        _require_media(draft, await MediaQueries(uow).list_of(rule.corp_id))
        await queries.save(rule)
        return (await self._show(uow, [rule]))[0]

    async def _show(self, uow: UnitOfWork, stored: Sequence[StoredRule]) -> tuple[WelcomeRule, ...]:
        now = uow.clock.now()
        local = now.astimezone(ZoneInfo(await self._zones.zone_of(uow)))
        greeted = await self._journal.greeted(uow, since=now - _MONTH)
        ready = await self._ready(uow, {one.corp_id for one in stored})
        return tuple(
            WelcomeRule(
                **one.kept.draft.model_dump(),
                id=encode_id(RULE_PREFIX, one.kept.rule_id),
                speaks_now=speaking_slot(one.kept.draft, local).name if one.kept.draft.enabled else "",
                greeted_30d=greeted.get(one.kept.rule_id, 0),
                missing_media=tuple(sorted(one.kept.draft.media - ready[one.corp_id])),
                created_at=one.created_at,
                updated_at=one.updated_at,
            )
            for one in stored
        )

    async def _ready(self, uow: UnitOfWork, corp_ids: set[AccountId]) -> Mapping[AccountId, frozenset[str]]:
        now = uow.clock.now()
        return {
            corp_id: frozenset(
                one.ref for one in await MediaQueries(uow).list_of(corp_id) if one.is_ready(now)
            )
            for corp_id in corp_ids
        }


def _require_room(draft: WelcomeDraft, others: Sequence[KeptRule]) -> None:
    if len(others) >= RULES_MAX:
        raise WelcomeConflict(
            f"a corp has at most {RULES_MAX} welcomes", message_zh=f"每个企业最多 {RULES_MAX} 条欢迎语"
        )
    for other in rivals(draft, others):
        shared = sorted(set(draft.targets) & set(other.draft.targets))
        about = f" ({shared[0]})" if shared else ""
        raise WelcomeConflict(
            f"the welcome {other.draft.name!r} greets there already{about}: switch it off or change it",
            message_zh=f"欢迎语“{other.draft.name}”已用于同一对象{about}，请先停用或修改它",
        )


def _require_media(draft: WelcomeDraft, kept: Sequence[KeptMedia]) -> None:
    known = {one.ref: one.kind for one in kept}
    for content in draft.contents:
        for part in content.parts:
            if part.kind == "link":
                continue
            wanted = "image" if part.kind == "mini_program" else part.kind
            if known.get(part.media) != wanted:
                raise MissingMedia(
                    f"the file {part.media} is not there, or no {wanted}",
                    message_zh=f"文件 {part.media} 不存在或类型不符",
                )


def read_rule_id(text: str) -> WelcomeRuleId:
    """Read an id as shown outside (``wlc_…``).

    Raises:
        InvalidId: it is none.
    """
    return WelcomeRuleId(decode_id(RULE_PREFIX, text))
