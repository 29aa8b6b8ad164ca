"""Interception rules (敏感词): words and kinds of content members are warned about. Source: page 95097."""

from dataclasses import asdict
from typing import Any

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.customers import made_id
from wechat_sandbox.state.wecom.interception import (
    BLOCKS,
    MAIL,
    PHONE,
    RED_PACKET,
    WARNS,
    Interception,
    InterceptRule,
    Range,
)
from wechat_sandbox.wire.errors import PlatformError

RULES_MAX, WORDS_MAX, WORD_MAX, RANGE_MAX, NAME_MAX = 100, 300, 32, 1000, 20
SEMANTICS = frozenset({PHONE, MAIL, RED_PACKET})


@WECOM.post("/externalcontact/add_intercept_rule", right=Right.CUSTOMERS)
def add(call: CorpCall) -> Answer:
    if len(_rules(call).alive()) >= RULES_MAX:
        raise PlatformError(41069)
    place = _range(call, call.object("applicable_range"))
    if not place.user_list and not place.department_list:
        raise PlatformError(40058, "applicable_range")
    rule = InterceptRule(
        rule_id=made_id("", call.corp.corpid, call.world.new_id(call.at)),
        rule_name=_name(call),
        create_time=int(call.at),
        word_list=_words(call),
        semantics_list=_semantics(call.body),
        intercept_type=call.number("intercept_type", low=BLOCKS, high=WARNS),
        applicable_range=place,
    )
    _rules(call).save(rule)
    return {"rule_id": rule.rule_id}


@WECOM.get("/externalcontact/get_intercept_rule_list", right=Right.CUSTOMERS)
def list_all(call: CorpCall) -> Answer:
    rows = [
        {"rule_id": one.rule_id, "rule_name": one.rule_name, "create_time": one.create_time}
        for one in _rules(call).alive()
    ]
    return {"rule_list": rows}


@WECOM.post("/externalcontact/get_intercept_rule", right=Right.CUSTOMERS)
def read(call: CorpCall) -> Answer:
    rule = _get(call)
    body = {
        "rule_id": rule.rule_id,
        "rule_name": rule.rule_name,
        "word_list": rule.word_list,
        "extra_rule": {"semantics_list": rule.semantics_list},
        "intercept_type": rule.intercept_type,
        "applicable_range": asdict(rule.applicable_range),
    }
    return {"rule": body}


@WECOM.post("/externalcontact/update_intercept_rule", right=Right.CUSTOMERS)
def update(call: CorpCall) -> Answer:
    """Change what is given; the range grows and shrinks by what is named."""
    rule = _get(call)
    if call.body.get("rule_name"):
        rule.rule_name = _name(call, own=rule.rule_id)
    if call.body.get("word_list"):
        rule.word_list = _words(call)
    if "extra_rule" in call.body:
        rule.semantics_list = _semantics(call.object("extra_rule"))
    rule.intercept_type = call.number("intercept_type", rule.intercept_type, low=BLOCKS, high=WARNS)
    more = _range(call, call.object("add_applicable_range"))
    less = _range(call, call.object("remove_applicable_range"))
    users = dict.fromkeys([*rule.applicable_range.user_list, *more.user_list])
    parties = dict.fromkeys([*rule.applicable_range.department_list, *more.department_list])
    place = Range(
        user_list=[one for one in users if one not in less.user_list],
        department_list=[one for one in parties if one not in less.department_list],
    )
    _check_size(place)
    rule.applicable_range = place
    _rules(call).save(rule)
    return {}


@WECOM.post("/externalcontact/del_intercept_rule", right=Right.CUSTOMERS)
def delete(call: CorpCall) -> Answer:
    rule = _get(call)
    rule.deleted = True
    _rules(call).save(rule)
    return {}


def _rules(call: CorpCall) -> Interception:
    return Interception(call.world, call.corp)


def _get(call: CorpCall) -> InterceptRule:
    rule = _rules(call).find(call.text("rule_id", missing=41070))
    if rule is None:
        raise PlatformError(41070)
    if rule.deleted:
        raise PlatformError(41071)
    return rule


def _name(call: CorpCall, *, own: str = "") -> str:
    name = call.text("rule_name", missing=40058, most=NAME_MAX)
    if any(one.rule_name == name and one.rule_id != own for one in _rules(call).alive()):
        raise PlatformError(41077)
    return name


def _words(call: CorpCall) -> list[str]:
    words = call.items("word_list", most=10_000, missing=41083)
    if len(words) > WORDS_MAX:
        raise PlatformError(41068)
    if not all(isinstance(word, str) and 1 <= len(word) <= WORD_MAX for word in words):
        raise PlatformError(41083)
    return list(dict.fromkeys(words))


def _semantics(body: dict[str, Any]) -> list[int]:
    kinds = body.get("semantics_list") or []
    if not isinstance(kinds, list) or not SEMANTICS.issuperset(kinds):
        raise PlatformError(41084)
    return kinds


def _range(call: CorpCall, given: dict[str, Any]) -> Range:
    users, departments = given.get("user_list") or [], given.get("department_list") or []
    if not isinstance(users, list) or not isinstance(departments, list):
        raise PlatformError(40058, "applicable_range")
    place = Range(user_list=list(map(str, users)), department_list=list(map(int, departments)))
    _check_size(place)
    for userid in place.user_list:
        call.member(userid)
    if any(call.directory.find_department(number) is None for number in place.department_list):
        raise PlatformError(60003)
    return place


def _check_size(place: Range) -> None:
    if len(place.user_list) > RANGE_MAX or len(place.department_list) > RANGE_MAX:
        raise PlatformError(41076)
