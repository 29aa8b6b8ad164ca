"""The templates, in the order they are offered."""

from typing import Any, Final

from quanyu.modules.journeys.templates.building import (
    DAY_S,
    FOLLOWED,
    HOUR_S,
    MINUTE_S,
    ORDERED,
    Parts,
    Template,
    Words,
)

_BOUGHT: Final = Words("已下单", "Ordered")
# Answers to who wrote or followed go out within two days; an hour is left for the way.
_WINDOW_S: Final = 47 * HOUR_S


def _welcome(make: Parts) -> dict[str, Any]:
    hello = Words(
        '你好{{ person.nickname | default: "" }}，欢迎关注！回复任意内容，我们随时在。',
        'Hello{{ person.nickname | default: "" }}, nice to have you here! Write to us at any time.',
    )
    remind = Words(
        "首单礼还为你留着，今天下单就能用。有任何问题直接回复我们。",
        "Your first-order gift is still here, good for today. Just reply with any question.",
    )
    return {
        "entry": make.on_event(FOLLOWED, again_after_s=30 * DAY_S),
        "start": "pause",
        "nodes": {
            "pause": make.wait(MINUTE_S, "greet"),
            "greet": make.say(Words("发送欢迎语", "Say hello"), hello, "watch", valid_s=_WINDOW_S),
            "watch": make.await_event(ORDERED, DAY_S, matched="ordered", timeout="remind"),
            "remind": make.say(
                Words("提醒领取首单礼", "Remind of the first-order gift"), remind, "done", valid_s=12 * HOUR_S
            ),
            "ordered": make.end(_BOUGHT),
            "done": make.end(),
        },
    }


def _first_order(make: Parts) -> dict[str, Any]:
    taste = Words(
        "第一次来，推荐从这几款开始，都是回头客最多的。", "New here? These are what people come back for."
    )
    doubt = Words(
        "还在犹豫？告诉我们你的口味，帮你挑一款。",
        "Still unsure? Tell us what you like; we pick one for you.",
    )
    return {
        "entry": make.on_segment(again_after_s=180 * DAY_S),
        "start": "bought",
        "nodes": {
            "bought": make.ordered_lately(
                Words("一年内买过吗？", "Ordered within a year?"), 365, yes="ordered", no="taste"
            ),
            "taste": make.say(Words("推荐首单商品", "Recommend a first order"), taste, "watch"),
            "watch": make.await_event(ORDERED, 3 * DAY_S, matched="ordered", timeout="doubt"),
            "doubt": make.say(Words("帮忙挑选", "Offer help"), doubt, "again"),
            "again": make.await_event(ORDERED, 7 * DAY_S, matched="ordered", timeout="done"),
            "ordered": make.end(_BOUGHT),
            "done": make.end(),
        },
        "goal": {"event": ORDERED, "within_s": 14 * DAY_S},
    }


def _win_back(make: Parts) -> dict[str, Any]:
    call = Words(
        '好久不见{{ person.nickname | default: "" }}，最近上了几款新品，回来看看吧。',
        'Long time no see{{ person.nickname | default: "" }}! Something new has come in; have a look.',
    )
    return {
        "entry": make.on_segment(again_after_s=90 * DAY_S),
        "start": "awake",
        "nodes": {
            "awake": make.ordered_lately(
                Words("最近一天买过吗？", "Ordered within a day?"), 1, yes="ordered", no="call"
            ),
            "call": make.say(Words("发送唤回消息", "Call them back"), call, "watch"),
            "watch": make.await_event(ORDERED, 7 * DAY_S, matched="ordered", timeout="done"),
            "ordered": make.end(_BOUGHT),
            "done": make.end(),
        },
    }


def _unpaid(make: Parts) -> dict[str, Any]:
    remind = Words(
        "你有一笔订单还没付款，商品暂时为你留着，付款遇到问题可以直接回复。",
        "An order of yours is not paid yet. We keep it for you for now; reply if paying does not work.",
    )
    last = Words(
        "订单即将关闭，需要的话请尽快付款。", "The order is about to close; please pay soon if you want it."
    )
    return {
        "entry": make.on_event("Checkout Started", again_after_s=DAY_S),
        "start": "paying",
        "nodes": {
            "paying": make.await_event(ORDERED, 30 * MINUTE_S, matched="ordered", timeout="remind"),
            "remind": make.say(
                Words("提醒付款", "Remind of the payment"), remind, "waiting", valid_s=6 * HOUR_S
            ),
            "waiting": make.await_event(ORDERED, 12 * HOUR_S, matched="ordered", timeout="last"),
            "last": make.say(Words("最后提醒", "Remind once more"), last, "done", valid_s=6 * HOUR_S),
            "ordered": make.end(Words("已付款", "Paid")),
            "done": make.end(),
        },
        "goal": {"event": ORDERED, "within_s": DAY_S},
    }


