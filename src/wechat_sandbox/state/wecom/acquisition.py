"""Customer-acquisition links (获客助手): links, their quota, what is told of them.

Source: official pages 97297, 97298, 97299, 97375 and 98003.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.clock import DAY_S, china_midnight
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, Link
from wechat_sandbox.state.wecom.events import tell_customers
from wechat_sandbox.wire.xml import XmlValue

EVENT = "customer_acquisition"
LOW = 20
WARNED_DAYS = (14, 7, 3, 2, 1)
TOLD_MESSAGES = (3, 5, 10)
CHAT_KEY_S = 1800.0
FIRST_QUOTA, FIRST_QUOTA_DAYS = 1000, 365
_QUOTA = "quota"


@dataclass(slots=True, kw_only=True)
class AcquisitionLink:
    """One link."""

    link_id: str
    link_name: str
    create_time: int
    skip_verify: bool = True
    mark_source: bool = True
    user_list: list[str] = field(default_factory=list)
    department_list: list[int] = field(default_factory=list)
    priority_type: int = 0  # 0 none, 1 all, 2 those listed
    priority_userid_list: list[str] = field(default_factory=list)
    unavailable: bool = False  # Told once, when nobody of its range was left.

    @property
    def url(self) -> str:
        return f"https://work.weixin.qq.com/ca/{self.link_id}"


@dataclass(slots=True, kw_only=True)
class Batch:
    """A part of the quota that ends on a day."""

    expire_date: int
    balance: int
    warned: int = 0  # The last warning, in days before the end.


@dataclass(slots=True, kw_only=True)
class Quota:
    """What the company has bought."""

    total: int
    batches: list[Batch]

    @property
    def balance(self) -> int:
        return sum(batch.balance for batch in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatKey:
    """A key handed out with ``message_from_customer``."""

    userid: str
    external_userid: str
    issued_at: float


class Acquisition:
    """The links of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._links = Shelf(world.store, "corp_acquisition", AcquisitionLink)
        self._quota = Shelf(world.store, "corp_acquisition_quota", Quota)
        self._keys = Shelf(world.store, "corp_chat_key", ChatKey)

    def find(self, link_id: str) -> AcquisitionLink | None:
        return self._links.find(self._corp.corpid, link_id)

    def all(self) -> list[AcquisitionLink]:
        return self._links.values(self._corp.corpid)

    def save(self, link: AcquisitionLink) -> None:
        self._links.put(self._corp.corpid, link.link_id, link)

    def drop(self, link: AcquisitionLink) -> None:
        self._links.drop(self._corp.corpid, link.link_id)

    def customers_of(self, link_id: str) -> list[Link]:
        """Return the relations that came by a link, earliest first."""
        return [one for one in Customers(self._world, self._corp).all_links() if one.link == link_id]

    # Quota

    def quota(self, at: float) -> Quota:
        """Return what is left; parts that have ended are gone."""
        quota = self._quota.find(self._corp.corpid, _QUOTA)
        if quota is None:
            end = int(china_midnight(at)) + FIRST_QUOTA_DAYS * DAY_S
            quota = Quota(total=FIRST_QUOTA, batches=[Batch(expire_date=end, balance=FIRST_QUOTA)])
            self._keep(quota)
        alive = [batch for batch in quota.batches if at < batch.expire_date]
        if len(alive) < len(quota.batches):
            quota.batches = alive
            self._keep(quota)
        return quota

    def set_quota(self, quota: Quota, at: float) -> None:
        """Put another quota in place, as by buying; more than before is told."""
        before = self.quota(at).balance
        self._keep(quota)
        if quota.balance > before:
            self.tell("balance_increased", at)

    def _spend(self, at: float) -> None:
        """Pay for one new customer from what ends first; a low and an empty balance are told once each."""
        quota = self.quota(at)
        paying = [one for one in quota.batches if one.balance]
        if not paying:
            return
        min(paying, key=lambda one: one.expire_date).balance -= 1
        self._keep(quota)
        if quota.balance == LOW - 1:
            self.tell("balance_low", at)
        if quota.balance == 0:
            self.tell("balance_exhausted", at)

    def advance(self, at: float) -> None:
        """Tell of quota that ends soon and of links that lead to nobody."""
        quota = self._quota.find(self._corp.corpid, _QUOTA)
        for batch in quota.batches if quota else []:
            left = (batch.expire_date - at) / DAY_S
            due = min((days for days in WARNED_DAYS if left <= days), default=0)
            if quota and due and batch.balance and left > 0 and due != batch.warned:
                batch.warned = due
                self._keep(quota)
                fields: dict[str, XmlValue] = {
                    "ExpireTime": batch.expire_date,
                    "ExpireQuotaNum": batch.balance,
                }
                self.tell("quota_expire_soon", at, fields)

    # Telling

    def tell(
        self, change: str, at: float, fields: dict[str, XmlValue] | None = None, *, about: str = ""
    ) -> None:
        whole: dict[str, XmlValue] = {"ChangeType": change, **(fields or {})}
        tell_customers(self._world, self._corp, EVENT, at, whole, about=about)

    def tell_step(self, change: str, link: AcquisitionLink, state: str, at: float) -> None:
        """Tell that somebody looked at the profile (``open_profile``) or asked (``friend_request``)."""
        self.tell(change, at, {"LinkId": link.link_id, "State": state}, about=link.link_id)

    def tell_unavailable(self, link: AcquisitionLink, at: float) -> None:
        if not link.unavailable:
            link.unavailable = True
            self.save(link)
            self.tell("link_unavailable", at, {"LinkId": link.link_id}, about=link.link_id)

    def hear(self, relation: Link, at: float) -> None:
        """A customer who came by a link has written: the first message is told, and some later ones."""
        if not relation.link:
            return
        if relation.heard == 1:
            fields: dict[str, XmlValue] = {
                "UserID": relation.userid,
                "ExternalUserID": relation.external_userid,
                "LinkId": relation.link,
            }
            self.tell("customer_start_chat", at, fields, about=relation.external_userid)
        if relation.heard in TOLD_MESSAGES:
            key = secrets.token_urlsafe(32)
            issued = ChatKey(userid=relation.userid, external_userid=relation.external_userid, issued_at=at)
            self._keys.put(self._corp.corpid, key, issued)
            told: dict[str, XmlValue] = {"LinkId": relation.link, "ChatKey": key}
            self.tell("message_from_customer", at, told, about=relation.external_userid)

    def find_chat(self, key: str, at: float) -> ChatKey | None:
        """Return what a chat key stands for, for half an hour."""
        found = self._keys.find(self._corp.corpid, key)
        return found if found is not None and at < found.issued_at + CHAT_KEY_S else None

    # Statistics

    def note_click(self, link: AcquisitionLink, person: int, at: float) -> None:
        self._world.facts.record(self._corp.corpid, FactKind.LINK_CLICK, at, person=person, ref=link.link_id)

    def count_add(self, link_id: str, person: int, at: float) -> None:
        """Somebody became a customer by a link: one more for its figures, one less of the quota."""
        self._world.facts.record(self._corp.corpid, FactKind.LINK_ADD, at, person=person, ref=link_id)
        self._spend(at)

    def statistic(self, link: AcquisitionLink, since: float, until: float) -> dict[str, Any]:
        """Return how many people tapped a link, and how many became customers by it."""
        kinds = (FactKind.LINK_CLICK, FactKind.LINK_ADD)
        people: dict[FactKind, set[int]] = {kind: set() for kind in kinds}
        for fact in self._world.facts.between(self._corp.corpid, kinds, since, until):
            if fact.ref == link.link_id:
                people[fact.kind].add(fact.person)
        return {
            "click_link_customer_cnt": len(people[FactKind.LINK_CLICK]),
            "new_customer_cnt": len(people[FactKind.LINK_ADD]),
        }

    def _keep(self, quota: Quota) -> None:
        self._quota.put(self._corp.corpid, _QUOTA, quota)
