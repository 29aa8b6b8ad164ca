"""The material of an account, as the sandbox keeps it."""

import pytest

from contract.official_account.sandbox_process import Sandbox
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.materials.contracts import PAGE_MAX, MaterialKind
from quanyu.modules.channels.materials.service import InvalidMaterial, MaterialShelf
from quanyu.wechat.calls import File
from quanyu.wechat.official_account import material as wx

from .test_menus import account_id, sandbox

__all__ = ["account_id", "sandbox"]  # The account in the sandbox is made alike.

PICTURES = PAGE_MAX + 1


@pytest.fixture
async def names(
    sandbox: Sandbox, clients: AccountClients, tenant_id: TenantId, account_id: AccountId
) -> list[str]:
    """One picture more than a page holds, oldest first."""
    client = await clients.client(tenant_id, account_id)
    made = [f"tea-{number}.png" for number in range(PICTURES)]
    for name in made:
        picture = File(b"\x89PNG\r\n\x1a\n" + name.encode(), name, "image/png")
        await client.call(wx.ADD, wx.AddRequest(type="image", media=picture))
    return made


async def test_pictures_are_listed_by_page(
    names: list[str], clients: AccountClients, tenant_id: TenantId, account_id: AccountId
) -> None:
    shelf = MaterialShelf(clients)

    first = await shelf.list_materials(tenant_id, account_id, MaterialKind.IMAGE, offset=0)
    rest = await shelf.list_materials(tenant_id, account_id, MaterialKind.IMAGE, offset=PAGE_MAX)

    listed = [one.name for one in (*first.items, *rest.items)]
    assert (first.total, len(first.items), len(rest.items)) == (PICTURES, PAGE_MAX, 1)
    assert sorted(listed) == sorted(names)
    assert all(one.id for one in first.items)


@pytest.mark.parametrize("kind", [MaterialKind.VOICE, MaterialKind.NEWS, MaterialKind.ARTICLE])
async def test_an_empty_shelf_is_no_error(
    kind: MaterialKind, clients: AccountClients, tenant_id: TenantId, account_id: AccountId
) -> None:
    found = await MaterialShelf(clients).list_materials(tenant_id, account_id, kind, offset=0)

    assert (found.items, found.total) == ((), 0)


async def test_an_uploaded_picture_is_on_the_shelf(
    sandbox: Sandbox, clients: AccountClients, tenant_id: TenantId, account_id: AccountId
) -> None:
    shelf = MaterialShelf(clients)
    picture = b"\x89PNG\r\n\x1a\n" + b"tea"

    added = await shelf.upload(
        tenant_id,
        account_id,
        MaterialKind.IMAGE,
        name="春茶.png",
        content=picture,
        content_type="image/png",
    )

    listed = await shelf.list_materials(tenant_id, account_id, MaterialKind.IMAGE, offset=0)
    assert [(one.id, one.name) for one in listed.items] == [(added.id, "春茶.png")]


@pytest.mark.parametrize(
    ("kind", "content", "content_type"),
    [
        (MaterialKind.IMAGE, b"", "image/png"),
        (MaterialKind.IMAGE, b"MZ", "application/x-msdownload"),
        (MaterialKind.VOICE, b"x" * (2 * 1024 * 1024 + 1), "audio/mpeg"),
        (MaterialKind.ARTICLE, b"x", "image/png"),
    ],
    ids=["empty", "type", "size", "kind"],
)
async def test_what_the_platform_would_not_take_is_refused_before_it_is_sent(
    clients: AccountClients,
    tenant_id: TenantId,
    account_id: AccountId,
    kind: MaterialKind,
    content: bytes,
    content_type: str,
) -> None:
    shelf = MaterialShelf(clients)

    with pytest.raises(InvalidMaterial):
        await shelf.upload(tenant_id, account_id, kind, name="x", content=content, content_type=content_type)

    assert (await shelf.list_materials(tenant_id, account_id, MaterialKind.IMAGE, offset=0)).total == 0
