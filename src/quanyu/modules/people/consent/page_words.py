"""What the preference page says, in Chinese and English."""

from collections.abc import Mapping
from typing import Final

from quanyu.modules.people.consent.contracts import Basis, ConsentChannel

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "own_name": "中文",
        "title": "消息与授权偏好",
        "lead": "选择您同意我们用于什么、通过哪些渠道联系您。可随时更改，立即生效。",
        "saved": "已保存，您的选择立即生效。",
        "save": "保存我的选择",
        "withdraw_all": "全部撤回",
        "version": "文本版本 {version}",
        "note": "撤回不影响撤回前已进行的处理。此页面仅供您本人使用，请勿转发链接。",
        "gone": "链接无效或已过期，请向我们索取新的链接。",
        "often": "打开得太频繁，请一分钟后再试。",
        Basis.CONTRACT: "为履行您的订单或服务所必需，无需另行同意。",
        Basis.LEGAL_DUTY: "为履行法定职责所必需。",
    },
    "en": {
        "own_name": "English",
        "title": "Messages and consent",
        "lead": "Choose what we may use your data for, and how we may reach you. Changes count at once.",
        "saved": "Saved. Your choices count from now on.",
        "save": "Save my choices",
        "withdraw_all": "Withdraw everything",
        "version": "Text version {version}",
        "note": "Withdrawing does not touch what was done before. Keep this link to yourself.",
        "gone": "This link is not valid or has expired. Please ask us for a new one.",
        "often": "Opened too often. Please try again in a minute.",
        Basis.CONTRACT: "Needed for what you ordered; no consent is asked for.",
        Basis.LEGAL_DUTY: "Needed because the law asks for it.",
    },
}
CHANNELS: Final[Mapping[str, Mapping[ConsentChannel, str]]] = {
    "zh": {
        ConsentChannel.OFFICIAL_ACCOUNT: "公众号",
        ConsentChannel.MINI_PROGRAM: "小程序",
        ConsentChannel.WECOM: "企业微信",
        ConsentChannel.SMS: "短信",
        ConsentChannel.EMAIL: "电子邮件",
        ConsentChannel.CALL: "电话",
    },
    "en": {
        ConsentChannel.OFFICIAL_ACCOUNT: "Official account",
        ConsentChannel.MINI_PROGRAM: "Mini program",
        ConsentChannel.WECOM: "WeCom",
        ConsentChannel.SMS: "SMS",
        ConsentChannel.EMAIL: "E-mail",
        ConsentChannel.CALL: "Phone",
    },
}
