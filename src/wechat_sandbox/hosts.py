"""The names under which programs reach the platform."""

SMS_HOST = "sms.tencentcloudapi.com"
PLATFORM_HOSTS = (
    "api.weixin.qq.com",
    "api2.weixin.qq.com",
    "sh.api.weixin.qq.com",
    "sz.api.weixin.qq.com",
    "hk.api.weixin.qq.com",
    "mp.weixin.qq.com",
    "open.weixin.qq.com",
    "file.api.weixin.qq.com",
    "qyapi.weixin.qq.com",
    "login.work.weixin.qq.com",
    "work.weixin.qq.com",
    "wework.qpic.cn",
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    SMS_HOST,
    # Where pictures and links that the platform hands out point to.
    "mmbiz.qpic.cn",
    "wx.qlogo.cn",
    "thirdwx.qlogo.cn",
    "wxaurl.cn",
)
WECOM_HOST = "qyapi.weixin.qq.com"
LOCAL_HOSTS = ("localhost",)
LOCAL_ADDRESSES = ("127.0.0.1", "::1")


def hosts_file(address: str = "127.0.0.1") -> str:
    """Return the lines for a hosts file that send the platform's names to ``address``."""
    return "".join(f"{address} {name}\n" for name in PLATFORM_HOSTS)
