"""How customers and relations are written in answers."""

from typing import Any

from wechat_sandbox.endpoints.wecom.registry import CorpCall
from wechat_sandbox.state.wecom.corp_tags import CorpTags
from wechat_sandbox.state.wecom.customers import WECOM_USER, Customers, External, Link

CORP_TAG, PRIVATE_TAG, STRATEGY_TAG = 1, 2, 3


def external_body(customers: Customers, external: External) -> dict[str, Any]:
    """Write who somebody is; place and company only of users of 企业微信, the unionid only of others."""
    body: dict[str, Any] = {
        "external_userid": external.external_userid,
        "name": external.name,
        "avatar": external.avatar,
        "type": external.type,
        "gender": external.gender,
    }
    if external.type == WECOM_USER:
        body |= {
            "position": external.position,
            "corp_name": external.corp_name,
            "corp_full_name": external.corp_full_name,
            "external_profile": external.external_profile,
        }
    unionid = customers.unionid_of(external)
    return body | ({"unionid": unionid} if unionid else {})


def follow_user_body(call: CorpCall, link: Link) -> dict[str, Any]:
    """Write a relation as the detail of a customer has it: tags with their names."""
    return _relation(link) | {"tags": [*_tags(call, link), *_private(link)]} | _rest(link)


def follow_info_body(link: Link) -> dict[str, Any]:
    """Write a relation as the batch has it: tags as ids alone."""
    return _relation(link) | {"tag_id": list(link.tag_ids)} | _rest(link)


def _relation(link: Link) -> dict[str, Any]:
    return {
        "userid": link.userid,
        "remark": link.remark,
        "description": link.description,
        "createtime": link.createtime,
    }


def _rest(link: Link) -> dict[str, Any]:
    body: dict[str, Any] = {"remark_corp_name": link.remark_corp_name} if link.remark_corp_name else {}
    body |= {"remark_mobiles": list(link.remark_mobiles), "oper_userid": link.oper_userid}
    body |= {"add_way": link.add_way}
    body |= {"state": link.state} if link.state else {}
    return body | ({"wechat_channels": link.wechat_channels} if link.wechat_channels else {})


def _tags(call: CorpCall, link: Link) -> list[dict[str, Any]]:
    tags = CorpTags(call.world, call.corp)
    rows = []
    for tag_id in link.tag_ids:
        tag = tags.find(tag_id)
        group = tags.find_group(tag.group_id) if tag else None
        if tag is not None and group is not None:
            kind = STRATEGY_TAG if group.strategy_id else CORP_TAG
            row = {"group_name": group.group_name, "tag_name": tag.name, "tag_id": tag.id, "type": kind}
            rows.append(row)
    return rows


def _private(link: Link) -> list[dict[str, Any]]:
    return [{"group_name": "", "tag_name": name, "type": PRIVATE_TAG} for name in link.private_tags]
