"""Anticipated failures of links between tags."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class LinkNotFound(NotFound):
    """There is no such link."""

    code = "tags.link_not_found"


class AccountNotFound(NotFound):
    """The brand has no such account whose tags could be linked."""

    code = "tags.account_not_found"


class PlatformTagNotFound(NotFound):
    """The account has no such tag, as far as we know."""

    code = "tags.platform_tag_not_found"


class TagLinked(Conflict):
    """One of both tags is linked already."""

    code = "tags.already_linked"


class NameTooLong(InvalidInput):
    """The platform would not take the name of our tag, or of its group."""

    code = "tags.name_too_long"


def no_link() -> LinkNotFound:
    return LinkNotFound("there is no such link between tags", message_zh="没有这条标签关联")


def no_account() -> AccountNotFound:
    return AccountNotFound(
        "the brand has no such official account or company", message_zh="没有这个公众号或企业微信"
    )


def no_platform_tag() -> PlatformTagNotFound:
    return PlatformTagNotFound(
        "the account has no such tag; have its tags read again if it was made just now",
        message_zh="该账号没有这个标签；若刚在平台新建，请先同步该账号的标签",
    )


def linked_already() -> TagLinked:
    return TagLinked(
        "the tag is linked in this account already, or the platform's tag is linked to another one",
        message_zh="该标签在此账号已有关联，或平台标签已与其他客户标签关联",
    )
