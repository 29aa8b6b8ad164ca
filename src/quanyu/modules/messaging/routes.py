"""GET /api/v1/messages and its summary; the brand's rules and lanes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.messaging.blocklist import BlockPeople, BlockView
from quanyu.modules.messaging.capabilities import CAPABILITIES, Capability, read_any_account_id
from quanyu.modules.messaging.contracts import (
    Allowances,
    CampaignView,
    ChangeCampaign,
    Channel,
    HoldView,
    LaneView,
    MessageClass,
    MessageDetail,
    MessagePolicy,
    MessagesSummary,
    MessageState,
    MessageView,
    SendMessage,
    SentMessage,
    TemplateRecord,
)
from quanyu.modules.messaging.reach import Reach
from quanyu.modules.messaging.service import Messaging

MessageId = Annotated[str, Path(pattern="^msg_[0-9a-zA-Z]{1,30}$")]
CampaignId = Annotated[str, Path(pattern="^(jrn|bct)_[0-9a-zA-Z]{1,30}$")]


class MessagePage(BaseModel):
    """Some messages, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[MessageView, ...]
    next_cursor: str | None


class Lanes(BaseModel):
    """How each account's sending is doing."""

    model_config = ConfigDict(frozen=True)

    items: tuple[LaneView, ...]


class Capabilities(BaseModel):
    """What each kind of message needs and carries."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Capability, ...]


class Templates(BaseModel):
    """The brand's templates."""

    model_config = ConfigDict(frozen=True)

    items: tuple[TemplateRecord, ...]


class CampaignList(BaseModel):
    """The journeys and broadcasts that have something waiting."""

    model_config = ConfigDict(frozen=True)

    items: tuple[CampaignView, ...]


class BlockPage(BaseModel):
    """Some of the blocklist."""

    model_config = ConfigDict(frozen=True)

    items: tuple[BlockView, ...]
    next_cursor: str | None


class BlockedPerson(BaseModel):
    """A person's entry of the blocklist."""

    model_config = ConfigDict(frozen=True)

    entry: BlockView | None  # Null: not on it.


class Blocked(BaseModel):
    """How many people a command put on the blocklist."""

    model_config = ConfigDict(frozen=True)

    people: int


