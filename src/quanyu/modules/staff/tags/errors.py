"""Anticipated failures of corp tags."""

from quanyu.kernel.errors import Conflict, NotFound


class UnknownCorpTag(NotFound):
    """The company has no such tag or group."""

    code = "staff.unknown_corp_tag"


class NotOurTag(Conflict):
    """The tag was not made by our app, and the platform lets only its maker change it."""

    code = "staff.not_our_tag"


class TooManyTags(Conflict):
    """The company has, or would have, more tags than the platform allows."""

    code = "staff.too_many_tags"


def not_ours() -> NotOurTag:
    return NotOurTag(
        "only the app that made a tag may change or delete it; change this one where it was made",
        message_zh="企业微信规定只有创建标签的应用才能修改或删除它；请在创建它的地方（企业微信管理后台或其他应用）修改",
    )


def unknown() -> UnknownCorpTag:
    return UnknownCorpTag("the company has no such tag or group", message_zh="没有这个企业标签或标签组")
