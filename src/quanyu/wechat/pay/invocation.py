"""What a front end hands to WeChat to open the cashier, signed with the merchant's key.

Source: pay.weixin.qq.com, 调起支付签名 (read 2026). H5 and Native need nothing but their address.
"""

from dataclasses import dataclass
from datetime import datetime

from quanyu.wechat.pay.signing import Signer, lines, new_nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class JsapiInvocation:
    """For ``WeixinJSBridge``, ``wx.chooseWXPay`` and, without ``appId``, ``wx.requestPayment``."""

    appId: str
    timeStamp: str
    nonceStr: str
    package: str
    paySign: str
    signType: str = "RSA"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInvocation:
    """For the open SDK of an app."""

    appid: str
    partnerid: str
    prepayid: str
    noncestr: str
    timestamp: str
    sign: str
    package: str = "Sign=WXPay"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferInvocation:
    """For ``wx.requestMerchantTransfer``: the person confirms to receive a transfer."""

    mchId: str
    appId: str
    package: str


def invoke_jsapi(
    signer: Signer, *, appid: str, prepay_id: str, at: datetime, nonce: str = ""
) -> JsapiInvocation:
    """Return the parameters for a page or a mini program."""
    timestamp, nonce = str(int(at.timestamp())), nonce or new_nonce()
    package = f"prepay_id={prepay_id}"
    signature = signer.sign(lines(appid, timestamp, nonce, package))
    return JsapiInvocation(
        appId=appid, timeStamp=timestamp, nonceStr=nonce, package=package, paySign=signature
    )


def invoke_app(signer: Signer, *, appid: str, prepay_id: str, at: datetime, nonce: str = "") -> AppInvocation:
    """Return the parameters for an app: signed over the bare id, without ``prepay_id=``."""
    timestamp, nonce = str(int(at.timestamp())), nonce or new_nonce()
    return AppInvocation(
        appid=appid,
        partnerid=signer.mch_id,
        prepayid=prepay_id,
        noncestr=nonce,
        timestamp=timestamp,
        sign=signer.sign(lines(appid, timestamp, nonce, prepay_id)),
    )


def invoke_transfer(signer: Signer, *, appid: str, package_info: str) -> TransferInvocation:
    """Return the parameters with which a person confirms a transfer; they are not signed."""
    return TransferInvocation(mchId=signer.mch_id, appId=appid, package=package_info)
