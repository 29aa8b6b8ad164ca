"""Cards that pass a customer of 微信客服 on to a member or into a group (升级服务)."""

from dataclasses import dataclass

from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import External
from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.state.wecom.group_book import JoinScene
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.meeting import Meetings, Way

MEMBER, GROUP = 1, 2
BY_NOBODY_KNOWS = 0  # ``add_way`` of a card is not documented.


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
        self._corp = corp
        self._corpid = corp.corpid
        self._shelf = Shelf(world.store, "wecom_kf_upgrade", Upgrade)

    def offer(self, open_kfid: str, external_userid: str, upgrade: Upgrade) -> None:
        """Show a card; another one before it goes away."""
        key = f"{open_kfid}\0{external_userid}"
        self._shelf.put(self._corpid, key, upgrade)
        self._world.facts.record(self._corpid, FactKind.KF_UPGRADE, upgrade.at, ref=key, source=upgrade.kind)

    def accept(self, open_kfid: str, external: External, at: float) -> Upgrade:
        """A customer takes the card: adds the member, or joins the group.

        Raises:
            Unknown: there is no card.
            PlatformError: the member can take nobody, or the group is gone.
        """
        card = self.find(open_kfid, external.external_userid)
        if card is None:
            raise Unknown("there is no card to take")
        if card.kind == MEMBER:
            member = Directory(self._world.store, self._corp).find(card.target)
            if member is None:
                raise Unknown(f"{card.target} works here no more")
            Meetings(self._world, self._corp).add(member, external, at, Way(add_way=BY_NOBODY_KNOWS))
        else:
            GroupChats(self._world, self._corp).join(
                card.target, external.external_userid, at, scene=JoinScene.INVITE_LINK
            )
        self.withdraw(open_kfid, external.external_userid)
        key = f"{open_kfid}\0{external.external_userid}"
        self._world.facts.record(self._corpid, FactKind.KF_UPGRADED, at, ref=key, source=card.kind)
        return card

    def withdraw(self, open_kfid: str, external_userid: str) -> None:
        self._shelf.drop(self._corpid, f"{open_kfid}\0{external_userid}")

    def find(self, open_kfid: str, external_userid: str) -> Upgrade | None:
        return self._shelf.find(self._corpid, f"{open_kfid}\0{external_userid}")
