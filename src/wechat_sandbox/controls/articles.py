"""Acting as a reader of articles, and deciding how the next job of publishing or sending ends."""

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.autoreply import AutoReply, KeywordRule, find_autoreply, set_autoreply
from wechat_sandbox.state.publishing import Publications, set_outcome
from wechat_sandbox.state.readers import READ_SOURCES, SHARE_SCENES, SIMPLE, Opened, Readers

_JOBS = frozenset({"publish", "mass", "template"})


class Articles(ControlPart):
    """Readers and the console around articles."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/accounts/{appid}/articles", self.list_articles),
            ("POST", "/accounts/{appid}/next-outcome", self.set_next_outcome),
            ("PUT", "/accounts/{appid}/autoreply", self.change_autoreply),
            ("POST", "/people/{person}/read", self.read),
            ("POST", "/people/{person}/share", self.share),
            ("POST", "/people/{person}/mark", self.mark),
            ("POST", "/people/{person}/comment", self.comment),
        ]

    async def list_articles(self, request: web.Request) -> web.Response:
        """Return every article that can be read, with its address."""
        account = self.world.get_account(request.match_info["appid"])
        items = [
            {
                "url": one.url(self.world, index),
                "title": one.articles[index - 1].title,
                "msgid": one.ref(index),
                "notified": one.notified,
            }
            for one in Publications(self.world, account).all()
            for index in one.visible()
        ]
        return answer_json({"items": items})

    async def set_next_outcome(self, request: web.Request) -> web.Response:
        """Decide how the next job ends.

        ``publish``: a status 2 to 4; ``mass``: ``err(10001)`` and others; ``template``:
        ``failed: system failed``.
        """
        account = self.world.get_account(request.match_info["appid"])
        body = await read_body(request, {"job", "outcome"})
        job, outcome = required(body, "job"), required(body, "outcome")
        if job not in _JOBS:
            raise BadRequest(f"job is one of {', '.join(sorted(_JOBS))}")
        if job == "publish" and outcome not in ("2", "3", "4"):
            raise BadRequest("a publishing job ends with 2, 3 or 4")
        set_outcome(self.world, account, job, outcome)
        return answer_json({"job": job, "outcome": outcome})

    async def change_autoreply(self, request: web.Request) -> web.Response:
        """Set automatic replies as in the console; they work while there is no callback address."""
        account = self.world.get_account(request.match_info["appid"])
        body = await read_body(request, {"on_follow", "default", "rules"})
        rules = body.get("rules", [])
        if not isinstance(rules, list):
            raise BadRequest("rules is a list")
        replies = AutoReply(
            on_follow=to_text(body.get("on_follow", ""), "on_follow"),
            default=to_text(body.get("default", ""), "default"),
            rules=tuple(self._rule(rule) for rule in rules),
        )
        set_autoreply(self.world, account, replies)
        return answer_json(find_autoreply(self.world, account).as_info())

    async def read(self, request: web.Request) -> web.Response:
        """Read an article: ``url``, ``source`` (session, friend, moments, history, other), ``seconds``."""
        body = await read_body(request, {"appid", "url", "source", "seconds", "whole"})
        account, opened = self._open(body)
        source = READ_SOURCES.get(body.get("source", "session"))
        seconds = body.get("seconds", 30)
        if source is None or not isinstance(seconds, int):
            raise BadRequest(f"source is one of {', '.join(READ_SOURCES)}, seconds a number")
        Readers(self.world, account).read(
            self.index(request),
            opened,
            self.now(),
            source=source,
            seconds=seconds,
            whole=bool(body.get("whole", True)),
        )
        return answer_json({"msgid": opened.ref})

    async def share(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "url", "scene"})
        account, opened = self._open(body)
        scene = SHARE_SCENES.get(body.get("scene", "friend"))
        if scene is None:
            raise BadRequest(f"scene is one of {', '.join(SHARE_SCENES)}")
        Readers(self.world, account).share(self.index(request), opened, self.now(), scene=scene)
        return answer_json({"msgid": opened.ref})

    async def mark(self, request: web.Request) -> web.Response:
        """Like, collect, recommend (``zaikan``) an article, or go on to its ``original``."""
        body = await read_body(request, {"appid", "url", "kind"})
        account, opened = self._open(body)
        kind = SIMPLE.get(required(body, "kind"))
        if kind is None:
            raise BadRequest(f"kind is one of {', '.join(SIMPLE)}")
        Readers(self.world, account).mark(self.index(request), opened, self.now(), kind=kind)
        return answer_json({"msgid": opened.ref})

    async def comment(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "url", "content"})
        account, opened = self._open(body)
        made = Readers(self.world, account).comment(
            self.index(request), opened, self.now(), content=required(body, "content")
        )
        return answer_json({"user_comment_id": made.user_comment_id})

    def _open(self, body: dict[str, object]) -> tuple[Account, Opened]:
        account = self.account(body)
        return account, Readers(self.world, account).find(required(body, "url"))

    def _rule(self, rule: object) -> KeywordRule:
        if not isinstance(rule, dict):
            raise BadRequest("a rule is an object")
        words, replies = rule.get("keywords", []), rule.get("replies", [])
        if not isinstance(words, list) or not isinstance(replies, list):
            raise BadRequest("a rule has keywords and replies")
        keywords = tuple((str(one["content"]), str(one.get("match_mode", "contain"))) for one in words)
        return KeywordRule(
            name=str(rule.get("name", "")),
            keywords=keywords,
            replies=tuple(map(str, replies)),
            reply_all=bool(rule.get("reply_all", True)),
            create_time=int(self.now()),
        )


PART = Articles
