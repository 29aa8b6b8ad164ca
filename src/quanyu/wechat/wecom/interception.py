"""Interception rules 敏感词: what members may not say to customers.

100 rules. Source: developer.work.weixin.qq.com, 管理聊天敏感词 (path 95097), read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post


class Applies(Part, frozen=True):
    user_list: tuple[str, ...] = ()  # At most 1,000.
    department_list: tuple[int, ...] = ()  # At most 1,000.


class ExtraRule(Part, frozen=True):
    semantics_list: tuple[int, ...] = ()  # 1 phone number, 2 e-mail address, 3 red packet.


class AddRequest(Request, frozen=True, kw_only=True):
    rule_name: str  # 1 to 20 signs, once in the corp.
    word_list: tuple[str, ...]  # At most 300 of 1 to 32 signs.
    intercept_type: Literal[1, 2]  # 1 warn and block, 2 warn.
    applicable_range: Applies
    semantics_list: tuple[int, ...] = ()


class RuleId(Request, frozen=True):
    rule_id: str


class Added(Answer, frozen=True):
    rule_id: str


class ListedRule(Part, frozen=True):
    rule_id: str
    rule_name: str = ""
    create_time: int = 0  # Unix seconds.


class Rules(Answer, frozen=True):
    rule_list: tuple[ListedRule, ...] = ()


class Rule(Part, frozen=True, kw_only=True):
    rule_id: str | int  # A text in the list; the platform's sample of one rule has a number.
    rule_name: str = ""
    word_list: tuple[str, ...] = ()
    extra_rule: ExtraRule = ExtraRule()
    intercept_type: int = 1
    applicable_range: Applies = Applies()


class RuleAnswer(Answer, frozen=True):
    rule: Rule


class UpdateRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    rule_id: str
    rule_name: str | None = None
    word_list: tuple[str, ...] | None = None
    extra_rule: ExtraRule | None = None
    intercept_type: Literal[1, 2] | None = None
    add_applicable_range: Applies | None = None
    remove_applicable_range: Applies | None = None


ADD: Final = post("/externalcontact/add_intercept_rule", AddRequest, Added)
LIST: Final = get("/externalcontact/get_intercept_rule_list", Nothing, Rules)
GET: Final = ask("/externalcontact/get_intercept_rule", RuleId, RuleAnswer)
UPDATE: Final = post("/externalcontact/update_intercept_rule", UpdateRequest, Done, repeatable=True)
DELETE: Final = post("/externalcontact/del_intercept_rule", RuleId, Done)
