"""Write ``docs/reference/events.md`` from the code that makes the events.

Every name, property and column on the page comes out of the running translation, builders and rules, fed
with samples that fill every field. Only the sentences are written here; a name without a sentence, or a
sentence without its name, is an error, so that the page cannot fall behind.
"""

import dataclasses
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Final, TypeVar

import msgspec
import pyarrow as pa

from quanyu.app.tracking.context import read_context
from quanyu.app.tracking.protocol import KINDS, Reader
from quanyu.flows.commerce import take_commerce
from quanyu.flows.imports.judging import PlanJudge
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.rows import DAMAGE, ROW
from quanyu.flows.imports.shaping import shaper_of
from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels import facts as channel_facts
from quanyu.modules.channels import user_info
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.followers import FollowerKey
from quanyu.modules.channels.gateways.facts import sms_received
from quanyu.modules.channels.mini_programs import people as mini_people
from quanyu.modules.channels.mini_programs.translation import translate as mini_translate
from quanyu.modules.channels.translation import Translation, translate
from quanyu.modules.channels.wecom.contracts import Corp
from quanyu.modules.channels.wecom.translation import translate as corp_translate
from quanyu.modules.community.groups import facts as group_facts
from quanyu.modules.community.groups.rules import LeaveScene, MemberKey
from quanyu.modules.experiments.facts import exposed_fact
from quanyu.modules.forms import facts as form_facts
from quanyu.modules.forms.answer_queries import KeptAnswer
from quanyu.modules.forms.contracts import AnswerId, FormId
from quanyu.modules.forms.definition import FormDefinition, Once
from quanyu.modules.insight.lifecycle.study import stage_changed
from quanyu.modules.journeys import facts as journey_facts
from quanyu.modules.links import facts as link_facts
from quanyu.modules.links.contracts import BotReason, Destination
from quanyu.modules.messaging.facts import FactName, Subject
from quanyu.modules.messaging.facts import fact as message_fact
from quanyu.modules.payments import facts as payment_facts
from quanyu.modules.payments.contracts import AttemptKind
from quanyu.modules.payments.queries.payments import KeptAttempt, KeptPayment
from quanyu.modules.payments.queries.refunds import KeptRefund
from quanyu.modules.payments.rules import RefundCause
from quanyu.modules.people import service as people
from quanyu.modules.people.companies.contracts import CompanyId, CompanyMergeId
from quanyu.modules.people.companies.merging import company_fact
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.rules import consent_fact
from quanyu.modules.people.contracts import EdgeOutcome, LinkResult
from quanyu.modules.people.profile.service import attribute_set
from quanyu.modules.people.tags.contracts import Origin as TagOrigin
from quanyu.modules.people.tags.rules import Carrying, Cause, tag_fact
from quanyu.modules.people.traits import split_properties
from quanyu.modules.plays.broadcasts.facts import entered as broadcast_entered
from quanyu.modules.segments.rules import membership_fact
from quanyu.modules.staff.codes import facts as code_facts
from quanyu.modules.staff.codes.contracts import LiveCodeDraft, LiveCodeMember
from quanyu.modules.staff.codes.counting import CountedAdd
from quanyu.modules.staff.codes.queries import KeptCode
from quanyu.modules.staff.codes.states import CodeState
from quanyu.modules.staff.customers import facts as staff_facts
from quanyu.modules.staff.customers.contracts import Contact, Relation, RelationKey
from quanyu.modules.staff.customers.rules import RelationStatus, Told
from quanyu.modules.staff.directory.contracts import Member, MemberChange, MemberId
from quanyu.modules.staff.directory.facts import member_changed
from quanyu.modules.staff.inheritance import facts as inheritance_facts
from quanyu.modules.staff.inheritance.contracts import InheritanceId
from quanyu.modules.staff.inheritance.contracts import ItemState as PassingState
from quanyu.modules.staff.inheritance.contracts import Kind as PassingKind
from quanyu.modules.staff.inheritance.queries.items import Work
from quanyu.modules.staff.sidebar import facts as sidebar_facts
from quanyu.modules.staff.sidebar.contracts import StaffCaller
from quanyu.modules.staff.sidebar.queries import Deed
from quanyu.modules.staff.tags import facts as corp_tag_facts
from quanyu.modules.staff.visitors.fans import Fan, profile_authorised
from quanyu.modules.staff.welcomes import facts as welcome_facts
from quanyu.modules.staff.welcomes.contents import WelcomeContent
from quanyu.modules.staff.welcomes.contracts import (
    Scope,
    WelcomeDraft,
    WelcomeRuleId,
    WelcomeSlot,
    WelcomeVariant,
)
from quanyu.modules.staff.welcomes.hook import Secret
from quanyu.modules.staff.welcomes.ledger import Claimed, Settlement
from quanyu.modules.staff.welcomes.rules import Chosen, KeptRule
from quanyu.modules.staff.welcomes.states import WelcomeState
from quanyu.wechat.mini_program import messages as mini_messages
from quanyu.wechat.official_account.messages import (
    EVENT_TYPES,
    MESSAGE_TYPES,
    Callback,
    Event,
    Message,
    OtherEvent,
    OtherMessage,
)
from quanyu.wechat.official_account.users import UserInfo
from quanyu.wechat.wecom import callbacks as corp_callbacks
from quanyu.wechat.wecom.customers import ExternalContact
from quanyu.wechat.wecom.events import apps as corp_apps
from quanyu.wechat.wecom.events import base as corp_events

