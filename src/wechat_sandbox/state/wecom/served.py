"""Everybody the staff has to do with: customers, people of temporary chats, strangers in groups.

Source: official page 99434 (获取已服务的外部联系人).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, made_id
from wechat_sandbox.state.wecom.group_chats import GroupChats


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One person as one member, or one group, knows them."""

    external_userid: str
    userid: str  # Who serves them; of a group its owner.
    tmp_openid: str
    add_time: int
    is_customer: bool = False
    chat_id: str = ""
    chat_name: str = ""


def all_served(world: Core, corp: Corp) -> Iterator[Served]:
    """Yield every relation, earliest first, then whoever sits in groups and is nobody's customer."""
    customers = Customers(world, corp)
    for link in customers.all_links(with_temporary=True):
        yield Served(
            external_userid=link.external_userid,
            userid=link.userid,
            tmp_openid=made_id("tmp", corp.corpid, link.external_userid, link.userid),
            add_time=link.createtime,
            is_customer=not link.temporary_until,
        )
    for group in GroupChats(world, corp).all():
        for seat in group.externals():
            if not customers.links_to(seat.who):
                yield Served(
                    external_userid=seat.who,
                    userid=group.owner,
                    tmp_openid=made_id("tmp", corp.corpid, seat.who, group.chat_id),
                    add_time=seat.join_time,
                    chat_id=group.chat_id,
                    chat_name=group.name,
                )
