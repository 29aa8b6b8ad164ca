"""Cards that pass a customer of 微信客服 on to a member or into a group (升级服务)."""

from dataclasses import dataclass

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """One card on a customer's phone."""

    kind: int  # 1 a member, 2 a group.
    target: str
    wording: str
    at: float


class Upgrades:
    """The cards of one corp."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corpid = corp.corpid
        self._shelf = Shelf(world.store, "wecom_kf_upgrade", Upgrade)

    def offer(self, open_kfid: str, external_userid: str, upgrade: Upgrade) -> None:
        """Show a card; another one before it goes away."""
        key = f"{open_kfid}\0{external_userid}"
        self._shelf.put(self._corpid, key, upgrade)
        self._world.facts.record(self._corpid, FactKind.KF_UPGRADE, upgrade.at, ref=key)

    def withdraw(self, open_kfid: str, external_userid: str) -> None:
        self._shelf.drop(self._corpid, f"{open_kfid}\0{external_userid}")

    def find(self, open_kfid: str, external_userid: str) -> Upgrade | None:
        return self._shelf.find(self._corpid, f"{open_kfid}\0{external_userid}")
