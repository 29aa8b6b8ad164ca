"""The codes of 微信支付, one a line: code | action, if not to give up | English | 中文.

Source: pay.weixin.qq.com, 错误码 and the tables of the single calls (read 2026).
"""

from typing import Final

CODES: Final = """
PARAM_ERROR | | a parameter is wrong | 参数错误
INVALID_REQUEST | | against a rule, or the number has other content | 不符合业务规则，或单号重复但内容不同
SIGN_ERROR | | wrong signature: check key, serial and clock | 签名错误：请检查商户私钥、证书序列号和本机时间
APPID_MCHID_NOT_MATCH | | the appid is not bound to the merchant | AppID 与商户号未绑定
ORDER_CLOSED | | the order is closed | 订单已关闭
ORDER_PAID | | the order is paid already | 订单已支付
ORDER_REVERSED | | the order was reversed | 订单已撤销
ALREADY_EXISTS | | the number exists already | 单号已存在
RESOURCE_ALREADY_EXISTS | | it exists already | 资源已存在
NO_STATEMENT_EXIST | | there is no bill for that day | 该日没有账单
STATEMENT_CREATING | back_off | the bill is being made | 账单生成中，请稍后再下载
AUTH_CODE_INVALID | | the payment code is not valid | 付款码无效
AUTH_CODE_EXPIRE | | the payment code has expired | 付款码已过期
USER_NOT_REGISTERED | | the person has no wallet | 用户未开通微信支付
NO_AUTH | | the merchant may not use this product | 商户没有该产品权限
RULE_LIMIT | | a rule of the platform forbids it | 业务规则限制
TRADE_ERROR | | the trade failed | 交易错误
NOT_ENOUGH | back_off | the merchant's balance is too small | 商户余额不足，充值后可用原单号重试
OUT_TRADE_NO_USED | | the order number was used before | 商户订单号重复
ACCOUNT_ERROR | | the account is in a state that forbids it | 账户异常
USER_ACCOUNT_ABNORMAL | | the person's account is closed or blocked | 用户账户异常或已注销
REQUEST_BLOCKED | | risk control blocked the request | 请求被风控拦截
CONTRACT_NOT_EXIST | | there is no contract with the person | 签约协议不存在
ORDER_NOT_EXIST | | there is no such order | 订单不存在
RESOURCE_NOT_EXISTS | | it does not exist | 资源不存在
REFUND_NOT_EXISTS | | there is no such refund | 退款单不存在
MCH_NOT_EXISTS | | the merchant does not exist | 商户号不存在
USER_NOT_EXISTS | | the person does not exist | 用户不存在
NOT_FOUND | | it was not found | 记录不存在
FREQUENCY_LIMITED | back_off | too many calls | 频率超限，请稍后再试
FREQUENCY_LIMIT_EXCEED | back_off | too many calls | 频率超限，请稍后再试
RATELIMIT_EXCEEDED | back_off | too many calls | 频率超限，请稍后再试
SYSTEM_ERROR | retry | the platform is in trouble | 微信支付系统错误，请用原单号重试
BANK_ERROR | retry | the bank is in trouble | 银行系统异常
ERROR | retry | the platform is in trouble | 微信支付业务错误
BIZ_ERR_NEED_RETRY | retry | to be tried again with the same number | 请用原单号重试
OPENID_MISMATCH | | the openid belongs to another appid | OpenID 与 AppID 不匹配
INVALID_TRANSACTIONID | | the transaction id is not valid | 微信支付订单号不合法
USERPAYING | retry | the person is entering the password | 用户支付中
"""

OLD_SPELLINGS: Final = {
    code.replace("_", ""): code
    for code in (
        "ORDER_CLOSED",
        "ORDER_PAID",
        "ORDER_REVERSED",
        "NO_AUTH",
        "RULE_LIMIT",
        "NOT_ENOUGH",
        "ORDER_NOT_EXIST",
        "SYSTEM_ERROR",
        "BANK_ERROR",
        "PARAM_ERROR",
        "SIGN_ERROR",
        "TRADE_ERROR",
    )
} | {"USER_NOT_EXIST": "USER_NOT_EXISTS"}
