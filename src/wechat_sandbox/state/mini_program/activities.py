"""Updatable messages: cards in chats whose text the mini program changes later.

Source: official pages 动态消息 (mirror read 2026-07-30). An activity can be changed for 24 hours.
"""

import secrets
from dataclasses import asdict, dataclass, field

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

NOT_STARTED, STARTED = 0, 1
VERSIONS = ("develop", "trial", "release")


@dataclass(slots=True, kw_only=True)
class Activity:
    """One updatable message."""

    activity_id: str
    expires_at: float
    target_state: int = NOT_STARTED
    parameters: dict[str, str] = field(default_factory=dict)


class Activities:
    """The updatable messages of one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._account = account
        self._shelf = Shelf(world.store, "mini_activity", Activity)

    def create(self, at: float) -> Activity:
        activity = Activity(activity_id=f"1048_{secrets.token_urlsafe(24)}", expires_at=at + DAY_S)
        self._shelf.put(self._account.appid, activity.activity_id, activity)
        return activity

    def change(self, activity_id: str, state: int, parameters: dict[str, str], at: float) -> None:
        """Change what the card shows; one that has started does not go back.

        Raises:
            PlatformError: 47501 unknown, 47504 ended, 47502 a state that cannot be, 47503 a bad version.
        """
        activity = self._shelf.find(self._account.appid, activity_id)
        if activity is None:
            raise PlatformError(47501)
        if at >= activity.expires_at:
            raise PlatformError(47504)
        if state not in (NOT_STARTED, STARTED) or state < activity.target_state:
            raise PlatformError(47502)
        if parameters.get("version_type", "release") not in VERSIONS:
            raise PlatformError(47503)
        activity.target_state = state
        activity.parameters |= parameters
        self._shelf.put(self._account.appid, activity_id, activity)

    def shown(self) -> list[dict[str, object]]:
        return [asdict(activity) for activity in self._shelf.values(self._account.appid)]
