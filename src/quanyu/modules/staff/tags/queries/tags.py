"""Groups and tags as the platform lists them, and what people see of marks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags.rules import ConflictPolicy, Look, Mark, Winner
from quanyu.wechat.wecom.corp_tags import TagGroup


class TagQueries:
    """Groups, tags and the book of each company."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def policy(self, corp_id: AccountId) -> ConflictPolicy:
        """Return how a company's conflicts are decided."""
        book = await self.book(corp_id)
        return ConflictPolicy.PLATFORM if book is None else ConflictPolicy(book.policy)

    async def book(self, corp_id: AccountId) -> Any | None:
        rows = await self._uow.execute(
            "SELECT * FROM corp_tag_book WHERE tenant_id = :tenant AND corp_id = :corp", self._of(corp_id)
        )
        return rows.first()

    async def set_policy(self, corp_id: AccountId, policy: ConflictPolicy) -> None:
        await self._uow.execute(
            "INSERT INTO corp_tag_book (tenant_id, corp_id, policy) VALUES (:tenant, :corp, :policy) "
            "ON CONFLICT (tenant_id, corp_id) DO UPDATE SET policy = excluded.policy",
            {**self._of(corp_id), "policy": policy},
        )

    async def ask_for_list(self, corp_ids: Sequence[AccountId], *, due_at: datetime) -> None:
        """Have the lists of tags read; whoever waits already goes on waiting."""
        await self._uow.execute(
            "INSERT INTO corp_tag_book AS b (tenant_id, corp_id, list_due_at) "
            "SELECT :tenant, corp, :due FROM unnest(CAST(:corps AS bigint[])) AS k (corp) ORDER BY corp "
            "ON CONFLICT (tenant_id, corp_id) DO UPDATE SET attempts = 0, "
            "list_due_at = least(coalesce(b.list_due_at, excluded.list_due_at), excluded.list_due_at)",
            {"tenant": self._uow.tenant_id, "corps": sorted(set(corp_ids)), "due": due_at},
        )

    async def ask_for_new(self, corp_ids: Sequence[AccountId], *, due_at: datetime) -> None:
        """Have the lists of companies read that have no book yet."""
        await self._uow.execute(
            "INSERT INTO corp_tag_book (tenant_id, corp_id, list_due_at) "
            "SELECT :tenant, corp, :due FROM unnest(CAST(:corps AS bigint[])) AS k (corp) ORDER BY corp "
            "ON CONFLICT DO NOTHING",
            {"tenant": self._uow.tenant_id, "corps": sorted(corp_ids), "due": due_at},
        )

    async def claim_list(self, *, now: datetime, until: datetime) -> Any | None:
        """Take a company whose list is due; until ``until`` nobody else reads it."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT corp_id FROM corp_tag_book WHERE tenant_id = :tenant "
            "AND list_due_at <= :now ORDER BY list_due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE corp_tag_book b SET list_due_at = :until, attempts = b.attempts + 1 FROM due "
            "WHERE b.tenant_id = :tenant AND b.corp_id = due.corp_id RETURNING b.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until},
        )
        return rows.first()

    async def listed(self, corp_id: AccountId, *, claimed_until: datetime, next_at: datetime) -> None:
        """Remember that the list was read; news that came meanwhile have it read again."""
        await self._uow.execute(
            "UPDATE corp_tag_book SET listed_at = :now, attempts = 0, reason = '', "
            "list_due_at = CASE WHEN list_due_at = :until THEN :next ELSE list_due_at END "
            "WHERE tenant_id = :tenant AND corp_id = :corp",
            {
                **self._of(corp_id),
                "now": self._uow.clock.now(),
                "until": claimed_until,
                "next": next_at,
            },
        )

    async def not_listed(self, corp_id: AccountId, *, reason: str, again_at: datetime) -> None:
        await self._uow.execute(
            "UPDATE corp_tag_book SET reason = :reason, list_due_at = :again "
            "WHERE tenant_id = :tenant AND corp_id = :corp",
            {**self._of(corp_id), "reason": reason, "again": again_at},
        )

    async def known(self, corp_id: AccountId) -> Mapping[str, Any]:
        """Return the tags by id, each with its group's name."""
        rows = await self._uow.execute(
            "SELECT t.*, g.name AS group_name FROM corp_tag t JOIN corp_tag_group g "
            "USING (tenant_id, corp_id, group_id) WHERE t.tenant_id = :tenant AND t.corp_id = :corp",
            self._of(corp_id),
        )
        return {row.tag_id: row for row in rows}

    async def choices(self, corp_id: AccountId) -> Sequence[Any]:
        """Return the tags with their groups' names, in the platform's order."""
        rows = await self._uow.execute(
            "SELECT t.tag_id, t.name, g.name AS group_name FROM corp_tag t JOIN corp_tag_group g "
            "USING (tenant_id, corp_id, group_id) WHERE t.tenant_id = :tenant AND t.corp_id = :corp "
            "ORDER BY g.position DESC, g.group_id, t.position DESC, t.tag_id",
            self._of(corp_id),
        )
        return rows.all()

    async def save_group(self, corp_id: AccountId, group: TagGroup, *, own: Sequence[str] = ()) -> None:
        """Insert or replace a group and the tags given of it; ``own`` are those our app made just now."""
        await self._uow.execute(
            "INSERT INTO corp_tag_group (tenant_id, corp_id, group_id, name, position) "
            "VALUES (:tenant, :corp, :group, :name, :position) "
            "ON CONFLICT (tenant_id, corp_id, group_id) DO UPDATE SET name = excluded.name, "
            "position = excluded.position",
            {
                **self._of(corp_id),
                "group": group.group_id,
                "name": group.group_name,
                "position": group.order,
            },
        )
        await self._uow.execute(
            _SAVE_TAGS,
            {
                **self._of(corp_id),
                "group": group.group_id,
                "ids": [tag.id for tag in group.tag],
                "names": [tag.name for tag in group.tag],
                "positions": [tag.order for tag in group.tag],
                "own": list(own),
                "now": self._uow.clock.now(),
            },
        )

    async def drop_others(
        self, corp_id: AccountId, groups: Sequence[TagGroup], *, before: datetime
    ) -> tuple[str, ...]:
        """Delete what a full list does not hold; return the tags that are gone.

        What was made here after the list was asked for (``before``) stays.
        """
        rows = await self._uow.execute(
            "DELETE FROM corp_tag WHERE tenant_id = :tenant AND corp_id = :corp AND tag_id <> ALL(:ids) "
            "AND kept_at < :before RETURNING tag_id",
            {
                **self._of(corp_id),
                "ids": [tag.id for group in groups for tag in group.tag],
                "before": before,
            },
        )
        gone = tuple(row.tag_id for row in rows)
        await self._drop_empty(corp_id)
        return gone

    async def drop(
        self, corp_id: AccountId, *, tags: Sequence[str] = (), groups: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Delete tags, or groups with their tags, and groups left empty; return the tags that are gone."""
        rows = await self._uow.execute(
            "DELETE FROM corp_tag WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND (tag_id = ANY(:tags) OR group_id = ANY(:groups)) RETURNING tag_id",
            {**self._of(corp_id), "tags": list(tags), "groups": list(groups)},
        )
        gone = tuple(row.tag_id for row in rows)
        await self._drop_empty(corp_id)
        return gone

    async def _drop_empty(self, corp_id: AccountId) -> None:
        await self._uow.execute(
            "DELETE FROM corp_tag_group g WHERE g.tenant_id = :tenant AND g.corp_id = :corp "
            "AND NOT EXISTS (SELECT FROM corp_tag t WHERE t.tenant_id = g.tenant_id "
            "AND t.corp_id = g.corp_id AND t.group_id = g.group_id)",
            self._of(corp_id),
        )

    async def edited(self, corp_id: AccountId, item: str, *, name: str | None, position: int | None) -> None:
        """Remember a new name or place of a tag or a group."""
        for table, column in (("corp_tag", "tag_id"), ("corp_tag_group", "group_id")):
            await self._uow.execute(
                f"UPDATE {table} SET name = coalesce(:name, name), "  # noqa: S608 - the names stand above.
                "position = coalesce(:position, position) "
                f"WHERE tenant_id = :tenant AND corp_id = :corp AND {column} = :item",
                {**self._of(corp_id), "item": item, "name": name, "position": position},
            )

    async def set_own(self, corp_id: AccountId, tag_ids: Sequence[str], *, is_own: bool) -> None:
        await self._uow.execute(
            "UPDATE corp_tag SET is_own = :own WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND tag_id = ANY(:tags)",
            {**self._of(corp_id), "own": is_own, "tags": list(tag_ids)},
        )

    async def overview(self, corp_id: AccountId) -> Sequence[Any]:
        """Return every tag with its group and how many carry it, in the platform's order."""
        return (await self._uow.execute(_OVERVIEW, self._of(corp_id))).all()

    async def journal(
        self,
        key: RelationKey,
        tag_id: str,
        before: Mark,
        look: Look,
        winner: Winner,
        *,
        policy: ConflictPolicy,
        tag_name: str,
    ) -> None:
        """Write down a conflict and how it was decided."""
        await self._uow.execute(
            "INSERT INTO corp_tag_conflict (tenant_id, id, corp_id, member_userid, customer_token, tag_id, "
            "tag_name, seen, ours_at, origin, policy, winner, found_at) VALUES (:tenant, :id, :corp, "
            ":userid, :token, :tag, :name, :seen, :ours_at, :origin, :policy, :winner, :now)",
            {
                **self._of(key.corp_id),
                "id": new_id(),
                "userid": key.userid,
                "token": key.token,
                "tag": tag_id,
                "name": tag_name,
                "seen": look.seen,
                "ours_at": before.ours_at,
                "origin": before.origin,
                "policy": policy,
                "winner": winner,
                "now": self._uow.clock.now(),
            },
        )

    async def conflicts(self, corp_id: AccountId, *, before: int | None, limit: int) -> Sequence[Any]:
        """Return conflicts, newest first, with whom they are about."""
        rows = await self._uow.execute(_CONFLICTS, {**self._of(corp_id), "before": before, "limit": limit})
        return rows.all()

    async def failures(self, corp_id: AccountId, *, limit: int) -> Sequence[Any]:
        """Return the latest changes the platform refused."""
        return (await self._uow.execute(_FAILURES, {**self._of(corp_id), "limit": limit})).all()

    async def of_person(self, person_id: PersonId) -> Sequence[Any]:
        """Return what the relations with a person carry, or are to carry."""
        rows = await self._uow.execute(_OF_PERSON, {"tenant": self._uow.tenant_id, "person": person_id})
        return rows.all()

    def _of(self, corp_id: AccountId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "corp": corp_id}


_SAVE_TAGS: Final = """
INSERT INTO corp_tag AS t (tenant_id, corp_id, tag_id, group_id, name, position, is_own, kept_at)
SELECT :tenant, :corp, k.id, :group, k.name, k.position, k.id = ANY(:own), :now
FROM unnest(CAST(:ids AS text[]), CAST(:names AS text[]), CAST(:positions AS bigint[]))
    AS k (id, name, position)
ORDER BY k.id
ON CONFLICT (tenant_id, corp_id, tag_id) DO UPDATE SET group_id = excluded.group_id, name = excluded.name,
    position = excluded.position, is_own = t.is_own OR excluded.is_own
"""
_OVERVIEW: Final = """
SELECT t.*, g.name AS group_name, coalesce(m.customers, 0) AS customers, coalesce(o.waiting, 0) AS waiting,
    coalesce(o.failed, 0) AS failed
FROM corp_tag t
JOIN corp_tag_group g USING (tenant_id, corp_id, group_id)
LEFT JOIN (
    SELECT tag_id, count(DISTINCT customer_token) AS customers FROM customer_tag
    WHERE tenant_id = :tenant AND corp_id = :corp AND carried GROUP BY tag_id
) m USING (tag_id)
LEFT JOIN (
    SELECT tag_id, count(*) FILTER (WHERE state IN ('waiting', 'sending')) AS waiting,
        count(*) FILTER (WHERE state = 'failed') AS failed FROM customer_tag
    WHERE tenant_id = :tenant AND corp_id = :corp AND state <> 'settled' GROUP BY tag_id
) o USING (tag_id)
WHERE t.tenant_id = :tenant AND t.corp_id = :corp
ORDER BY g.position DESC, g.group_id, t.position DESC, t.tag_id
"""
_CONFLICTS: Final = """
SELECT c.*, s.person_id FROM corp_tag_conflict c
LEFT JOIN staff_customer s USING (tenant_id, corp_id, member_userid, customer_token)
WHERE c.tenant_id = :tenant AND c.corp_id = :corp
AND (CAST(:before AS bigint) IS NULL OR c.id < :before) ORDER BY c.id DESC LIMIT :limit
"""
_FAILURES: Final = """
SELECT m.*, t.name AS tag_name, s.person_id FROM customer_tag m
LEFT JOIN corp_tag t USING (tenant_id, corp_id, tag_id)
LEFT JOIN staff_customer s USING (tenant_id, corp_id, member_userid, customer_token)
WHERE m.tenant_id = :tenant AND m.corp_id = :corp AND m.state = 'failed'
ORDER BY m.updated_at DESC LIMIT :limit
"""
_OF_PERSON: Final = """
SELECT m.*, t.name AS tag_name, g.name AS group_name FROM staff_customer s
JOIN customer_tag m USING (tenant_id, corp_id, member_userid, customer_token)
JOIN corp_tag t USING (tenant_id, corp_id, tag_id)
JOIN corp_tag_group g USING (tenant_id, corp_id, group_id)
WHERE s.tenant_id = :tenant AND s.person_id = :person AND s.status = 'active'
AND (m.carried OR m.state <> 'settled')
ORDER BY m.corp_id, m.member_userid, g.position DESC, t.position DESC, m.tag_id LIMIT 1000
"""
