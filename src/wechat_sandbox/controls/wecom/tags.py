"""Tags of customers changed in the console, which is told to the company."""

from dataclasses import asdict

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, whole_number
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.corp_tags import CorpTag, CorpTags, TagGroup


class Tags(CorpPart):
    """Groups and tags."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/corps/{corpid}/tags", self.list_all),
            ("POST", "/corps/{corpid}/tags", self.make),
            ("PUT", "/corps/{corpid}/tags/{tag}", self.change),
            ("DELETE", "/corps/{corpid}/tags/{tag}", self.delete),
            ("POST", "/corps/{corpid}/tags/shuffle", self.shuffle),
        ]

    async def list_all(self, request: web.Request) -> web.Response:
        tags = CorpTags(self.world, self.corp(request))
        items = [
            asdict(group) | {"tags": [asdict(tag) for tag in tags.tags_in(group.group_id)]}
            for group in tags.groups()
        ]
        return answer_json({"items": items})

    async def make(self, request: web.Request) -> web.Response:
        """Make tags (``names``) in the group ``group_name``, which is made when it is not there."""
        tags = CorpTags(self.world, self.corp(request))
        body = await read_body(request, {"group_name", "names", "order", "strategy_id"})
        names, at = body.get("names"), self.now()
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise BadRequest("names is a list of texts")
        strategy = whole_number(body, "strategy_id", 0)
        group = tags.group_named(required(body, "group_name"), strategy)
        if group is None:
            order = whole_number(body, "order", 0)
            group = tags.make_group(body["group_name"], at, order=order, strategy_id=strategy, maker="")
            tags.tell("create", group, at)
        known = {tag.id for tag in tags.tags_in(group.group_id)}
        made = [tags.make_tag(group, name, at, order=0, maker="") for name in names]
        for tag in made:
            if tag.id not in known:
                tags.tell("create", tag, at)
        return answer_json(asdict(group) | {"tags": [asdict(tag) for tag in made]}, status=201)

    async def change(self, request: web.Request) -> web.Response:
        """Change the ``name`` or the ``order`` of a tag or a group."""
        tags = CorpTags(self.world, self.corp(request))
        thing = self._thing(tags, request)
        body = await read_body(request, {"name", "order"})
        name = to_text(body.get("name", ""), "name")
        thing.order = whole_number(body, "order", thing.order)
        if isinstance(thing, TagGroup):
            thing.group_name = name or thing.group_name
            tags.save_group(thing)
        else:
            thing.name = name or thing.name
            tags.save_tag(thing)
        tags.tell("update", thing, self.now())
        return answer_json(asdict(thing))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a tag or a group; a group does not tell of each of its tags."""
        tags = CorpTags(self.world, self.corp(request))
        thing = self._thing(tags, request)
        if isinstance(thing, TagGroup):
            tags.delete_group(thing)
        else:
            emptied = tags.delete_tag(thing)
            if emptied is not None:
                tags.tell("delete", emptied, self.now())
        tags.tell("delete", thing, self.now())
        return answer_json({"deleted": True})

    async def shuffle(self, request: web.Request) -> web.Response:
        """Change the order within a group (``group_id``), or of all groups."""
        tags = CorpTags(self.world, self.corp(request))
        group_id = to_text((await read_body(request, {"group_id"})).get("group_id", ""), "group_id")
        if not group_id:
            tags.tell_shuffle(self.now())
            return answer_json({"shuffled": True})
        group = tags.find_group(group_id)
        if group is None:
            raise Unknown("no such group")
        for place, tag in enumerate(tags.tags_in(group_id)):
            tag.order = place  # What was first comes last now.
            tags.save_tag(tag)
        tags.tell("shuffle", group, self.now())
        return answer_json({"shuffled": True})

    def _thing(self, tags: CorpTags, request: web.Request) -> TagGroup | CorpTag:
        key = request.match_info["tag"]
        group = tags.find_group(key)
        found = tags.find(key) or (None if group is None or group.deleted else group)
        if found is None:
            raise Unknown("no such tag")
        return found


PART = Tags
