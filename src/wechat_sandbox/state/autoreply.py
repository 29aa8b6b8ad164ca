"""Automatic replies set in the console: on follow, by keyword, by default.

They work only while the account has no callback address, as on the platform, where the two
exclude each other.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordRule:
    """One rule; ``keywords`` as (text, ``contain`` or ``equal``)."""

    name: str
    keywords: tuple[tuple[str, str], ...]
    replies: tuple[str, ...]
    reply_all: bool = True
    create_time: int = 0

    def matches(self, text: str) -> bool:
        return any(text == word if mode == "equal" else word in text for word, mode in self.keywords)

    def as_item(self) -> dict[str, Any]:
        return {
            "rule_name": self.name,
            "create_time": self.create_time,
            "reply_mode": "reply_all" if self.reply_all else "random_one",
            "keyword_list_info": [
                {"type": "text", "match_mode": mode, "content": word} for word, mode in self.keywords
            ],
            "reply_list_info": [{"type": "text", "content": reply} for reply in self.replies],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoReply:
    """All automatic replies of an account; an empty text means none."""

    on_follow: str = ""
    default: str = ""
    rules: tuple[KeywordRule, ...] = field(default_factory=tuple)

    def as_info(self) -> dict[str, object]:
        info: dict[str, object] = {
            "is_add_friend_reply_open": int(bool(self.on_follow)),
            "is_autoreply_open": int(bool(self.default or self.rules)),
        }
        if self.on_follow:
            info["add_friend_autoreply_info"] = {"type": "text", "content": self.on_follow}
        if self.default:
            info["message_default_autoreply_info"] = {"type": "text", "content": self.default}
        if self.rules:
            info["keyword_autoreply_info"] = {"list": [rule.as_item() for rule in self.rules]}
        return info

    def replies_to(self, text: str) -> tuple[str, ...]:
        """Return what a text is answered with: the first matching rule, else the default."""
        for rule in self.rules:
            if rule.matches(text):
                return rule.replies if rule.reply_all else rule.replies[:1]
        return (self.default,) if self.default else ()


def find_autoreply(world: Core, account: Account) -> AutoReply:
    return Shelf(world.store, "autoreply", AutoReply).find(account.appid, "all") or AutoReply()


def set_autoreply(world: Core, account: Account, replies: AutoReply) -> None:
    Shelf(world.store, "autoreply", AutoReply).put(account.appid, "all", replies)