WORDS: Final = tomllib.loads(Path(__file__).with_name("event_words.toml").read_text(encoding="utf-8"))
PAGE: Final = Path(__file__).parents[1] / "docs" / "reference" / "events.md"
_CORP: Final = Corp(
    id=AccountId(1), corp_id="ww1", agent_id=1, name="x", base_url="https://x", secrets=frozenset()
)
_AT: Final = datetime(2026, 3, 4, 4, tzinfo=UTC)
_CARRIED: Final = Carrying(
    profile=1,
    tag_id=1,
    group_id=1,
    tag="x",
    group="x",
    color="gray",
    origin="manual",
    actor="x",
    given_at=_AT,
    expires_at=_AT,
)
_SAYING: Final = Saying(
    person_id=PersonId(1),
    operation_id="x",
    purpose="x",
    channel=ConsentChannel.ALL,
    state=ConsentState.GRANTED,
    text_version=1,
    source=ConsentSource.API,
    actor="x",
    occurred_at=_AT,
)
_TAGGED: Final = Cause(origin=TagOrigin.MANUAL, actor="x", about="x")
_LIST_MAP: Final = """
kind = "people"
source = "x"
time_zone = "UTC"
time = { at = "2026-03-04T00:00:00Z" }

[identifiers]
user_id = "who"

[tags]
x = "tags"
"""
_SAMPLES: Final[dict[Any, Any]] = {str: "x", int: 1, float: 1.0, bool: True}
CallbackT = TypeVar("CallbackT")
# What has a form of its own in the callbacks of corps.
_CORP_FIELDS: Final = {
    "Department": "1",
    "ApprovalInfo": {"ThirdNo": "x", "OpenSpStatus": "x"},
    "fields": {"UserID": "x"},
}
_CHECKOUT: Final = {
    "order_id": "A-1",
    "revenue": "99.50",
    "currency": "CNY",
    "quantity": 2,
    "products": [{"product_id": "tea-1", "price": "49.75", "quantity": 2}],
}


def page() -> str:
    """Return the whole page."""
    parts = [
        WORDS["introduction"],
        _section("Calls of the tracking API 埋点调用", "tracking", tracking_rows()),
        _section("Context 上下文", "context", context_rows()),
        _section("Buying 电商事件", "commerce", commerce_rows()),
        _section("Official accounts 公众号", "wechat", wechat_rows()),
        _section("Mini programs 小程序", "mini_program", mini_program_rows()),
        _section("企业微信", "wecom", wecom_rows()),
        _section("Imports 导入", "imports", import_rows()),
        _section("Facts of the platform itself 平台自己的事实", "facts", fact_rows()),
    ]
    return "\n".join(parts)


