"""Pages and files on the platform's other hosts, for browsers: short addresses."""

from wechat_sandbox.endpoints.registry import REGISTRY, Call, Reply
from wechat_sandbox.endpoints.short_keys import follow_short_url


@REGISTRY.pages("/s/")
def short_page(call: Call) -> Reply:
    """``w.url.cn/s/KEY``: a redirect."""
    return follow_short_url(call.world, call.path)
