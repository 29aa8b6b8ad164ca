"""The families of WeCom's calls, and where each is declared."""

from types import ModuleType
from typing import Final

from quanyu.wechat.wecom import (
    acquisition,
    agents,
    app_chats,
    app_messages,
    archive_consent,
    contact_jobs,
    contact_ways,
    corp_tags,
    credentials,
    customer_groups,
    customers,
    departments,
    id_conversion,
    inheritance,
    interception,
    mass_messages,
    media,
    member_tags,
    members,
    moments,
    oauth,
    product_albums,
    statistics,
    strategies,
    welcome,
)
from quanyu.wechat.wecom.kf import accounts as kf_accounts
from quanyu.wechat.wecom.kf import customers as kf_customers
from quanyu.wechat.wecom.kf import knowledge as kf_knowledge
from quanyu.wechat.wecom.kf import messages as kf_messages
from quanyu.wechat.wecom.kf import sessions as kf_sessions
from quanyu.wechat.wecom.kf import statistics as kf_statistics

FAMILIES: Final[tuple[tuple[str, ModuleType], ...]] = (
    ("credentials", credentials),
    ("oauth", oauth),
    ("members", members),
    ("departments", departments),
    ("member_tags", member_tags),
    ("contact_jobs", contact_jobs),
    ("agents", agents),
    ("media", media),
    ("app_messages", app_messages),
    ("app_chats", app_chats),
    ("customers", customers),
    ("strategies", strategies),
    ("corp_tags", corp_tags),
    ("contact_ways", contact_ways),
    ("acquisition", acquisition),
    ("inheritance", inheritance),
    ("customer_groups", customer_groups),
    ("statistics", statistics),
    ("mass_messages", mass_messages),
    ("welcome", welcome),
    ("moments", moments),
    ("interception", interception),
    ("product_albums", product_albums),
    ("id_conversion", id_conversion),
    ("kf_accounts", kf_accounts),
    ("kf_sessions", kf_sessions),
    ("kf_messages", kf_messages),
    ("kf_customers", kf_customers),
    ("kf_statistics", kf_statistics),
    ("kf_knowledge", kf_knowledge),
    ("archive_consent", archive_consent),
)