def wechat_rows() -> list[str]:
    """Feed every callback the platform knows of through the translation."""
    made = _made(_callbacks(MESSAGE_TYPES, EVENT_TYPES), translate)
    fetched = _user_info_fact()
    made[fetched.name] = ({"user/info"}, _properties(fetched.properties))
    shown = profile_authorised(Fan(app_id="wx", openid="o"), nickname="x", message_id="x", at=_AT)
    made[shown.name] = ({"sns/userinfo"}, _properties(shown.properties))
    return _event_table(made, WORDS["wechat"])


def mini_program_rows() -> list[str]:
    """The same for mini programs, with what we learn by asking."""
    made = _made(_callbacks(mini_messages.MESSAGE_TYPES, mini_messages.EVENT_TYPES), mini_translate)
    for platform_name, fact in (
        ("jscode2session", mini_people.logged_in("wx", b"x", "o", "u", at=_AT)),
        ("getuserphonenumber", mini_people.phone_number_given("wx", b"x", "o", "+8613800138000", at=_AT)),
    ):
        made[fact.name] = ({platform_name}, _properties(fact.properties))
    return _event_table(made, WORDS["mini_program"])


def wecom_rows() -> list[str]:
    """The same for corps of 企业微信."""
    made = _made(_corp_callbacks(), corp_translate)
    fetched = _customer_details_fact()
    made[fetched.name] = ({"externalcontact/get"}, _properties(fetched.properties))
    return _event_table(made, WORDS["wecom"])


def _customer_details_fact() -> Fact:
    found = ExternalContact(external_userid="wm1", unionid="u")
    kept = Contact(corp_id=AccountId(1), token=b"t", details_fetched_at=_AT, details_digest=b"d")
    return staff_facts.details_fetched(_CORP, b"t", found, kept)


def _corp_callbacks() -> Iterable[tuple[str, corp_events.Callback]]:
    for name, kind in corp_apps.MESSAGE_TYPES.items():
        yield name, _filled(kind, MsgType=name)
    for (name, change), event in corp_callbacks.EVENT_TYPES.items():
        shown = f"{name}/{change}" if change else name
        yield shown, _corp_event(event, name, change)
    yield "any other message", _filled(corp_events.OtherMessage, MsgType="x")
    yield "any other event", _corp_event(corp_events.OtherEvent, "x", "y")


def _corp_event(kind: type[corp_events.Event], name: str, change: str) -> corp_events.Event:
    fields = {field.name for field in msgspec.structs.fields(kind)}
    known = {key: value for key, value in _CORP_FIELDS.items() if key in fields}
    event: corp_events.Event = _filled(kind, MsgType="event", Event=name, ChangeType=change, **known)
    return event


def _made(
    callbacks: Iterable[tuple[str, CallbackT]], say: Callable[[CallbackT], Translation]
) -> dict[str, tuple[set[str], set[str]]]:
    made: dict[str, tuple[set[str], set[str]]] = {}
    for platform_name, callback in callbacks:
        shown = say(callback)
        names, properties = made.setdefault(shown.name, (set(), set()))
        names.add(platform_name)
        properties |= _properties(shown.properties)
    return made


def _event_table(made: Mapping[str, tuple[set[str], set[str]]], words: Mapping[str, Any]) -> list[str]:
    _require_equal(made, words)
    return [
        "| event | 中文 | meaning | callback | properties |",
        "|---|---|---|---|---|",
        *(
            f"| `{name}` | {words[name][0]} | {words[name][1]} | {_codes(made[name][0])} "
            f"| {', '.join(sorted(made[name][1])) or '–'} |"
            for name in words
        ),
    ]


