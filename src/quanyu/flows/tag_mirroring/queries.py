"""Every statement on ``tag_link``, ``tag_agreement`` and ``tag_mirror_turn``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from quanyu.flows.tag_mirroring.contracts import TagPlatform
from quanyu.flows.tag_mirroring.errors import linked_already, no_link
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId

_LINK: Final = (
    "SELECT l.id, l.tag_id, l.platform, l.account_id, l.platform_tag, l.platform_name, l.created_by, "
    "l.created_at, l.sweep_due_at, l.sweep_after, l.swept_at, t.group_id, t.position, g.is_exclusive "
    "FROM tag_link l JOIN person_tag t ON t.tenant_id = l.tenant_id AND t.id = l.tag_id "
    "JOIN person_tag_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id "
    "WHERE l.tenant_id = :tenant AND l.removed_at IS NULL AND t.deleted_at IS NULL "
)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A row of ``tag_link`` that counts, with what our tag's group says."""

    id: int
    tag_id: int
    platform: str
    account_id: int
    platform_tag: str
    platform_name: str
    created_by: str
    created_at: datetime
    sweep_due_at: datetime | None
    sweep_after: int
    swept_at: datetime | None
    group_id: int
    position: int
    is_exclusive: bool

    @property
    def account(self) -> AccountId:
        return AccountId(self.account_id)

    @property
    def is_wecom(self) -> bool:
        return self.platform == TagPlatform.WECOM


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """An openid (``userid`` is empty) or a relation, for one link."""

    link_id: int
    token: bytes
    userid: str = ""


class LinkQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def links(self) -> list[LinkRow]:
        """Return the links of tags that exist, in the order of our tags."""
        rows = await self._run(_LINK + "ORDER BY g.position, g.id, t.position, t.id, l.id")
        return [LinkRow(*row) for row in rows]

    async def get(self, link_id: int) -> LinkRow:
        """Return a link.

        Raises:
            LinkNotFound: there is none.
        """
        row = (await self._run(_LINK + "AND l.id = :id", id=link_id)).first()
        if row is None:
            raise no_link()
        return LinkRow(*row)

    async def add(self, link_id: int, values: Mapping[str, Any]) -> None:
        """Add a link, everybody to be compared.

        Raises:
            TagLinked: one of both tags is linked already.
        """
        try:
            await self._run(
                "INSERT INTO tag_link (tenant_id, id, tag_id, platform, account_id, platform_tag, "
                "platform_name, created_by, created_at, sweep_due_at) VALUES (:tenant, :id, :tag, "
                ":platform, :account, :platform_tag, :platform_name, :actor, :now, :now)",
                id=link_id,
                now=self._uow.clock.now(),
                **values,
            )
        except IntegrityError as error:
            raise linked_already() from error

    async def remove(self, link_id: int) -> None:
        """Hide a link; what was agreed on is forgotten in the background."""
        await self._run(
            "UPDATE tag_link SET removed_at = :now WHERE tenant_id = :tenant AND id = :id",
            id=link_id,
            now=self._uow.clock.now(),
        )

    async def purge_some(self, limit: int) -> int:
        """Forget part of a link that was removed, or whose tag was deleted; return how many rows went."""
        gone = await self._run(
            "SELECT l.id FROM tag_link l JOIN person_tag t ON t.tenant_id = l.tenant_id AND t.id = l.tag_id "
            "WHERE l.tenant_id = :tenant AND (l.removed_at IS NOT NULL OR t.deleted_at IS NOT NULL) "
            "ORDER BY l.id LIMIT 1"
        )
        link_id = gone.scalar()
        if link_id is None:
            return 0
        found = await self._run(
            "DELETE FROM tag_agreement WHERE tenant_id = :tenant AND (link_id, token, member_userid) IN "
            "(SELECT link_id, token, member_userid FROM tag_agreement WHERE tenant_id = :tenant "
            "AND link_id = :link LIMIT :limit)",
            link=link_id,
            limit=limit,
        )
        if found.rowcount < limit:
            await self._run("DELETE FROM tag_link WHERE tenant_id = :tenant AND id = :link", link=link_id)
        return int(found.rowcount) + 1

    async def sweep(self, link_id: int) -> None:
        """Have everybody a link is about compared, from the beginning."""
        await self._run(
            "UPDATE tag_link SET sweep_due_at = :now, sweep_after = 0 WHERE tenant_id = :tenant AND id = :id",
            id=link_id,
            now=self._uow.clock.now(),
        )

    async def due_sweep(self) -> LinkRow | None:
        """Take a link whose people are to be compared; nobody else takes it meanwhile."""
        sql = _LINK + "AND l.sweep_due_at <= :now ORDER BY l.sweep_due_at LIMIT 1 FOR UPDATE OF l SKIP LOCKED"
        row = (await self._run(sql, now=self._uow.clock.now())).first()
        return None if row is None else LinkRow(*row)

    async def swept(self, link_id: int, *, upto: int | None, next_at: datetime) -> None:
        """Remember how far a comparison is; without ``upto`` it is over until ``next_at``."""
        await self._run(
            "UPDATE tag_link SET sweep_after = coalesce(CAST(:upto AS int), 0), "
            "sweep_due_at = CASE WHEN CAST(:upto AS int) IS NULL THEN :next ELSE sweep_due_at END, "
            "swept_at = CASE WHEN CAST(:upto AS int) IS NULL THEN :now ELSE swept_at END "
            "WHERE tenant_id = :tenant AND id = :id",
            id=link_id,
            upto=upto,
            next=next_at,
            now=self._uow.clock.now(),
        )

    async def agreements(self, links: Sequence[int], tokens: Iterable[bytes]) -> dict[PlaceKey, bool]:
        """Return what was agreed on at the places of these tokens."""
        rows = await self._run(
            "SELECT link_id, token, member_userid, carried FROM tag_agreement WHERE tenant_id = :tenant "
            "AND token = ANY(CAST(:tokens AS bytea[])) AND link_id = ANY(CAST(:links AS bigint[]))",
            tokens=sorted(set(tokens)),
            links=list(links),
        )
        return {PlaceKey(row.link_id, bytes(row.token), row.member_userid): row.carried for row in rows}

    async def agree(self, agreed: Mapping[PlaceKey, bool]) -> None:
        """Remember what both sides have, or will as soon as what is on its way arrives."""
        keys = sorted(agreed, key=lambda key: (key.link_id, key.token, key.userid))
        if keys:
            await self._run(
                "INSERT INTO tag_agreement AS a (tenant_id, link_id, token, member_userid, carried, "
                "agreed_at) SELECT :tenant, k.link_id, k.token, k.userid, k.carried, :now "
                "FROM unnest(CAST(:links AS bigint[]), CAST(:tokens AS bytea[]), CAST(:userids AS text[]), "
                "CAST(:carried AS boolean[])) AS k (link_id, token, userid, carried) "
                "ON CONFLICT (tenant_id, link_id, token, member_userid) DO UPDATE "
                "SET carried = excluded.carried, agreed_at = excluded.agreed_at",
                links=[key.link_id for key in keys],
                tokens=[key.token for key in keys],
                userids=[key.userid for key in keys],
                carried=[agreed[key] for key in keys],
                now=self._uow.clock.now(),
            )

    async def part(self, places: Sequence[tuple[bytes, str]]) -> None:
        """Forget what was agreed on with whom who left: if they come back, both sides meet anew."""
        if places:
            await self._run(
                "DELETE FROM tag_agreement a USING unnest(CAST(:tokens AS bytea[]), "
                "CAST(:userids AS text[])) AS k (token, userid) WHERE a.tenant_id = :tenant "
                "AND a.token = k.token AND a.member_userid = k.userid",
                tokens=[token for token, _ in places],
                userids=[userid for _, userid in places],
            )

    async def give_turns(
        self, people: Iterable[int], *, due_at: datetime | None = None, attempts: int = 0
    ) -> None:
        """Have people's tags compared, if any are linked; whoever waits already does not wait longer."""
        ordered = sorted(set(people))
        if ordered:
            await self._run(
                "INSERT INTO tag_mirror_turn AS t (tenant_id, person_id, due_at, attempts) "
                "SELECT :tenant, k.id, :due, :attempts FROM unnest(CAST(:people AS int[])) AS k (id) "
                "WHERE EXISTS (SELECT FROM tag_link WHERE tenant_id = :tenant) ORDER BY k.id "
                "ON CONFLICT (tenant_id, person_id) DO UPDATE "
                "SET due_at = least(t.due_at, excluded.due_at), attempts = excluded.attempts",
                people=ordered,
                due=due_at or self._uow.clock.now(),
                attempts=attempts,
            )

    async def take_turns(self, limit: int) -> list[tuple[int, int]]:
        """Take people whose turn it is, as (person id, attempts); it is over when the transaction is."""
        rows = await self._run(
            "DELETE FROM tag_mirror_turn t USING (SELECT person_id FROM tag_mirror_turn "
            "WHERE tenant_id = :tenant AND due_at <= :now ORDER BY due_at, person_id LIMIT :limit "
            "FOR UPDATE SKIP LOCKED) AS due WHERE t.tenant_id = :tenant AND t.person_id = due.person_id "
            "RETURNING t.person_id, t.attempts",
            now=self._uow.clock.now(),
            limit=limit,
        )
        return [(row.person_id, row.attempts) for row in rows]

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
