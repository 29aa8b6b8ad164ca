"""Comments under articles."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from wechat_sandbox.accounts import Account
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.publishing import Publication, Publications
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

ELECTED_MAX = 100
REPLY_CHARS_MAX = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment; ``index`` of the article counts from 0, as the calls count it."""

    user_comment_id: int
    msg_data_id: int
    index: int
    openid: str
    create_time: int
    content: str
    elected: bool = False
    reply: str = ""
    reply_time: int = 0

    def as_item(self) -> dict[str, object]:
        item: dict[str, object] = {
            "user_comment_id": self.user_comment_id,
            "openid": self.openid,
            "create_time": self.create_time,
            "content": self.content,
            "comment_type": int(self.elected),
        }
        if self.reply:
            item["reply"] = {"content": self.reply, "create_time": self.reply_time}
        return item


class Comments:
    """The comments under the articles of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._comments = Shelf(world.store, "comment", Comment)
        self._boxes = Shelf(world.store, "comment_box", bool)

    def switch(self, msg_data_id: int, index: int, *, is_open: bool) -> None:
        """Open or close the comments under one article."""
        self._get_article(msg_data_id, index)
        self._boxes.put(self._account.appid, f"{msg_data_id}:{index}", is_open)

    def is_open(self, msg_data_id: int, index: int) -> bool:
        publication = self._get_article(msg_data_id, index)
        switched = self._boxes.find(self._account.appid, f"{msg_data_id}:{index}")
        return bool(publication.articles[index].need_open_comment) if switched is None else switched

    def write(self, relation: Relation, msg_data_id: int, index: int, *, content: str, at: float) -> Comment:
        """A person comments (88000 where comments are closed or for followers alone)."""
        article = self._get_article(msg_data_id, index).articles[index]
        if not self.is_open(msg_data_id, index):
            raise PlatformError(88000)
        if article.only_fans_can_comment and not relation.following:
            raise PlatformError(88000)
        number = self._comments.count(self._account.appid) + 1
        comment = Comment(
            user_comment_id=number,
            msg_data_id=msg_data_id,
            index=index,
            openid=relation.openid,
            create_time=int(at),
            content=content,
        )
        self._comments.put(self._account.appid, str(number), comment)
        return comment

    def under(self, msg_data_id: int, index: int) -> list[Comment]:
        """Return the comments under an article, newest first."""
        self._get_article(msg_data_id, index)
        values = self._comments.values(self._account.appid)
        return [one for one in reversed(values) if (one.msg_data_id, one.index) == (msg_data_id, index)]

    def elect(self, comment: Comment, *, elected: bool) -> None:
        """Feature a comment or not (88003 above a hundred)."""
        if elected and not comment.elected:
            others = self.under(comment.msg_data_id, comment.index)
            if sum(one.elected for one in others) >= ELECTED_MAX:
                raise PlatformError(88003)
        self._change(comment, lambda one: replace(one, elected=elected))

    def reply(self, comment: Comment, content: str, at: float) -> None:
        if comment.reply:
            raise PlatformError(88005)
        if not 1 <= len(content) <= REPLY_CHARS_MAX:
            raise PlatformError(88007)
        self._change(comment, lambda one: replace(one, reply=content, reply_time=int(at)))

    def unreply(self, comment: Comment) -> None:
        self._change(comment, lambda one: replace(one, reply="", reply_time=0))

    def delete(self, comment: Comment) -> None:
        # An empty body keeps the number from being given twice.
        self._change(comment, lambda one: replace(one, msg_data_id=0, content="", openid=""))

    def get(self, msg_data_id: int, index: int, user_comment_id: int) -> Comment:
        """Return a comment under an article (88001 no article, 88008 no comment)."""
        self._get_article(msg_data_id, index)
        comment = self._comments.find(self._account.appid, str(user_comment_id))
        if comment is None or (comment.msg_data_id, comment.index) != (msg_data_id, index):
            raise PlatformError(88008)
        return comment

    def _change(self, comment: Comment, change: Callable[[Comment], Comment]) -> None:
        self._comments.put(self._account.appid, str(comment.user_comment_id), change(comment))

    def _get_article(self, msg_data_id: int, index: int) -> Publication:
        publication = Publications(self._world, self._account).find_by_data_id(msg_data_id)
        if publication is None or index + 1 not in publication.visible():
            raise PlatformError(88001)
        return publication
