"""What the headers of customer lists and event logs usually mean, in Chinese and English. Data."""

import re
from collections.abc import Mapping
from typing import Final

_SEPARATORS: Final = re.compile(r"[\s_\-（）()【】\[\]：:*/]+")


def plain_header(header: str) -> str:
    """Return a header as the tables here write it: small letters, nothing between them."""
    return _SEPARATORS.sub("", header.casefold())


def _named(text: str) -> Mapping[str, str]:
    """Read lines of ``target: name name …`` as name → target."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        target, _, names = line.strip().partition(": ")
        found.update(dict.fromkeys([*names.split(), plain_header(target)], target))
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


IDENTIFIERS: Final = _named(
    """
    unionid: 微信unionid 开放平台id
    openid: 微信openid 公众号openid 小程序openid
    external_userid: 外部联系人id 外部联系人userid 企微客户id
    user_id: 用户id 用户编号 用户号 客户id 客户编号 客户号 customerid customerno customer uid
    member_no: 会员号 会员卡号 会员编号 会员id 卡号 memberid membernumber membershipno membercard cardno
    phone: 手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 mobile mobilephone tel telephone
    email: 邮箱 电子邮箱 电子邮件 邮箱地址 mail emailaddress
    """
)
ATTRIBUTES: Final = _named(
    """
    name: 姓名 客户姓名 会员姓名 真实姓名 名字 fullname realname
    nickname: 昵称 微信昵称 nick
    gender: 性别 sex
    birthday: 生日 出生日期 出生年月 birthdate dateofbirth
    age: 年龄
    province: 省 省份 state
    city: 市 城市 所在城市 所在地
    country: 国家
    address: 地址 详细地址 联系地址 收货地址
    level: 等级 会员等级 级别 viplevel tier grade
    company: 公司 单位 企业 工作单位 organization
    occupation: 职业 职位 job title
    createdAt: 注册时间 注册日期 入会时间 入会日期 加入时间 createdat signupat since
    remark: 备注 说明 note notes
    """
)
PROPERTIES: Final = _named(
    """
    product_id: 商品id 商品编号 商品编码 productno
    sku: 规格编码 货号
    name: 商品 商品名称 商品名 productname
    category: 类目 分类 商品分类
    price: 单价 价格
    quantity: 数量 qty
    revenue: 金额 实付金额 订单金额 amount
    order_id: 订单号 订单编号 orderno
    """
)
CONTEXT: Final = _named(
    """
    channel: 渠道 来源渠道
    store: 门店 店铺 shop
    staff: 导购 店员 员工
    campaign: 活动 活动名称
    """
)
TAGS: Final = _words("标签 会员标签 客户标签 用户标签 tag tags label labels")
CONSENT: Final = _words(
    """
    同意营销 接受营销 营销同意 营销授权 是否接受营销 是否同意营销 允许推送 接收推送 接受推送 订阅
    marketing marketingconsent optin consent acceptsmarketing subscribed
    """
)
UPDATED: Final = _words("更新时间 更新日期 修改时间 数据时间 updatedat updated lastmodified modifiedat")
HAPPENED: Final = _words(
    """
    时间 日期 发生时间 事件时间 行为时间 浏览时间 下单时间 创建时间
    time date datetime timestamp eventtime occurredat createdat happenedat ts
    """
)
EVENT_NAMES: Final = _words("事件 事件名 事件名称 事件类型 行为 行为类型 event eventname eventtype action")
MESSAGE_IDS: Final = _words("事件id 记录id 流水号 流水 唯一id messageid eventid recordid id")
