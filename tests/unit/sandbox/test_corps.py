"""Companies of the configuration, over several starts."""

from typing import Any

from wechat_sandbox.state.wecom.corps import Corps
from wechat_sandbox.storage import Storage


def _given(port: int, *, secret: str) -> dict[str, Any]:
    hook = {"url": f"http://127.0.0.1:{port}/corp", "token": "t1", "aes_key": "k" * 43}
    return {
        "corpid": "wwaddress",
        "hooks": {"customers": hook},
        "agents": [{"agentid": 1_000_002, "secret": secret, "hook": hook}],
    }


def _start(store: Storage, given: dict[str, Any]) -> Corps:
    corps = Corps(store, seed=7)
    corps.restore()
    corps.ensure([given])
    return corps


def test_a_company_keeps_its_secrets_and_takes_the_callback_addresses_of_the_latest_start() -> None:
    store = Storage(None)
    _start(store, _given(8101, secret="first"))

    corp = _start(store, _given(8102, secret="second")).find("wwaddress")

    assert corp is not None
    assert [agent.secret for agent in corp.agents] == ["first"]
    assert {corp.hook_of(scope).url for scope in ("customers", "agent:1000002")} == {
        "http://127.0.0.1:8102/corp"
    }


def test_an_address_that_is_not_given_stays() -> None:
    store = Storage(None)
    _start(store, _given(8101, secret="first"))

    corp = _start(store, {"corpid": "wwaddress"}).find("wwaddress")

    assert corp is not None
    assert corp.hook_of("customers").url == "http://127.0.0.1:8101/corp"
