"""The table of kinds: every kind has a line in it, a renderer and a sender."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from quanyu.flows.gateways.mail import EmailSender
from quanyu.flows.gateways.senders import SmsSender
from quanyu.flows.gateways.webhooks import WebhookSender
from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.adapters import MiniProgramSender, OfficialAccountSender, consent_channel
from quanyu.modules.messaging.capabilities import CAPABILITIES, Capability, Need, capability_of
from quanyu.modules.messaging.contracts import AddressKind, Channel, MessageKind
from quanyu.modules.messaging.kinds import KINDS, kind_of
from quanyu.modules.messaging.kinds.base import Posting, Rendered
from quanyu.modules.messaging.ports import SendNotMade
from quanyu.modules.messaging.sealing import Letter, Sealer
from quanyu.modules.people.consent.contracts import ConsentChannel

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "message-kinds.md"
CONTENT: dict[MessageKind, dict[str, Any]] = {
    MessageKind.CUSTOMER_SERVICE_TEXT: {"text": "你好"},
    MessageKind.CUSTOMER_SERVICE_IMAGE: {"media_id": "m1"},
    MessageKind.CUSTOMER_SERVICE_NEWS: {
        "title": "新茶",
        "description": "明前",
        "url": "https://x.example",
        "picurl": "https://x.example/a.jpg",
    },
    MessageKind.CUSTOMER_SERVICE_MINI_PROGRAM: {
        "title": "下单",
        "appid": "wx1",
        "pagepath": "pages/order",
        "thumb_media_id": "m1",
    },
    MessageKind.CUSTOMER_SERVICE_MENU: {
        "head": "满意吗",
        "items": [{"id": "y", "content": "满意"}, {"id": "n", "content": "不满意"}],
        "tail": "谢谢",
    },
    MessageKind.TEMPLATE: {"template_id": "T", "data": {"thing1": "你好"}, "url": "https://x.example"},
    MessageKind.OFFICIAL_ACCOUNT_NOTICE: {
        "template_id": "T",
        "data": {"thing1": "你好"},
        "page": "https://x.cn",
    },
    MessageKind.MINI_PROGRAM_SUBSCRIBE: {"template_id": "T", "data": {"thing1": "你好"}, "page": "p?id=1"},
    MessageKind.SMS: {"template_id": "T", "data": {"1": "小满", "2": "9.00"}},
    MessageKind.WEBHOOK: {"event": "order.followup", "data": {"name": "小满"}},
    MessageKind.EMAIL: {"subject": "上新", "text": "新茶到了", "html": "<p>新茶到了</p>"},
}
SENDERS: dict[Channel, Any] = {
    Channel.OFFICIAL_ACCOUNT: OfficialAccountSender,
    Channel.MINI_PROGRAM: MiniProgramSender,
    Channel.SMS: SmsSender,
    Channel.EMAIL: EmailSender,
    Channel.WEBHOOK: WebhookSender,
}


class Recorder:
    """A client with every method of the senders; says which was called, with what."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("send_"):
            raise AttributeError(name)

        async def called(address: str, payload: Mapping[str, Any], **more: Any) -> str:
            self.heard = (name, address, dict(payload), more)
            return "id"

        return called


def test_no_kind_and_no_line_is_left_over() -> None:
    assert set(CAPABILITIES) == set(KINDS) == set(CONTENT) == set(MessageKind)
    assert {line.channel for line in CAPABILITIES.values()} == set(Channel) == set(SENDERS)


@pytest.mark.parametrize("kind", list(MessageKind))
async def test_every_kind_has_a_capability_a_renderer_and_a_sender(kind: MessageKind) -> None:
    line, one = capability_of(kind), kind_of(kind)
    content = CONTENT[kind]
    rendered = one.fill(content, dict(one.sources(content)))
    assert isinstance(rendered, Rendered)
    assert rendered.preview
    assert len(rendered.digest) == 32

    recorder = Recorder()
    await one.call(recorder, Posting("address", rendered.payload, "key"))
    method, address, payload, more = recorder.heard
    assert (address, payload) == ("address", dict(rendered.payload))
    # A key of ours: the platform's idempotency key, or what its reports bring back.
    assert more in ({line.platform_key: "key"} if line.platform_key else {}, {"key": "key"})
    assert callable(getattr(SENDERS[line.channel], method))  # The channel's real sender has it.

    with pytest.raises(SendNotMade, match=str(kind)):  # Another product's account does not send it.
        await one.call(object(), Posting("address", rendered.payload, "key"))


@pytest.mark.parametrize("kind", list(MessageKind))
def test_the_lines_are_sound(kind: MessageKind) -> None:
    line = capability_of(kind)
    assert line.kind is kind
    # People can refuse it, but for webhooks: those they refuse with everything.
    assert (consent_channel(line.channel) is ConsentChannel.ALL) == (line.channel is Channel.WEBHOOK)
    assert (line.platform_key is None) == (line.platform_key_life_s == 0)
    assert (kind_of(kind).template_id(CONTENT[kind]) == "T") == ("template_id" in CONTENT[kind])
    assert line.need is not Need.CREDIT or "template_id" in CONTENT[kind]  # Credits are of a template.


def test_letters_sealed_before_there_were_kinds_of_addresses_still_open(key_ring: KeyRing) -> None:
    sealer, tenant = Sealer(key_ring), TenantId(1)
    old = key_ring.seal('["o1",{"msgtype":"text"},"你好"]'.encode(), context=b"message:1:7")

    assert sealer.open(tenant, 7, old) == Letter("o1", {"msgtype": "text"}, "你好", AddressKind.OPENID)
    new = Letter("o2", {"a": 1}, "b", AddressKind.OPENID)
    assert sealer.open(tenant, 7, sealer.seal(tenant, 7, new)) == new


def test_the_reference_page_shows_the_table() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    table, contents = rows[: len(CAPABILITIES)], rows[len(CAPABILITIES) :]
    assert table == [_shown(line) for line in CAPABILITIES.values()]
    assert [row.split("`")[1] for row in contents] == [str(kind) for kind in CAPABILITIES]


def _shown(line: Capability) -> str:
    key = f"`{line.platform_key}`, {line.platform_key_life_s} s" if line.platform_key else "–"
    cells = (
        f"`{line.kind}`",
        line.channel,
        line.need,
        "yes" if line.followers_only else "no",
        line.fields,
        ", ".join(line.attachments) or "–",
        key,
        "yes" if line.receipt else "no",
        line.cost,
    )
    return f"| {' | '.join(cells)} |"