def fact_rows() -> list[str]:
    """Have every module state each of its facts once."""
    facts = {fact.name: fact for fact in made_facts()}
    words = WORDS["facts"]
    _require_equal(facts, words)
    return [
        "| fact | 中文 | meaning | properties |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | {zh} | {en} | {_codes(_paths(facts[name].properties))} |"
            for name, (zh, en) in words.items()
        ),
    ]


def _link_fact(bot: BotReason | None) -> Fact:
    told: dict[str, Any] = {}
    for campaign in ("jrn_x", "bct_x"):
        opened = Destination(
            link_id=1,
            target="https://x.test/",
            utm={"utm_medium": "x", "utm_term": "x"},
            person_id=PersonId(1),
            message_id=1,
            campaign=campaign,
            node_id="x",
            is_over=False,
        )
        told |= link_facts.properties_of(opened, bot)
    return Fact(name=link_facts.name_of(bot), message_id="x", occurred_at=_AT, properties=told)


def made_facts() -> list[Fact]:
    """Return one of every fact a module states about a person."""
    subject = Subject(id=1, origin_key="x", person_id=PersonId(1), kind="template", journey_id=1, node_id="x")
    linked = LinkResult(
        outcome=next(iter(EdgeOutcome)), reason="", people=(PersonId(1), PersonId(2)), merges=(), splits=()
    )
    answered = {"answered_by": "x", "part": 1, "reason": "x"}
    return [
        *(
            channel_facts.late_reply("x", "wx", "o", {**answered, "outcome": outcome}, at=_AT)
            for outcome in ("sent", "rejected")
        ),
        *(
            channel_facts.follower_tag(
                b"x", "wx", "o", {"tag": "x", "tag_id": 100, "origin": "x"}, added=added, at=_AT
            )
            for added in (True, False)
        ),
        sms_received("x", "+8613800000000", "x", at=_AT),
        *(message_fact(name, subject, at=_AT, reason="x") for name in FactName),
        *_payment_facts(),
        *_group_facts(),
        *_welcome_facts(),
        *_inheritance_facts(),
        *_sidebar_facts(),
        *_staff_facts(),
        _live_code_fact(),
        *_corp_tag_facts(),
        *_form_facts(),
        stage_changed(1, before="x", stage="x", at=_AT),
        exposed_fact(1, "x", PersonId(1), "x", at=_AT),
        broadcast_entered("x", 1, 1, "x", "", at=_AT),
        *(_link_fact(bot) for bot in (None, BotReason.CRAWLER)),
        journey_facts.entered(1, 1, 1, 1, _AT),
        journey_facts.left(1, 1, 1, _AT, seq=1, reason="end"),
        journey_facts.goal_reached(1, 1, 1, _AT),
        *(
            membership_fact(name, segment_id=1, person=1, at=_AT)
            for name in ("segments.entered", "segments.left")
        ),
        *(
            # Its maker is the module's own affair; what it states is everybody's.
            people.identity_edited(name, linked, actor="x", reason="x", at=_AT)
            for name in ("people.linked", "people.unlinked", "people.identifier_marked")
        ),
        *(
            company_fact(name, CompanyMergeId(1), CompanyId(1), CompanyId(2), actor="x", reason="x", at=_AT)
            for name in ("people.companies_merged", "people.companies_parted")
        ),
        *(consent_fact(_SAYING.model_copy(update={"state": state})) for state in ConsentState),
        attribute_set(PersonId(1), "x", "x", is_cleared=False, at=_AT),
        *(tag_fact(_CARRIED, added=added, cause=_TAGGED, at=_AT, change_id=1) for added in (True, False)),
    ]


def _welcome_facts() -> list[Fact]:
    content = WelcomeContent(text="x")
    slot = WelcomeSlot(name="x", variants=(WelcomeVariant(name="x", content=content),))
    draft = WelcomeDraft(name="x", corp="wcp_1", scope=Scope.CORP, slots=(slot,))
    chosen = Chosen(KeptRule(WelcomeRuleId(1), draft), slot, slot.variants[0])
    claimed = Claimed(
        welcome_id=1,
        claim=1,
        corp_id=AccountId(1),
        corp="ww1",
        customer_token=b"t",
        userid="x",
        code_state="x",
        secret=Secret("x", "wm1"),
        happened_at=_AT,
        received_at=_AT,
    )
    return [
        welcome_facts.settled(Settlement(claimed, state, "x", chosen, "x"), "x", at=_AT)
        for state in (WelcomeState.SENT, WelcomeState.WITHHELD)
    ]