def _replenishment(make: Parts) -> dict[str, Any]:
    text = Words(
        "算算日子，上次买的应该快用完了，需要的话现在补一份。",
        "What you bought should be nearly used up. Time for more?",
    )
    return {
        "entry": make.on_event(ORDERED, again_after_s=None),
        "start": "using",
        "nodes": {
            "using": make.await_event(ORDERED, 25 * DAY_S, matched="ordered", timeout="remind"),
            "remind": make.say(Words("提醒补货", "Remind to restock"), text, "watch", valid_s=3 * DAY_S),
            "watch": make.await_event(ORDERED, 7 * DAY_S, matched="ordered", timeout="done"),
            "ordered": make.end(_BOUGHT),
            "done": make.end(),
        },
    }


def _live(make: Parts) -> dict[str, Any]:
    booked = Words("预约成功，开播时见！", "You are booked. See you when we go live!")
    thanks = Words(
        "谢谢来看直播，喜欢的商品链接都在菜单里。", "Thank you for watching! All the links are in the menu."
    )
    missed = Words(
        "错过了也没关系，回放和直播价为你保留一天。",
        "Missed it? The recording and its prices are yours for a day.",
    )
    return {
        "entry": make.on_event("Live Booked", again_after_s=12 * HOUR_S),
        "start": "booked",
        "nodes": {
            "booked": make.say(
                Words("确认预约", "Confirm the booking"), booked, "live", valid_s=HOUR_S, service=True
            ),
            "live": make.await_event("Live Joined", 2 * DAY_S, matched="thanks", timeout="missed"),
            "thanks": make.say(Words("感谢观看", "Say thank you"), thanks, "bought"),
            "missed": make.say(Words("发送回放", "Send the recording"), missed, "bought"),
            "bought": make.await_event(ORDERED, DAY_S, matched="ordered", timeout="done"),
            "ordered": make.end(_BOUGHT),
            "done": make.end(),
        },
    }


def _onboarding(make: Parts) -> dict[str, Any]:
    first = Words(
        "很高兴认识你！先说说我们是谁，怎么挑、怎么买。",
        "Good to meet you! Here is who we are, and how to choose.",
    )
    third = Words(
        "第 3 天：大家最常问的三个问题，都在这里。", "Day 3: the three questions everybody asks, answered."
    )
    seventh = Words(
        "第 7 天：为新朋友准备了一份小礼，回复「礼物」领取。",
        "Day 7: a small gift for new friends. Reply “gift”.",
    )
    return {
        "entry": make.on_event(FOLLOWED, again_after_s=180 * DAY_S),
        "start": "day-1",
        "nodes": {
            "day-1": make.say(Words("第 1 天：认识", "Day 1: who we are"), first, "rest-1"),
            "rest-1": make.wait(2 * DAY_S, "day-3"),
            "day-3": make.say(Words("第 3 天：答疑", "Day 3: answers"), third, "rest-3"),
            "rest-3": make.wait(4 * DAY_S, "bought"),
            "bought": make.ordered_lately(
                Words("一周内买过吗？", "Ordered within a week?"), 7, yes="ordered", no="day-7"
            ),
            "day-7": make.say(Words("第 7 天：见面礼", "Day 7: a gift"), seventh, "done"),
            "ordered": make.end(_BOUGHT),
            "done": make.end(),
        },
    }


TEMPLATES: Final = (
    Template(
        "welcome",
        Words("关注欢迎", "Welcome"),
        Words("关注后问候，看是否下单", "greet new followers and see whether they order"),
        _welcome,
    ),
    Template(
        "first_order",
        Words("首单转化", "First order"),
        Words("给还没买过的人推荐第一单", "recommend a first order to people who never bought"),
        _first_order,
        by_segment=True,
    ),
    Template(
        "win_back",
        Words("沉睡唤回", "Win back"),
        Words("给很久没买的人发一条消息", "one message to people who have not bought for long"),
        _win_back,
        by_segment=True,
    ),
    Template(
        "unpaid",
        Words("未付款提醒", "Abandoned payment"),
        Words("开始结算却没付款，提醒两次", "two reminders to who began to check out and did not pay"),
        _unpaid,
    ),
    Template(
        "replenishment",
        Words("补货提醒", "Replenishment"),
        Words("下单 25 天后没有复购，提醒补货", "remind 25 days after an order that none followed"),
        _replenishment,
    ),
    Template(
        "live_booking",
        Words("直播预约", "Live booking"),
        Words(
            "确认预约，开播后分看没看跟进", "confirm a booking, then follow up on who watched and who did not"
        ),
        _live,
    ),
    Template(
        "onboarding",
        Words("新人 SOP", "Onboarding in steps"),
        Words("关注后第 1、3、7 天各一条", "a message on days 1, 3 and 7 after following"),
        _onboarding,
    ),
)
