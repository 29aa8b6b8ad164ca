"""Welcome messages: to a new customer within 20 seconds, and to who joins a group.

The code of ``add_external_contact`` lives for 20 seconds and works once; there is none if an administrator
set a welcome for the member. Source: developer.work.weixin.qq.com, 发送新客户欢迎语 (path 92137),
入群欢迎语素材管理 (92366); read 2026.
"""

from datetime import timedelta
from typing import Final

from quanyu.wechat.calls import Answer, Done, Flag, Request
from quanyu.wechat.wecom.attachments import AnyAttachment, Image, Link, Media, ShownMiniProgram, Text
from quanyu.wechat.wecom.declaring import ask, post

CODE_LIVES: Final = timedelta(seconds=20)
EXPIRED: Final = 41050  # The code was seen too late, or is none.
ALREADY_SENT: Final = 41051


class WelcomeRequest(Request, frozen=True, kw_only=True):
    """A text, attachments, or both."""

    welcome_code: str
    text: Text | None = None
    attachments: tuple[AnyAttachment, ...] = ()


class GroupContent(Request, frozen=True, kw_only=True):
    """A text with one of the others; of several the first counts. ``%NICKNAME%`` is who joined."""

    text: Text | None = None  # At most 3,000 bytes.
    image: Image | None = None
    link: Link | None = None
    miniprogram: ShownMiniProgram | None = None
    file: Media | None = None
    video: Media | None = None
    agentid: int | None = None


class AddTemplateRequest(GroupContent, frozen=True, kw_only=True):
    notify: Flag = 1  # Tell the group owners.


class TemplateAdded(Answer, frozen=True):
    template_id: str


class EditTemplateRequest(GroupContent, frozen=True, kw_only=True):
    template_id: str


class TemplateId(Request, frozen=True):
    template_id: str


class DeleteTemplateRequest(Request, frozen=True):
    template_id: str
    agentid: int | None = None


class Template(Answer, frozen=True):
    text: Text | None = None
    image: Image | None = None
    link: Link | None = None
    miniprogram: ShownMiniProgram | None = None
    file: Media | None = None
    video: Media | None = None


# Repeatable: a code works once, so a second send is refused with ``ALREADY_SENT``.
SEND: Final = post("/externalcontact/send_welcome_msg", WelcomeRequest, Done, repeatable=True)
# 100 templates; an app may change only its own.
ADD_TEMPLATE: Final = post("/externalcontact/group_welcome_template/add", AddTemplateRequest, TemplateAdded)
EDIT_TEMPLATE: Final = post(
    "/externalcontact/group_welcome_template/edit", EditTemplateRequest, Done, repeatable=True
)
GET_TEMPLATE: Final = ask("/externalcontact/group_welcome_template/get", TemplateId, Template)
DELETE_TEMPLATE: Final = post("/externalcontact/group_welcome_template/del", DeleteTemplateRequest, Done)