def _payment_facts() -> list[Fact]:
    payment, attempt, refund = _kept(KeptPayment), _kept(KeptAttempt), _kept(KeptRefund)
    paid = {"openid": "o", "transaction_id": "x", "at": _AT, "late": False}
    names = payment_facts.FactName
    return [
        payment_facts.paid(payment, attempt, **paid),
        payment_facts.given_back(payment, attempt, **paid),
        payment_facts.closed(payment, expired=True, at=_AT),
        *(
            payment_facts.refund(name, refund, payment, note="x", at=_AT)
            for name in (names.REFUNDED, names.REFUND_FAILED)
        ),
    ]


def _staff_facts() -> list[Fact]:
    key = RelationKey(AccountId(1), "ann", b"t")
    told = Told(added_at=_AT)
    kept: dict[str, Any] = {"key": key, "told": told, "created_at": _AT, "updated_at": _AT}
    ended: dict[str, Any] = {"status": RelationStatus.DELETED_BY_CUSTOMER, "ended_at": _AT}
    lost = staff_facts.customer_lost(Relation(**kept, **ended, add_way=1, state="x"), "ww1")
    assert lost is not None, "a customer who left is lost"
    member = Member(corp_id=AccountId(1), member_id=MemberId(1), userid="ann", created_at=_AT, updated_at=_AT)
    return [lost, member_changed(member, "ww1", MemberChange.OFFLINE, at=_AT, reason="x")]


def _group_facts() -> list[Fact]:
    key = MemberKey(b"t", _AT)
    who: dict[str, Any] = {"external_userid": "wm1", "unionid": "u"}
    about = {
        **dict.fromkeys(("group", "owner", "join_scene", "invitor", "code", "synthetic"), "x"),
        **dict.fromkeys(("source_channel", "member_attribute", "behaviour_type", "funnel_stage"), "x"),
    }
    told: dict[str, Any] = {"about": about, "context": {"state": "x", "staff": "x", "store": "x"}}
    return [
        group_facts.member_joined("ww1", "wr1", key, **who, **told),
        group_facts.member_left("ww1", "wr1", key, at=_AT, scene=LeaveScene.LEFT, **who, **told),
        group_facts.group_dismissed("ww1", "wr1", at=_AT, about={"owner": "x", "customers": 1}),
        group_facts.owner_changed("ww1", "wr1", "a", "b", at=_AT),
        group_facts.owner_left("ww1", "wr1", "a", 1, at=_AT),
        group_facts.picture_expiring(1, 1, at=_AT, ends=_AT),
        group_facts.stage_changed("x", PersonId(1), stage="x", before="x", why="joined", code_id=1, at=_AT),
    ]


def _inheritance_facts() -> list[Fact]:
    work = Work(
        plan=InheritanceId(1),
        corp_id=AccountId(1),
        kind=PassingKind.ON_JOB,
        handover="a",
        taker="b",
        takers=("b",),
        message="",
    )
    about = inheritance_facts.Passing(work, "ww1", "wm1", b"t")
    ended = (PassingState.WAITING, PassingState.DONE, PassingState.REFUSED, PassingState.FAILED)
    plans = ("OPENED", "SUBMITTED", "STOPPED", "RESUMED", "DROPPED", "ENDED")
    return [
        *(inheritance_facts.passing(about, state, "x", at=_AT) for state in ended),
        *(
            inheritance_facts.group_passing(work, "wr1", "ww1", is_done=done, reason="x", at=_AT)
            for done in (True, False)
        ),
        *(
            inheritance_facts.plan_fact(getattr(inheritance_facts, f"PLAN_{name}"), 1, actor="x", at=_AT)
            for name in plans
        ),
    ]


