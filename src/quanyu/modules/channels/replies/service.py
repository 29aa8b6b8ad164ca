"""Automatic replies as people manage them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import Conflict, NotFound
from quanyu.kernel.ids import TenantId, decode_id, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.replies.contracts import (
    RULE_PREFIX,
    RULES_MAX,
    ReplyDraft,
    ReplyRule,
    RuleId,
    RuleOrder,
    Trial,
    TrialOutcome,
    Trigger,
)
from quanyu.modules.channels.replies.queries import KeptRule, ReplyQueries
from quanyu.modules.channels.replies.rules import find_answer, say, spread
from quanyu.wechat.official_account import messages as wx


class UnknownRule(NotFound):
    """The account has no such reply rule."""

    code = "channels.unknown_reply_rule"


class RuleConflict(Conflict):
    """Two rules would answer the same thing, or there are too many."""

    code = "channels.reply_rule_conflict"


class Figures(Protocol):
    """How often rules answered."""

    async def answered(self, tenant_id: TenantId, app_id: str) -> Mapping[str, int]:
        """Return the answers of the last 30 days by rule."""
        ...


class AutoReplies:
    """Rules of automatic replies; every change reaches every process's door within about a second."""

    def __init__(self, figures: Figures, *, on_change: Callable[[], None] = lambda: None) -> None:
        self._figures = figures
        self._on_change = on_change

    async def list_rules(self, uow: UnitOfWork, account_id: AccountId, app_id: str) -> tuple[ReplyRule, ...]:
        """Return the account's rules in the order they are tried, with how often each answered."""
        rules = await ReplyQueries(uow).list_rules(account_id)
        answered = await self._figures.answered(uow.tenant_id, app_id)
        ordered = sorted(rules, key=lambda rule: (_ORDER[rule.draft.trigger], -rule.draft.priority))
        return tuple(_shown(rule, answered.get(rule.reference, 0)) for rule in ordered)

    async def create(self, uow: UnitOfWork, account_id: AccountId, draft: ReplyDraft) -> ReplyRule:
        """Add a rule.

        Raises:
            RuleConflict: another live rule answers a follow, the default or this menu key; or too many.
        """
        now = uow.clock.now()
        kept = KeptRule(
            rule_id=RuleId(new_id()), account_id=account_id, draft=draft, created_at=now, updated_at=now
        )
        return await self._save(uow, kept)

    async def change(
        self, uow: UnitOfWork, account_id: AccountId, rule_id: RuleId, draft: ReplyDraft
    ) -> ReplyRule:
        """Replace a rule; idempotent.

        Raises:
            UnknownRule: the account has no such rule.
            RuleConflict: as for ``create``.
        """
        known = await ReplyQueries(uow).find_rule(account_id, rule_id)
        if known is None:
            raise _unknown()
        kept = KeptRule(
            rule_id=rule_id,
            account_id=account_id,
            draft=draft,
            created_at=known.created_at,
            updated_at=uow.clock.now(),
        )
        return await self._save(uow, kept)

    async def reorder(self, uow: UnitOfWork, account_id: AccountId, order: RuleOrder) -> None:
        """Try the account's keyword rules in this order; idempotent.

        Raises:
            RuleConflict: it does not name each keyword rule once; rules were added or deleted meanwhile.
        """
        queries = ReplyQueries(uow)
        await queries.bump(account_id)
        rules = {rule.reference: rule for rule in await queries.list_rules(account_id)}
        known = {name for name, rule in rules.items() if rule.draft.trigger is Trigger.KEYWORD}
        if len(order.rules) != len(known) or set(order.rules) != known:
            raise RuleConflict(
                "the order must name each keyword rule of the account once; the rules changed, look again",
                message_zh="排序须包含该账号的每条关键词规则；规则已有变动，请刷新后重试",
            )
        for name, priority in zip(order.rules, spread(len(order.rules)), strict=True):
            rule = rules[name]
            if rule.draft.priority != priority:
                draft = rule.draft.model_copy(update={"priority": priority})
                await queries.save(replace(rule, draft=draft, updated_at=uow.clock.now()))
        uow.after_commit(self._on_change)

    async def delete(self, uow: UnitOfWork, account_id: AccountId, rule_id: RuleId) -> None:
        """Delete a rule.

        Raises:
            UnknownRule: the account has no such rule.
        """
        queries = ReplyQueries(uow)
        await queries.bump(account_id)
        if not await queries.delete(account_id, rule_id):
            raise _unknown()
        uow.after_commit(self._on_change)

    async def attempt(
        self, uow: UnitOfWork, account_id: AccountId, app_id: str, trial: Trial
    ) -> TrialOutcome:
        """Return what would answer; nothing is sent."""
        queries = ReplyQueries(uow)
        book = await queries.read_book(account_id, 0)
        answer = find_answer(book, _callback(trial))
        said = None if answer is None else say(answer, "trial")
        if said is None:
            return TrialOutcome()
        rules = await queries.list_rules(account_id)
        rule = next((rule for rule in rules if rule.reference == said.answer.reference), None)
        return TrialOutcome(rule=rule and _shown(rule, 0), contents=said.contents)

    async def _save(self, uow: UnitOfWork, rule: KeptRule) -> ReplyRule:
        queries = ReplyQueries(uow)
        # First: the version's row is the lock under which the rules of the account change.
        await queries.bump(rule.account_id)
        others = [one for one in await queries.list_rules(rule.account_id) if one.rule_id != rule.rule_id]
        _require_room(rule.draft, [one.draft for one in others])
        await queries.save(rule)
        uow.after_commit(self._on_change)
        return _shown(rule, 0)


_ORDER = {Trigger.FOLLOW: 0, Trigger.KEYWORD: 1, Trigger.MENU: 2, Trigger.DEFAULT: 3}


def _require_room(draft: ReplyDraft, others: list[ReplyDraft]) -> None:
    if len(others) >= RULES_MAX:
        raise RuleConflict(
            f"an account has at most {RULES_MAX} reply rules", message_zh=f"每个公众号最多 {RULES_MAX} 条规则"
        )
    if not draft.enabled or draft.trigger is Trigger.KEYWORD:
        return
    for other in others:
        same_button = draft.trigger is not Trigger.MENU or other.menu_key == draft.menu_key
        if other.enabled and other.trigger is draft.trigger and same_button:
            raise RuleConflict(
                f"the rule {other.name!r} answers this already: switch it off or change it",
                message_zh=f"规则“{other.name}”已在回复同一情形，请先停用或修改它",
            )


def _shown(rule: KeptRule, answered: int) -> ReplyRule:
    return ReplyRule(
        **rule.draft.model_dump(),
        id=rule.reference,
        answered_30d=answered,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )


def _callback(trial: Trial) -> wx.Callback:
    common = {"ToUserName": "gh_trial", "FromUserName": "trial", "CreateTime": 0}
    if trial.follow:
        return wx.SubscribeEvent(**common, MsgType="event", Event="subscribe")  # type: ignore[arg-type]
    if trial.menu_key:
        return wx.ClickEvent(**common, MsgType="event", Event="CLICK", EventKey=trial.menu_key)  # type: ignore[arg-type]
    return wx.TextMessage(**common, MsgType="text", Content=trial.text)  # type: ignore[arg-type]


def _unknown() -> UnknownRule:
    return UnknownRule("the account has no such reply rule", message_zh="没有这条回复规则")


def read_rule_id(text: str) -> RuleId:
    """Read an id as shown outside (``rpl_…``).

    Raises:
        InvalidId: it is none.
    """
    return RuleId(decode_id(RULE_PREFIX, text))
