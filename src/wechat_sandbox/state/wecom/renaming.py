"""Giving a member another id, everywhere the company knows them by the old one."""

from collections.abc import Iterable
from dataclasses import replace

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.wecom.acquisition import Acquisition
from wechat_sandbox.state.wecom.contact_ways import ContactWays
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.directory import Directory, Member
from wechat_sandbox.state.wecom.group_book import Seat
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.kf_book import KfBook


def rename_member(world: Core, corp: Corp, member: Member, userid: str) -> None:
    """Give a member another id: their customers, groups, codes, tags and chats of 微信客服 come along."""
    old = member.userid
    directory = Directory(world.store, corp)
    directory.drop(old)
    member.userid = userid
    directory.save(member)
    for tag in directory.tags():
        tag.users = _changed(tag.users, old, userid)
        directory.save_tag(tag)
    for one in directory.members():
        if old in one.direct_leader:
            one.direct_leader = _changed(one.direct_leader, old, userid)
            directory.save(one)
    _rename_in_relations(world, corp, old, userid)
    _rename_in_groups(world, corp, old, userid)
    _rename_in_codes(world, corp, old, userid)
    _rename_in_service(world, corp, old, userid)


def _rename_in_relations(world: Core, corp: Corp, old: str, userid: str) -> None:
    customers = Customers(world, corp)
    for link in customers.all_links_of(old):
        customers.drop(link)
        link.userid = userid
        link.oper_userid = userid if link.oper_userid == old else link.oper_userid
        customers.save(link)


def _rename_in_groups(world: Core, corp: Corp, old: str, userid: str) -> None:
    chats = GroupChats(world, corp)
    for group in chats.ever():
        if group.owner == old or old in group.admins or any(_is_of(seat, old) for seat in group.members):
            changed = replace(
                group,
                owner=userid if group.owner == old else group.owner,
                admins=tuple(_changed(group.admins, old, userid)),
                members=tuple(_seat(seat, old, userid) for seat in group.members),
            )
            chats.save(changed)


def _rename_in_codes(world: Core, corp: Corp, old: str, userid: str) -> None:
    ways, acquisition = ContactWays(world, corp), Acquisition(world, corp)
    for way in ways.all():
        if old in way.user:
            way.user = _changed(way.user, old, userid)
            ways.save(way)
    for link in acquisition.all():
        link.user_list = _changed(link.user_list, old, userid)
        link.priority_userid_list = _changed(link.priority_userid_list, old, userid)
        acquisition.save(link)


def _rename_in_service(world: Core, corp: Corp, old: str, userid: str) -> None:
    book = KfBook(world.store, corp.corpid)
    for account in book.accounts():
        servicers = tuple(
            replace(one, userid=userid) if one.userid == old else one for one in account.servicers
        )
        book.save(replace(account, servicers=servicers))
    for session in book.sessions():
        if session.servicer == old:
            book.save_session(replace(session, servicer=userid))


def _changed(userids: Iterable[str], old: str, userid: str) -> list[str]:
    return [userid if one == old else one for one in userids]


def _is_of(seat: Seat, old: str) -> bool:
    return old in (seat.who, seat.invitor)


def _seat(seat: Seat, old: str, userid: str) -> Seat:
    return replace(
        seat,
        who=userid if seat.who == old else seat.who,
        invitor=userid if seat.invitor == old else seat.invitor,
    )
