"""Who carries which tag, as SQL: the same decision as ``rules.carried``, for thousands of people at once."""

from typing import Final

# Reads a CTE ``member (profile, id)``; gives ``carried``, a row per profile and tag. By hand comes before by
# rule, false before true; of a group where one counts, the first tag in the group's order wins between rules.
CARRIED: Final = """
said AS (
    SELECT DISTINCT ON (m.profile, c.tag_id) m.profile, c.tag_id, c.by_rule, c.holds, c.origin, c.actor,
        c.given_at, c.expires_at
    FROM member m JOIN person_tag_claim c ON c.tenant_id = {tenant} AND c.person_id = m.id
    ORDER BY m.profile, c.tag_id, c.by_rule, c.given_at DESC, c.person_id
), carried AS (
    SELECT DISTINCT ON (s.profile, CASE WHEN g.is_exclusive THEN g.id ELSE t.id END) s.*, t.group_id,
        t.name AS tag, g.name AS group_name, g.color, g.position AS group_position, t.position
    FROM said s
    JOIN person_tag t ON t.tenant_id = {tenant} AND t.id = s.tag_id
    JOIN person_tag_group g ON g.tenant_id = {tenant} AND g.id = t.group_id
    WHERE s.holds
    ORDER BY s.profile, CASE WHEN g.is_exclusive THEN g.id ELSE t.id END, s.by_rule,
        CASE WHEN s.by_rule THEN t.position END, s.given_at DESC, t.id
)"""