def _sidebar_facts() -> list[Fact]:
    caller = StaffCaller(tenant_id=TenantId(1), corp_id=AccountId(1), userid="a")
    deed = Deed(id=1, caller=caller, what="notes", token=b"t", fields=("remark",), at=_AT)
    return [
        sidebar_facts.about_customer(name, deed, app_id="ww1", external_userid="wm1")
        for name in (sidebar_facts.CUSTOMER_NOTED, sidebar_facts.CUSTOMER_TAGS_ASKED)
    ]


def _live_code_fact() -> Fact:
    draft = LiveCodeDraft(name="x", members=(LiveCodeMember(userid="x"),))
    code = dataclasses.replace(_kept(KeptCode), draft=draft)
    add = CountedAdd(
        code_id=code.code_id, userid="x", token=b"x", day=_AT.date(), is_returning=False, adds=1, over_cap=0
    )
    told = {"person_id": PersonId(1), "app_id": "ww1", "at": _AT, "is_new": True}
    return code_facts.added_by_code(code, _kept(CodeState), add, **told)


def _corp_tag_facts() -> list[Fact]:
    about: dict[str, Any] = {"app_id": "ww1", "person_id": None, "tag_id": "x", "tag": "x", "group": "x"}
    key = RelationKey(AccountId(1), "x", b"t")
    return [
        corp_tag_facts.customer_tag(key, **about, origin="x", added=added, at=_AT) for added in (True, False)
    ]


def _form_facts() -> list[Fact]:
    question = {"kind": "nps", "key": "q1", "title": "x"}
    definition = FormDefinition.model_validate(
        {"title": "x", "pages": [{"key": "p1", "questions": [question]}]}
    )
    answer = KeptAnswer(
        answer_id=AnswerId(1),
        form_id=FormId(1),
        version=1,
        person_id=1,
        known_as=1,
        device=b"x",
        device_counts=False,
        once=Once.PERSON,
        is_repeat=False,
        answers={},
        sealed=None,
        score=0,
        result="x",
        source="x",
        seconds=1,
        submitted_at=_AT,
        edited_at=_AT,
    )
    about: dict[str, Any] = {"submission": "x", "identifiers": (), "context": {}}
    return [
        *(
            form_facts.answer_fact("x", definition, answer, {"q1": 9}, is_edit=is_edit, **about)
            for is_edit in (False, True)
        ),
        form_facts.deleted_fact(FormId(1), answer, actor="x", at=_AT),
        form_facts.exported_fact(FormId(1), actor="x", answers=1, at=_AT),
    ]


def _kept(kind: Any) -> Any:
    """Return a row with something in every field."""
    known = {"kind": AttemptKind.JSAPI, "cause": RefundCause.ASKED, "key": "x", "out_trade_no": "x"}
    return kind(**{one.name: known.get(one.name, 1) for one in dataclasses.fields(kind)})


def commerce_rows() -> list[str]:
    """Send the same checkout under every name of the e-commerce specification."""
    rows = ["| event | 中文 | `revenue` | `quantity` | lines: price × quantity |", "|---|---|---|---|---|"]
    for name, zh in WORDS["commerce"].items():
        money = take_commerce(name, dict(_CHECKOUT))
        line = money.items[0]
        rows.append(
            f"| `{name}` | {zh} | {money.revenue} | {money.quantity} | {line['price']} × {line['quantity']} |"
        )
    return rows


def import_rows() -> list[str]:
    """Shape one row of people that says more than attributes."""
    list_map = parse_map(_LIST_MAP, file="map.toml")
    row = pa.table({"who": ["u1"], "tags": ["x"], ROW: [2], DAMAGE: pa.nulls(1, pa.string())})
    shaped = shaper_of(list_map, now=_AT, judge=PlanJudge("", source=list_map.source)).shape(row)
    beside = {event.name: event for event in shaped.events if event.kind != "identify"}
    words = WORDS["import"]
    _require_equal(beside, words)
    return [
        "| event | 中文 | meaning | properties |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | {zh} | {en} | {_codes(_paths(beside[name].properties))} |"
            for name, (zh, en) in words.items()
        ),
    ]


