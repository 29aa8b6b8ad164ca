"""One-time subscription: a person confirms a page once, the account may send once for its scene."""

import hashlib

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

SCENE_MAX = 10_000


def one_time_template(account: Account) -> str:
    """Return the template id the console shows for one-time subscription."""
    return hashlib.sha256(f"one-time:{account.appid}".encode()).hexdigest()[:43]


def confirm(world: Core, account: Account, openid: str, scene: int) -> None:
    """A person agrees to one message of a scene."""
    shelf = Shelf(world.store, "one_time", int)
    key = f"{openid}:{scene}"
    shelf.put(account.appid, key, (shelf.find(account.appid, key) or 0) + 1)


def use(world: Core, account: Account, openid: str, scene: int) -> None:
    """Use up one agreement, or raise 43101."""
    shelf = Shelf(world.store, "one_time", int)
    key = f"{openid}:{scene}"
    left = shelf.find(account.appid, key) or 0
    if left < 1:
        raise PlatformError(43101)
    shelf.put(account.appid, key, left - 1)