class ChangeLane(BaseModel):
    """Hold or let go an account's sending, and how fast it goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paused: bool | None = None  # Left out: as it is.
    rate_per_s: Annotated[float, Field(gt=0, le=100_000)] | None = None  # Null: the deployment's default.


def router(messaging: Messaging) -> APIRouter:
    """Return the module's routes."""
    routes = APIRouter(prefix="/api/v1/messages", tags=["messages"], dependencies=[permits.MESSAGES])

    @routes.get("")
    async def list_messages(
        uow: RequestUow,
        cursor: str | None = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
        state: MessageState | None = None,
        journey: str | None = None,
        person: str | None = None,
        channel: Channel | None = None,
    ) -> MessagePage:
        page = await messaging.list_messages(
            uow,
            cursor=cursor,
            limit=limit,
            state=state,
            channel=channel,
            journey_id=decode_id("jrn", journey) if journey else None,
            person_id=PersonId(decode_id("per", person)) if person else None,
        )
        return MessagePage(items=page.items, next_cursor=page.next_cursor)

    @routes.post("")
    async def send_message(uow: RequestUow, command: SendMessage) -> SentMessage:
        """Send one message to one person; the answer says what the governor decided."""
        return await messaging.send_one(uow, command)

    @routes.get("/summary")
    async def summary(
        uow: RequestUow, journey: str | None = None, channel: Channel | None = None
    ) -> MessagesSummary:
        """Count messages by state and reason: all, or those of a journey or a channel."""
        journey_id = decode_id("jrn", journey) if journey else None
        return await messaging.summary(uow, journey_id=journey_id, channel=channel)

    @routes.get("/capabilities")
    async def list_capabilities() -> Capabilities:
        """Return what each kind of message needs and carries."""
        return Capabilities(items=tuple(CAPABILITIES.values()))

    @routes.get("/policy")
    async def get_policy(uow: RequestUow) -> MessagePolicy:
        return await messaging.get_policy(uow)

    @routes.put("/policy")
    async def set_policy(uow: RequestUow, policy: MessagePolicy) -> MessagePolicy:
        await messaging.set_policy(uow, policy)
        return policy

    @routes.get("/blocklist")
    async def list_blocked(
        uow: RequestUow,
        cursor: str | None = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
    ) -> BlockPage:
        """Return who is on the blocklist."""
        page = await messaging.blocklist.list_blocked(uow, cursor=cursor, limit=limit)
        return BlockPage(items=page.items, next_cursor=page.next_cursor)

    @routes.put("/blocklist")
    async def block_people(uow: RequestUow, caller: CurrentCaller, command: BlockPeople) -> Blocked:
        """Put people on the blocklist; binds messages not yet handed over, too. Idempotent."""
        return Blocked(people=await messaging.blocklist.block(uow, command, actor=caller.name))

    @routes.get("/blocklist/{person}")
    async def find_blocked(uow: RequestUow, person: str) -> BlockedPerson:
        """Return a person's entry of the blocklist, if there is one."""
        person_id = PersonId(decode_id("per", person))
        return BlockedPerson(entry=await messaging.blocklist.find(uow, person_id))

    @routes.delete("/blocklist/{person}", status_code=204)
    async def unblock_person(uow: RequestUow, person: str) -> None:
        """Take somebody off the blocklist. Idempotent."""
        await messaging.blocklist.unblock(uow, PersonId(decode_id("per", person)))

    @routes.get("/reach")
    async def reach_of(
        uow: RequestUow,
        person: str,
        message_class: MessageClass = MessageClass.MARKETING,
        purpose: Annotated[str, Query(max_length=64)] = "",
    ) -> Reach:
        """Say by which accounts and kinds a person could be written to now, and why not."""
        person_id = PersonId(decode_id("per", person))
        return await messaging.reach.of(uow, person_id, message_class=message_class, purpose=purpose)

    @routes.get("/templates")
    async def list_templates(uow: RequestUow) -> Templates:
        return Templates(items=await messaging.list_templates(uow))

    @routes.get("/allowances")
    async def allowances(uow: RequestUow, account: str) -> Allowances:
        """Return how many people an account may write to now: open windows, accepted templates."""
        return await messaging.allowances(uow, read_any_account_id(account))

    @routes.get("/hold")
    async def get_hold(uow: RequestUow) -> HoldView:
        return await messaging.get_hold(uow)

    @routes.put("/hold")
    async def hold(uow: RequestUow) -> HoldView:
        """Hold all of the brand's sending."""
        await messaging.hold(uow)
        return await messaging.get_hold(uow)

    @routes.delete("/hold")
    async def release(uow: RequestUow, drop_waiting: bool = False) -> HoldView:
        """Let sending go on; ``drop_waiting`` refuses what was planned before the hold."""
        await messaging.release(uow, drop_waiting=drop_waiting)
        return await messaging.get_hold(uow)

    @routes.get("/campaigns")
    async def list_campaigns(uow: RequestUow) -> CampaignList:
        """Return the journeys and broadcasts that have something waiting."""
        return CampaignList(items=await messaging.campaigns.list_open(uow))

    @routes.get("/campaigns/{campaign}")
    async def get_campaign(uow: RequestUow, campaign: CampaignId) -> CampaignView:
        """Return how far a journey's or broadcast's messages are, and when they will be out."""
        return await messaging.campaigns.get(uow, campaign)

    @routes.patch("/campaigns/{campaign}")
    async def change_campaign(uow: RequestUow, campaign: CampaignId, change: ChangeCampaign) -> CampaignView:
        """Hold or let go a campaign's sending, and say how fast it goes at most."""
        return await messaging.campaigns.change(uow, campaign, change)

    @routes.get("/lanes")
    async def list_lanes(uow: RequestUow) -> Lanes:
        return Lanes(items=await messaging.list_lanes(uow))

    @routes.patch("/lanes/{account}")
    async def change_lane(uow: RequestUow, account: str, change: ChangeLane) -> Lanes:
        account_id = read_any_account_id(account)
        if change.paused is True:
            await messaging.pause_account(uow, account_id)
        if change.paused is False:
            await messaging.resume_account(uow, account_id)
        if "rate_per_s" in change.model_fields_set:
            await messaging.set_rate(uow, account_id, change.rate_per_s)
        return Lanes(items=await messaging.list_lanes(uow))

    @routes.get("/{message}")
    async def get_message(uow: RequestUow, message: MessageId) -> MessageDetail:
        """Return one message with every decision about it: why it went out, waits, or did not."""
        return await messaging.get_message(uow, decode_id("msg", message))

    return routes