def tracking_rows() -> list[str]:
    """Read one body of each kind."""
    body = b'{"event": "Tea Tasted", "userId": "u", "previousId": "a", "groupId": "g", "messageId": "m"}'
    rows = ["| call | stored `kind` | stored `name` |", "|---|---|---|"]
    for kind in ("track", "identify", "page", "screen", "group", "alias"):
        event = Reader().read_one(kind, body, source="x", received_at=_AT)
        name = "what `event` says" if event.name == "Tea Tasted" else f"`{event.name}`"
        rows.append(f"| `/v1/{kind}` | `{event.kind}` | {name} |")
    if len(rows) - 2 != len(KINDS):
        raise SystemExit(f"the tracking API takes {sorted(KINDS)}")
    return rows


def context_rows() -> list[str]:
    """Send every key of a context alone and see where it goes."""
    rows = ["| sent in `context` | asked about as | for example |", "|---|---|---|"]
    reached: set[str] = set()
    for path, (field, example) in WORDS["context"].items():
        context: Any = example
        for key in reversed(path.split(".")):
            context = {key: context}
        columns = read_context(context).columns
        if list(columns) != [field]:
            raise SystemExit(f"context.{path} goes to {columns}, not {field}")
        reached.add(field)
        asked = {"source_code": "source", "group_id": "group"}.get(field, field)
        rows.append(f"| `{path}` | `context.{asked}` | {example} |")
    return rows


def _callbacks(
    message_types: Mapping[str, type[Message]], event_types: Mapping[str, type[Event]]
) -> Iterable[tuple[str, Callback]]:
    for name, kind in message_types.items():
        yield name, _filled(kind, MsgType=name)
    for name, event_kind in event_types.items():
        yield name, _filled(event_kind, MsgType="event", Event=name)
    yield "any other message", _filled(OtherMessage, MsgType="x")
    yield "any other event", _filled(OtherEvent, MsgType="event", Event="x")


def _filled(kind: Any, **known: Any) -> Any:
    """Return an instance with something in every field."""
    values = {field.name: _something(field.type) for field in msgspec.structs.fields(kind)}
    return kind(**(values | known))


def _something(kind: Any) -> Any:
    kind = getattr(kind, "__origin__", kind) if hasattr(kind, "__metadata__") else kind
    if kind in _SAMPLES:
        return _SAMPLES[kind]
    if getattr(kind, "__origin__", None) is tuple:
        return (_something(kind.__args__[0]),)
    if isinstance(kind, UnionType):
        return _something(kind.__args__[0])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _filled(kind)
    return {}


def _user_info_fact() -> Fact:
    key = FollowerKey(AccountId(1), b"\0" * 16)
    return user_info._fact("wx", key, _filled(UserInfo, subscribe=True, subscribe_time=1), _AT)


def _properties(properties: Mapping[str, Any]) -> set[str]:
    sealed = set(_paths(split_properties(properties)[1]))
    return {f"`{path}`{' (sealed)' if path in sealed else ''}" for path in _paths(properties)}


def _paths(properties: Mapping[str, Any], before: str = "") -> Iterable[str]:
    for key, value in properties.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from _paths(value[0], f"{before}{key}[].")
        elif isinstance(value, dict):
            yield from _paths(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words)) or "–"


def _section(title: str, key: str, rows: list[str]) -> str:
    return "\n".join([f"## {title}", "", WORDS["about"][key], "", *rows, ""])


def _require_equal(made: Mapping[str, Any], described: Mapping[str, Any]) -> None:
    if missing := sorted(set(made) ^ set(described)):
        raise SystemExit(f"made but not described in scripts/event_words.toml, or the reverse: {missing}")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
