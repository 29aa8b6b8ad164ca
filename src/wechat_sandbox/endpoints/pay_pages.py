"""Pages of WeChat Pay for browsers: where an H5 order is paid."""

from urllib.parse import urlencode

from wechat_sandbox.endpoints.registry import REGISTRY, Call, Reply


@REGISTRY.get("/cgi-bin/mmpayweb-bin/checkmweb", needs_token=False)
def pay_on_the_web(call: Call) -> Reply:
    """Lead the browser to the cashier, which is the sandbox's own page: there a person pays by hand."""
    known = ("prepay_id", "package", "redirect_url")
    asked = {name: call.query[name] for name in known if name in call.query}
    return Reply(status=302, headers={"Location": f"/sandbox/web/cashier.html?{urlencode(asked)}"})
