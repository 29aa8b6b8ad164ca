"""What somebody may do in a brand: the whole catalogue, and the roles that come with it.

A permission is named ``<area>.<deed>``. Routes ask for one (``infra.permits``), roles are sets of them, and
the console shows and hides by them; there is no other list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing somebody may or may not do."""

    PEOPLE_READ = "people.read"
    PEOPLE_WRITE = "people.write"
    PEOPLE_REVEAL = "people.reveal"
    PEOPLE_EXPORT = "people.export"
    SEGMENTS_READ = "segments.read"
    SEGMENTS_WRITE = "segments.write"
    INSIGHT_READ = "insight.read"
    INSIGHT_WRITE = "insight.write"
    WAREHOUSE_SQL = "warehouse.sql"
    JOURNEYS_READ = "journeys.read"
    JOURNEYS_WRITE = "journeys.write"
    EXPERIMENTS_READ = "experiments.read"
    EXPERIMENTS_WRITE = "experiments.write"
    MESSAGES_READ = "messages.read"
    MESSAGES_SEND = "messages.send"
    FORMS_READ = "forms.read"
    FORMS_WRITE = "forms.write"
    WECOM_READ = "wecom.read"
    WECOM_WRITE = "wecom.write"
    CHANNELS_READ = "channels.read"
    CHANNELS_WRITE = "channels.write"
    PAYMENTS_READ = "payments.read"
    PAYMENTS_WRITE = "payments.write"
    CONSENT_READ = "consent.read"
    CONSENT_WRITE = "consent.write"
    RIGHTS_READ = "rights.read"
    RIGHTS_MANAGE = "rights.manage"
    EVENTS_READ = "events.read"
    EVENTS_WRITE = "events.write"
    IMPORTS_READ = "imports.read"
    IMPORTS_WRITE = "imports.write"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    ACCESS_MANAGE = "access.manage"
    AUDIT_READ = "audit.read"

    @property
    def area(self) -> str:
        """The part of the product it belongs to."""
        return self.value.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages of the console."""

    zh: str
    en: str


ALL: Final = frozenset(Permission)

AREAS: Final[Mapping[str, Words]] = {
    "people": Words("客户", "People"),
    "segments": Words("分群", "Segments"),
    "insight": Words("分析", "Insight"),
    "warehouse": Words("SQL 查询", "SQL"),
    "journeys": Words("旅程", "Journeys"),
    "experiments": Words("实验", "Experiments"),
    "messages": Words("消息", "Messages"),
    "forms": Words("表单", "Forms"),
    "wecom": Words("企业微信", "WeCom"),
    "channels": Words("公众号与小程序", "Official accounts and mini programs"),
    "payments": Words("支付", "Payments"),
    "consent": Words("同意", "Consent"),
    "rights": Words("个人信息权利", "Data rights"),
    "events": Words("事件与管道", "Events and pipeline"),
    "imports": Words("导入", "Imports"),
    "settings": Words("设置", "Settings"),
    "access": Words("成员与角色", "Members and roles"),
    "audit": Words("审计", "Audit"),
}

WORDS: Final[Mapping[Permission, Words]] = {
    Permission.PEOPLE_READ: Words("查看客户（联系方式脱敏）", "See people, their identifiers masked"),
    Permission.PEOPLE_WRITE: Words("修改客户、标签与公司", "Change people, tags and companies"),
    Permission.PEOPLE_REVEAL: Words("查看完整联系方式", "See identifiers in full"),
    Permission.PEOPLE_EXPORT: Words("导出客户数据", "Export data of people"),
    Permission.SEGMENTS_READ: Words("查看分群与计算属性", "See segments and computed attributes"),
    Permission.SEGMENTS_WRITE: Words("修改分群与计算属性", "Change segments and computed attributes"),
    Permission.INSIGHT_READ: Words("查看分析与看板", "See analyses and boards"),
    Permission.INSIGHT_WRITE: Words("修改分析、指标与看板", "Change analyses, metrics and boards"),
    Permission.WAREHOUSE_SQL: Words("用 SQL 查询数据仓库", "Ask the warehouse in SQL"),
    Permission.JOURNEYS_READ: Words("查看旅程", "See journeys"),
    Permission.JOURNEYS_WRITE: Words("修改与发布旅程", "Change and publish journeys"),
    Permission.EXPERIMENTS_READ: Words("查看实验", "See experiments"),
    Permission.EXPERIMENTS_WRITE: Words("修改与进行实验", "Plan and run experiments"),
    Permission.MESSAGES_READ: Words("查看消息", "See messages"),
    Permission.MESSAGES_SEND: Words("管理消息的发送", "Rule the sending of messages"),
    Permission.FORMS_READ: Words("查看表单与答卷", "See forms and answers"),
    Permission.FORMS_WRITE: Words("修改表单", "Change forms"),
    Permission.WECOM_READ: Words("查看员工、客户关系与客户群", "See staff, their customers and groups"),
    Permission.WECOM_WRITE: Words("修改企业微信的设置与内容", "Change what is done in WeCom"),
    Permission.CHANNELS_READ: Words("查看公众号与小程序", "See accounts"),
    Permission.CHANNELS_WRITE: Words("修改公众号与小程序", "Change accounts"),
    Permission.PAYMENTS_READ: Words("查看支付与账单", "See payments and bills"),
    Permission.PAYMENTS_WRITE: Words("收款、退款与商户设置", "Take payments, refund, set up merchants"),
    Permission.CONSENT_READ: Words("查看同意记录", "See consent"),
    Permission.CONSENT_WRITE: Words("登记同意与修改用途", "Enter consent and change purposes"),
    Permission.RIGHTS_READ: Words("查看权利请求", "See requests about data rights"),
    Permission.RIGHTS_MANAGE: Words("处理权利请求（含删除）", "Handle requests, erasures included"),
    Permission.EVENTS_READ: Words("查看事件、来源与死信", "See events, sources and dead letters"),
    Permission.EVENTS_WRITE: Words(
        "修改埋点方案、重放与处理死信", "Change the plan, replay, handle dead letters"
    ),
    Permission.IMPORTS_READ: Words("查看导入", "See imports"),
    Permission.IMPORTS_WRITE: Words("导入数据", "Import data"),
    Permission.SETTINGS_READ: Words("查看设置", "See settings"),
    Permission.SETTINGS_WRITE: Words("修改设置、密钥与备份", "Change settings, keys and backups"),
    Permission.ACCESS_MANAGE: Words("管理成员与角色", "Manage members and roles"),
    Permission.AUDIT_READ: Words("查看审计日志", "See the audit log"),
}


class Role(StrEnum):
    """The roles every brand has from the start; its own come beside them."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    ANALYST = "analyst"
    SERVICE = "service"
    STAFF = "staff"
    AUDITOR = "auditor"


