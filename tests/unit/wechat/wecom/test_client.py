"""The client of one corp: tokens per secret, pages put together, refusals that are answers, budgets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.budget_keeping import Budgets, MemoryBudgetStore
from quanyu.wechat.calls import File, Nothing
from quanyu.wechat.errors import BudgetSpent, PlatformRefusal, TokenUnavailable
from quanyu.wechat.transport import Received
from quanyu.wechat.wecom import (
    acquisition,
    agents,
    app_messages,
    contact_ways,
    credentials,
    customers,
    limits,
    mass_messages,
    media,
    members,
    message_parts,
    oauth,
)
from quanyu.wechat.wecom.attachments import ImageAttachment, read_attachments
from quanyu.wechat.wecom.client import WeComClient
from quanyu.wechat.wecom.kf import messages as kf_messages
from quanyu.wechat.windows import PublishedLimits, Rule, Span, Window, end_of, start_of
from unit.wechat.scripted import AT, answer, query_of
from unit.wechat.wecom.corp import CORP, OK, EmptyTokens, corp_client

TOKEN = answer({"errcode": 0, "errmsg": "ok", "access_token": "T1", "expires_in": 7200})
AGAIN = answer({"errcode": 0, "errmsg": "ok", "access_token": "T2", "expires_in": 7200})


def refused(code: int, **more: Any) -> Received:
    return answer({"errcode": code, "errmsg": "no, hint: [1_2_3]", **more})


async def test_a_token_is_asked_for_with_corp_and_secret_and_shared() -> None:
    store = EmptyTokens()
    client, transport = corp_client(TOKEN, OK, store=store)
    other, _ = corp_client(OK, store=store)

    await client.call(members.DELETE, members.UserId(userid="zhang01"))
    await other.call(members.DELETE, members.UserId(userid="li01"))

    asked, called = transport.asked
    assert (asked.method, asked.base_url, asked.path) == (
        "GET",
        "https://qyapi.weixin.qq.com",
        "/cgi-bin/gettoken",
    )
    assert asked.query == {"corpid": CORP, "corpsecret": "s3cret"}
    assert called.query == {"access_token": "T1", "userid": "zhang01"}
    assert store.token is not None
    assert store.token.expires_at == AT + timedelta(seconds=7200)


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_refused_token_is_replaced_and_the_call_repeated_once(code: int) -> None:
    client, transport = corp_client(TOKEN, refused(code), AGAIN, OK, store=EmptyTokens())

    await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1000002))

    assert [one.query.get("access_token") for one in transport.asked] == [None, "T1", None, "T2"]


async def test_a_token_refused_twice_is_the_callers_to_know() -> None:
    client, transport = corp_client(TOKEN, refused(42001), AGAIN, refused(42001), store=EmptyTokens())

    with pytest.raises(PlatformRefusal) as caught:
        await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1))

    assert caught.value.errcode == 42001
    assert len(transport.asked) == 4


async def test_after_a_wrong_secret_the_platform_is_left_alone_for_longer_each_time() -> None:
    """Too many attempts would block our address for an hour."""
    clock = FixedClock(AT)
    client, transport = corp_client(refused(40001), store=EmptyTokens(), clock=clock)

    async def attempts(after: timedelta) -> int:
        clock.advance(AT + after - clock.now())
        before = len(transport.asked)
        with pytest.raises(TokenUnavailable):
            await client.call(agents.LIST, Nothing())
        return len(transport.asked) - before

    assert await attempts(timedelta()) == 1
    assert await attempts(timedelta(seconds=59)) == 0
    assert await attempts(timedelta(seconds=60)) == 1
    assert await attempts(timedelta(seconds=179)) == 0
    assert await attempts(timedelta(seconds=180)) == 1


async def test_no_customers_is_an_answer() -> None:
    client, _ = corp_client(refused(84061, external_userid=[]))

    assert await client.customers_of("zhang01") == ()
    assert [page async for page in client.customer_pages(["zhang01"])] == []


async def test_another_refusal_stays_one() -> None:
    client, _ = corp_client(refused(60111))

    with pytest.raises(PlatformRefusal) as caught:
        await client.customers_of("nobody")
    assert (caught.value.errcode, caught.value.meaning_zh) == (60111, "UserID 不存在")


async def test_a_customer_with_many_followers_is_put_together() -> None:
    contact = {"external_userid": "wm1", "name": "Ann", "type": 1, "gender": 2}
    client, transport = corp_client(
        answer({"external_contact": contact, "follow_user": [{"userid": "a"}], "next_cursor": "C"}),
        answer({"external_contact": contact, "follow_user": [{"userid": "b"}], "next_cursor": ""}),
    )

    known = await client.customer("wm1")

    assert [one.userid for one in known.follow_user] == ["a", "b"]
    assert [one.query.get("cursor") for one in transport.asked] == [None, "C"]


async def test_pages_are_read_to_the_end() -> None:
    client, transport = corp_client(
        answer({"group_chat_list": [{"chat_id": "wr1", "status": 0}], "next_cursor": "C"}),
        answer({"group_chat_list": [{"chat_id": "wr2", "status": 1}], "next_cursor": ""}),
    )

    rows = [one async for page in client.group_pages(owners=["zhang01"]) for one in page]

    assert [(one.chat_id, one.status) for one in rows] == [("wr1", 0), ("wr2", 1)]
    assert transport.asked[0].json == {"limit": 1000, "owner_filter": {"userid_list": ["zhang01"]}}
    assert transport.asked[1].json["cursor"] == "C"


async def test_service_messages_are_pulled_while_there_are_more() -> None:
    text: dict[str, Any] = {
        "msgid": "m1",
        "open_kfid": "wk1",
        "external_userid": "wm1",
        "send_time": 1,
        "origin": 3,
    }
    event = {"event_type": "enter_session", "open_kfid": "wk1", "external_userid": "wm2", "welcome_code": "W"}
    text |= {"msgtype": "text", "text": {"content": "hi"}}
    happened = {"msgid": "m2", "msgtype": "event", "origin": 4, "event": event}
    client, transport = corp_client(
        answer({"msg_list": [text], "has_more": 1, "next_cursor": "2"}),
        answer({"msg_list": [happened], "has_more": 0, "next_cursor": "3"}),
    )

    rows = [
        row async for page in client.kf_message_pages("wk1", cursor="1", token="T") for row in page.msg_list
    ]

    assert [(one.account, one.customer) for one in rows] == [("wk1", "wm1"), ("wk1", "wm2")]
    assert rows[0].text == kf_messages.KfText(content="hi")
    assert [one.json["cursor"] for one in transport.asked] == ["1", "2"]
    assert transport.asked[0].json == {"open_kfid": "wk1", "cursor": "1", "token": "T"}


async def test_what_stays_as_it_is_is_not_sent_and_what_is_cleared_is() -> None:
    client, transport = corp_client()

    await client.call(
        contact_ways.UPDATE, contact_ways.UpdateRequest(config_id="c", skip_verify=False, remark="", user=())
    )
    await client.call(
        customers.REMARK,
        customers.RemarkRequest(userid="u", external_userid="w", remark_mobiles=("",)),
    )

    assert transport.asked[0].json == {"config_id": "c", "skip_verify": False, "remark": "", "user": []}
    assert transport.asked[1].json == {"userid": "u", "external_userid": "w", "remark_mobiles": [""]}


async def test_the_agent_of_a_menu_travels_in_the_query() -> None:
    client, transport = corp_client()
    sub = agents.Button(type="click", name="Call", key="K")

    await client.call(
        agents.CREATE_MENU,
        agents.CreateMenuRequest(agentid=7, button=(agents.Button(name="More", sub_button=(sub,)),)),
    )

    (asked,) = transport.asked
    assert asked.query == {"access_token": "TOKEN", "agentid": "7"}
    assert asked.json == {
        "button": [{"name": "More", "sub_button": [{"name": "Call", "type": "click", "key": "K"}]}]
    }


async def test_a_message_names_its_type_and_joins_its_receivers() -> None:
    client, transport = corp_client(answer({"invaliduser": "x|y", "msgid": "M"}))

    sent = await client.call(
        app_messages.SEND,
        app_messages.TextMessage(
            agentid=7, touser=app_messages.joined("a", "x", "y"), text=message_parts.Text("hi")
        ),
    )

    assert transport.asked[0].json == {
        "agentid": 7,
        "touser": "a|x|y",
        "msgtype": "text",
        "text": {"content": "hi"},
    }
    assert (sent.invaliduser, sent.msgid) == ("x|y", "M")


async def test_a_list_shows_attachments_of_kinds_we_have_no_words_for() -> None:
    row = {
        "msgid": "m",
        "create_time": "1600000000",
        "attachments": [
            {"msgtype": "hologram", "hologram": {}},
            {"msgtype": "image", "image": {"media_id": "I"}},
        ],
    }
    client, _ = corp_client(answer({"group_msg_list": [row], "next_cursor": ""}))

    (listed,) = (
        await client.call(
            mass_messages.LIST, mass_messages.ListRequest(chat_type="single", start_time=1, end_time=2)
        )
    ).group_msg_list

    assert listed.create_time == 1600000000
    assert [one.msgtype for one in listed.attachments] == ["hologram", "image"]


def test_attachments_are_read_from_data_and_counted() -> None:
    image = {"msgtype": "image", "image": {"pic_url": "https://p"}}

    assert isinstance(read_attachments([image])[0], ImageAttachment)
    with pytest.raises(ValueError, match="at most 9"):
        read_attachments([image] * 10)
    with pytest.raises(ValueError, match="hologram"):
        read_attachments([{"msgtype": "hologram"}])


async def test_files_go_up_as_forms_with_their_kind_in_the_query() -> None:
    client, transport = corp_client(answer({"type": "image", "media_id": "M", "created_at": "1380000000"}))

    uploaded = await client.call(
        media.UPLOAD_ATTACHMENT,
        media.UploadAttachmentRequest(
            media_type="image", attachment_type=1, media=File(b"\xff\xd8x", "a.jpg")
        ),
    )

    (asked,) = transport.asked
    assert asked.query == {"access_token": "TOKEN", "media_type": "image", "attachment_type": "1"}
    assert uploaded == media.Uploaded(media_id="M", type="image", created_at=1380000000)


def test_the_page_that_signs_a_member_in() -> None:
    url = oauth.authorise_url(CORP, "https://a.example/x?y=1", agent_id=7, state="S1")

    assert url == (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={CORP}"
        "&redirect_uri=https%3A%2F%2Fa.example%2Fx%3Fy%3D1&response_type=code&scope=snsapi_base&state=S1"
        "&agentid=7#wechat_redirect"
    )


def test_the_page_with_the_code_to_scan() -> None:
    query = query_of(oauth.login_url(CORP, "https://a.example/", agent_id=7, state="S1", lang="en"))

    assert query == {
        "login_type": "CorpApp",
        "appid": CORP,
        "agentid": "7",
        "redirect_uri": "https://a.example/",
        "state": "S1",
        "lang": "en",
    }


def test_links_carry_a_channel() -> None:
    link = acquisition.link_with_channel("https://work.weixin.qq.com/ca/1", "店 1")

    assert link == "https://work.weixin.qq.com/ca/1?customer_channel=%E5%BA%97%201"
    assert acquisition.scheme(link).startswith(
        "weixin://biz/ww/profile/https%3A%2F%2Fwork.weixin.qq.com%2Fca"
    )
    with pytest.raises(ValueError, match="64 bytes"):
        acquisition.link_with_channel("https://x", "店" * 22)


async def test_published_limits_hold_calls_back_before_the_platform_refuses() -> None:
    """100 tickets an hour and app, 400 an hour and corp."""
    clock = FixedClock(AT)
    published = PublishedLimits(clock)
    ticket = answer({"ticket": "K", "expires_in": 7200})
    apps = [corp_client(ticket, clock=clock, published=published, agent_id=one) for one in range(5)]

    async def fetch_for_ever(client: WeComClient) -> None:
        while True:
            await client.call(credentials.CORP_TICKET, Nothing())

    async def taken(app: int) -> int:
        client, transport = apps[app]
        with pytest.raises(BudgetSpent) as caught:
            await fetch_for_ever(client)
        assert caught.value.retry_at == AT + timedelta(hours=1)
        return len(transport.asked)

    assert [await taken(app) for app in range(5)] == [100, 100, 100, 100, 0]


async def test_a_minute_of_one_call_is_full_and_the_next_one_is_not() -> None:
    clock = FixedClock(AT + timedelta(seconds=30))
    published = PublishedLimits(clock)
    client, _ = corp_client(clock=clock, published=published)
    rules = limits.rules_of(agents.DELETE_MENU, source="this address", corp_id=CORP, app_key="a")
    published.take(rules, count=9_999)

    await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1))
    with pytest.raises(BudgetSpent) as caught:
        await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1))

    assert caught.value.retry_at == AT + timedelta(minutes=1)
    await client.call(members.DELETE, members.UserId(userid="another call has a count of its own"))
    clock.advance(timedelta(seconds=30))
    await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1))


def test_what_one_rule_refuses_no_rule_counts() -> None:
    published = PublishedLimits(FixedClock(AT))
    wide = Rule("corp", "/p", (Window(5, Span.DAY),))
    narrow = Rule("app", "/p", (Window(1, Span.MINUTE), Window(3, Span.MONTH)))

    published.take([wide, narrow])
    with pytest.raises(BudgetSpent):
        published.take([wide, narrow])
    published.take([wide], count=4)

    with pytest.raises(BudgetSpent) as caught:
        published.take([wide])
    assert caught.value.retry_at == datetime(2026, 3, 4, 16, tzinfo=UTC)  # Midnight in China.


@pytest.mark.parametrize(
    ("span", "began", "ends"),
    [
        (Span.MINUTE, datetime(2026, 12, 31, 17, 30, tzinfo=UTC), datetime(2026, 12, 31, 17, 31, tzinfo=UTC)),
        (Span.HOUR, datetime(2026, 12, 31, 17, tzinfo=UTC), datetime(2026, 12, 31, 18, tzinfo=UTC)),
        (Span.DAY, datetime(2026, 12, 31, 16, tzinfo=UTC), datetime(2027, 1, 1, 16, tzinfo=UTC)),
        (Span.MONTH, datetime(2026, 12, 31, 16, tzinfo=UTC), datetime(2027, 1, 31, 16, tzinfo=UTC)),
    ],
)
def test_windows_turn_in_china(span: Span, began: datetime, ends: datetime) -> None:
    at = datetime(2026, 12, 31, 17, 30, 15, tzinfo=UTC)

    assert (start_of(span, at), end_of(span, at)) == (began, ends)


async def test_who_signs_in_is_never_held_back() -> None:
    assert limits.rules_of(oauth.IDENTITY, source="s", corp_id=CORP, app_key="a") == ()


async def test_a_frozen_call_waits_longer_each_time_it_comes_back_too_early() -> None:
    clock = FixedClock(AT)
    client, transport = corp_client(refused(45009), clock=clock, budgets=Budgets(MemoryBudgetStore(), clock))

    async def refused_until(after: timedelta) -> timedelta:
        clock.advance(AT + after - clock.now())
        with pytest.raises(PlatformRefusal):
            await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1))
        with pytest.raises(BudgetSpent) as caught:
            await client.call(agents.DELETE_MENU, agents.AgentId(agentid=1))
        return caught.value.retry_at - AT

    assert await refused_until(timedelta()) == timedelta(minutes=1)
    assert await refused_until(timedelta(minutes=1)) == timedelta(hours=1, minutes=1)
    assert await refused_until(timedelta(hours=3)) == timedelta(hours=3, minutes=1)
    assert len(transport.asked) == 3
