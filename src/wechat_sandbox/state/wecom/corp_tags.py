"""Tags of customers: groups of the company, groups of a strategy, who bears them.

Source: official pages 92117, 92118 and 94882.
"""

from dataclasses import dataclass

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, made_id
from wechat_sandbox.state.wecom.events import tell_customers
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

EVENT = "change_external_tag"
TAGS_MAX = 10_000
NAME_MAX = 30


@dataclass(slots=True, kw_only=True)
class TagGroup:
    """A group of tags; ``strategy_id`` 0 is the whole company."""

    group_id: str
    group_name: str
    create_time: int
    order: int = 0
    strategy_id: int = 0
    maker: str = ""  # The scope that made it; empty: the console.
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class CorpTag:
    """One tag."""

    id: str
    group_id: str
    name: str
    create_time: int
    order: int = 0
    maker: str = ""
    deleted: bool = False


class CorpTags:
    """The tags of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._groups = Shelf(world.store, "corp_tag_group", TagGroup)
        self._tags = Shelf(world.store, "corp_tag", CorpTag)

    def groups(self, strategy_id: int = 0) -> list[TagGroup]:
        """Return the groups of a strategy, bigger orders first, the deleted ones too."""
        found = [one for one in self._groups.values(self._corp.corpid) if one.strategy_id == strategy_id]
        return sorted(found, key=lambda group: -group.order)

    def tags_in(self, group_id: str) -> list[CorpTag]:
        """Return the tags of a group, bigger orders first, the deleted ones too."""
        found = [tag for tag in self._tags.values(self._corp.corpid) if tag.group_id == group_id]
        return sorted(found, key=lambda tag: -tag.order)

    def find_group(self, group_id: str) -> TagGroup | None:
        return self._groups.find(self._corp.corpid, group_id)

    def find(self, tag_id: str) -> CorpTag | None:
        """Return a tag that is in use."""
        tag = self._tags.find(self._corp.corpid, tag_id)
        return None if tag is None or tag.deleted else tag

    def find_deleted(self, tag_id: str) -> CorpTag | None:
        return self._tags.find(self._corp.corpid, tag_id)

    def group_named(self, name: str, strategy_id: int) -> TagGroup | None:
        groups = (one for one in self.groups(strategy_id) if not one.deleted)
        return next((one for one in groups if one.group_name == name), None)

    def make_group(self, name: str, at: float, *, order: int, strategy_id: int, maker: str) -> TagGroup:
        group = TagGroup(
            group_id=self._new_id(at),
            group_name=name,
            create_time=int(at),
            order=order,
            strategy_id=strategy_id,
            maker=maker,
        )
        self.save_group(group)
        return group

    def make_tag(self, group: TagGroup, name: str, at: float, *, order: int, maker: str) -> CorpTag:
        """Make a tag; one of this name in the group is returned as it is (40126 too many)."""
        known = next(
            (tag for tag in self.tags_in(group.group_id) if tag.name == name and not tag.deleted), None
        )
        if known is not None:
            return known
        if self._tags.count(self._corp.corpid) >= TAGS_MAX:
            raise PlatformError(40126)
        tag = CorpTag(
            id=self._new_id(at),
            group_id=group.group_id,
            name=name,
            create_time=int(at),
            order=order,
            maker=maker,
        )
        self.save_tag(tag)
        return tag

    def save_group(self, group: TagGroup) -> None:
        self._groups.put(self._corp.corpid, group.group_id, group)

    def save_tag(self, tag: CorpTag) -> None:
        self._tags.put(self._corp.corpid, tag.id, tag)

    def delete_tag(self, tag: CorpTag) -> TagGroup | None:
        """Delete a tag, from everyone who bears it; return the group when it went with its last tag."""
        tag.deleted = True
        self.save_tag(tag)
        self._take_off({tag.id})
        group = self.find_group(tag.group_id)
        if group is None or any(not other.deleted for other in self.tags_in(tag.group_id)):
            return None
        group.deleted = True
        self.save_group(group)
        return group

    def delete_group(self, group: TagGroup) -> None:
        group.deleted = True
        self.save_group(group)
        alive = [tag for tag in self.tags_in(group.group_id) if not tag.deleted]
        for tag in alive:
            tag.deleted = True
            self.save_tag(tag)
        self._take_off({tag.id for tag in alive})

    def tell(self, change: str, thing: TagGroup | CorpTag, at: float) -> None:
        """Report a change made in the console: ``create``, ``update``, ``delete`` or ``shuffle``."""
        is_group = isinstance(thing, TagGroup)
        key = thing.group_id if isinstance(thing, TagGroup) else thing.id
        group = thing if isinstance(thing, TagGroup) else self.find_group(thing.group_id)
        strategy: dict[str, XmlValue] = {}
        if group is not None and group.strategy_id:
            strategy = {"StrategyId": group.strategy_id}
        fields: dict[str, XmlValue] = {"Id": key}
        if change == "shuffle":
            fields |= {**strategy, "ChangeType": change}
        else:
            fields |= {"TagType": "tag_group" if is_group else "tag", "ChangeType": change, **strategy}
        tell_customers(self._world, self._corp, EVENT, at, fields, about=key)

    def tell_shuffle(self, at: float) -> None:
        """Report that the order of all groups was changed; this names no group."""
        fields: dict[str, XmlValue] = {"Id": "", "ChangeType": "shuffle"}
        tell_customers(self._world, self._corp, EVENT, at, fields, about="")

    def _take_off(self, tag_ids: set[str]) -> None:
        customers = Customers(self._world, self._corp)
        for link in customers.all_links():
            if tag_ids.intersection(link.tag_ids):
                link.tag_ids = [one for one in link.tag_ids if one not in tag_ids]
                customers.save(link)

    def _new_id(self, at: float) -> str:
        return made_id("et", self._corp.corpid, self._world.new_id(at))