ROLE_WORDS: Final[Mapping[Role, Words]] = {
    Role.OWNER: Words("所有者", "Owner"),
    Role.ADMIN: Words("管理员", "Administrator"),
    Role.OPERATOR: Words("运营", "Operator"),
    Role.ANALYST: Words("分析", "Analyst"),
    Role.SERVICE: Words("客服", "Customer service"),
    Role.STAFF: Words("员工", "Staff"),
    Role.AUDITOR: Words("审计", "Auditor"),
}

_READING: Final = frozenset(one for one in Permission if one.value.endswith(".read"))
_P = Permission

ROLES: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.OWNER: ALL,
    # An administrator runs everything; that owners alone make owners is a rule of the members' desk.
    Role.ADMIN: ALL,
    Role.OPERATOR: (_READING - {_P.AUDIT_READ, _P.RIGHTS_READ})
    | {
        _P.PEOPLE_WRITE,
        _P.SEGMENTS_WRITE,
        _P.INSIGHT_WRITE,
        _P.JOURNEYS_WRITE,
        _P.EXPERIMENTS_WRITE,
        _P.MESSAGES_SEND,
        _P.FORMS_WRITE,
        _P.WECOM_WRITE,
        _P.CHANNELS_WRITE,
        _P.IMPORTS_WRITE,
    },
    Role.ANALYST: frozenset(
        {
            _P.PEOPLE_READ,
            _P.SEGMENTS_READ,
            _P.SEGMENTS_WRITE,
            _P.INSIGHT_READ,
            _P.INSIGHT_WRITE,
            _P.WAREHOUSE_SQL,
            _P.JOURNEYS_READ,
            _P.EXPERIMENTS_READ,
            _P.MESSAGES_READ,
            _P.FORMS_READ,
            _P.WECOM_READ,
            _P.CHANNELS_READ,
            _P.EVENTS_READ,
        }
    ),
    Role.SERVICE: frozenset(
        {
            _P.PEOPLE_READ,
            _P.PEOPLE_WRITE,
            _P.SEGMENTS_READ,
            _P.INSIGHT_READ,
            _P.JOURNEYS_READ,
            _P.MESSAGES_READ,
            _P.FORMS_READ,
            _P.WECOM_READ,
            _P.PAYMENTS_READ,
            _P.CONSENT_READ,
            _P.CONSENT_WRITE,
        }
    ),
    Role.STAFF: frozenset({_P.PEOPLE_READ, _P.WECOM_READ}),
    Role.AUDITOR: _READING,
}
