"""HTTP: automatic replies of an account."""

from fastapi import APIRouter, Response

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.modules.channels.replies.contracts import (
    ReplyDraft,
    ReplyRule,
    ReplyRules,
    RuleOrder,
    Trial,
    TrialOutcome,
)
from quanyu.modules.channels.replies.service import AutoReplies, read_rule_id
from quanyu.modules.channels.service import Channels, read_account_id


def router(channels: Channels, replies: AutoReplies) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/replies``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/replies",
        tags=["automatic replies"],
        dependencies=[permits.CHANNELS],
    )

    @routes.get("")
    async def list_rules(uow: RequestUow, account_id: str) -> ReplyRules:
        """The account's reply rules in the order they are tried."""
        account = await channels.get_account(uow, read_account_id(account_id))
        items = await replies.list_rules(uow, read_account_id(account_id), account.app_id)
        return ReplyRules(items=items)

    @routes.post("", status_code=201)
    async def create_rule(uow: RequestUow, account_id: str, draft: ReplyDraft) -> ReplyRule:
        """Add a rule; it answers within about a second."""
        await channels.get_account(uow, read_account_id(account_id))
        return await replies.create(uow, read_account_id(account_id), draft)

    @routes.put("/order", status_code=204)
    async def order_rules(uow: RequestUow, account_id: str, order: RuleOrder) -> Response:
        """Set the order in which keyword rules are tried, all at once; their priorities follow from it."""
        await channels.get_account(uow, read_account_id(account_id))
        await replies.reorder(uow, read_account_id(account_id), order)
        return Response(status_code=204)

    @routes.put("/{rule_id}")
    async def change_rule(uow: RequestUow, account_id: str, rule_id: str, draft: ReplyDraft) -> ReplyRule:
        """Replace a rule."""
        return await replies.change(uow, read_account_id(account_id), read_rule_id(rule_id), draft)

    @routes.delete("/{rule_id}", status_code=204)
    async def delete_rule(uow: RequestUow, account_id: str, rule_id: str) -> Response:
        """Delete a rule."""
        await replies.delete(uow, read_account_id(account_id), read_rule_id(rule_id))
        return Response(status_code=204)

    @routes.post("/try")
    @permits.reads
    async def try_rules(uow: RequestUow, account_id: str, trial: Trial) -> TrialOutcome:
        """What would answer a message, a menu button or a follow; nothing is sent."""
        account = await channels.get_account(uow, read_account_id(account_id))
        return await replies.attempt(uow, read_account_id(account_id), account.app_id, trial)

    return routes
