"""Interception rules (敏感词) as they are kept, and what they do to what members write to customers.

Source: official page 95097. What a rule makes of a message is not in the API: here the member's phone refuses
to send it (type 1), or only warns (type 2).
"""

import re
from dataclasses import dataclass, field
from typing import Final

from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.directory import Directory

BLOCKS, WARNS = 1, 2
PHONE, MAIL, RED_PACKET = 1, 2, 3
_SHAPES: Final = {
    PHONE: re.compile(r"(?<!\d)1\d{10}(?!\d)"),
    MAIL: re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    RED_PACKET: re.compile("红包"),
}


class Intercepted(Unknown):
    """A member's message that a rule does not let out."""


@dataclass(slots=True, kw_only=True)
class Range:
    """Whom a rule is about."""

    user_list: list[str] = field(default_factory=list)
    department_list: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class InterceptRule:
    """One rule; ``intercept_type`` 1 warns and blocks, 2 warns alone."""

    rule_id: str
    rule_name: str
    create_time: int
    word_list: list[str]
    semantics_list: list[int]
    intercept_type: int
    applicable_range: Range
    deleted: bool = False

    def hits(self, text: str) -> bool:
        """Whether a text has one of the words, or content of one of the kinds."""
        return any(word in text for word in self.word_list) or any(
            _SHAPES[kind].search(text) for kind in self.semantics_list
        )


class Interception:
    """The rules of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._corpid = corp.corpid
        self._directory = Directory(world.store, corp)
        self._shelf = Shelf(world.store, "corp_intercept_rule", InterceptRule)

    def find(self, rule_id: str) -> InterceptRule | None:
        return self._shelf.find(self._corpid, rule_id)

    def alive(self) -> list[InterceptRule]:
        return [one for one in self._shelf.values(self._corpid) if not one.deleted]

    def save(self, rule: InterceptRule) -> None:
        self._shelf.put(self._corpid, rule.rule_id, rule)

    def check(self, userid: str, text: str) -> None:
        """Let a member's text to customers pass.

        Raises:
            Intercepted: a rule that blocks is about the member and the text.
        """
        for rule in self.alive():
            if rule.intercept_type == BLOCKS and rule.hits(text) and self._is_about(rule, userid):
                raise Intercepted(f"the rule {rule.rule_name!r} does not let this out")

    def _is_about(self, rule: InterceptRule, userid: str) -> bool:
        place = rule.applicable_range
        return userid in self._directory.expand(place.user_list, place.department_list)
