"""What messages refer to: files of the company, pictures it has uploaded, tags of customers."""

from wechat_sandbox.endpoints.wecom.registry import CorpCall
from wechat_sandbox.state.wecom.content import Shelves


def shelves_of(call: CorpCall) -> Shelves:
    return Shelves(has_media=lambda media_id: True, has_picture=lambda url: True)


def knows_tag(call: CorpCall, tag_id: str) -> bool:
    return True
