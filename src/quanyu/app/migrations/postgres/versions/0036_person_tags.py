"""Tags of ours on people: groups, tags, who says so of whom, and bulk changes under way."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0036_person_tags"
down_revision = "0035_lifetime"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE person_tag_group (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        name text NOT NULL,
        color text NOT NULL,
        is_exclusive boolean NOT NULL,
        position int NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, name)
    )
    """,
    # rule_segment_id: the segment that decides, while the tag has a rule. rule_generation: the change of its
    # members that claims were last compared with; NULL: compare again.
    """
    CREATE TABLE person_tag (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        group_id bigint NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        position int NOT NULL,
        lasts_days int CHECK (lasts_days > 0),
        rule_segment_id bigint,
        rule_generation bigint,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz,
        deleted_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, group_id) REFERENCES person_tag_group
    )
    """,
    "CREATE UNIQUE INDEX person_tag_name ON person_tag (tenant_id, group_id, name) WHERE deleted_at IS NULL",
    # Grain: one tag of one person id, said by hand or by its rule. Whether somebody carries a tag is computed
    # from these, over everybody they are merged with, so merging moves nothing and unmerging restores.
    # holds: false says by hand that the rule is not to give it.
    """
    CREATE TABLE person_tag_claim (
        tenant_id int NOT NULL,
        person_id int NOT NULL,
        tag_id bigint NOT NULL,
        by_rule boolean NOT NULL,
        holds boolean NOT NULL,
        origin text NOT NULL,
        actor text NOT NULL DEFAULT '',
        given_at timestamptz NOT NULL,
        expires_at timestamptz,
        PRIMARY KEY (tenant_id, person_id, tag_id, by_rule),
        FOREIGN KEY (tenant_id, tag_id) REFERENCES person_tag
    )
    """,
    "CREATE INDEX person_tag_claim_tag ON person_tag_claim (tenant_id, tag_id, person_id)",
    "CREATE INDEX person_tag_claim_expiry ON person_tag_claim (tenant_id, expires_at) "
    "WHERE expires_at IS NOT NULL",
    # people: whom it is about, fixed when it was asked for. done: how many of them, in that order.
    """
    CREATE TABLE person_tag_job (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        added bigint[] NOT NULL,
        removed bigint[] NOT NULL,
        people int[] NOT NULL,
        audience text NOT NULL,
        expires_at timestamptz,
        actor text NOT NULL,
        done int NOT NULL DEFAULT 0,
        changed int NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX person_tag_job_open ON person_tag_job (tenant_id, id) WHERE finished_at IS NULL",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("person_tag_group", "person_tag", "person_tag_claim", "person_tag_job"):
        tenant_table(table)
    # Segments that something else keeps, such as the rule of a tag: not among those people made.
    op.execute("ALTER TABLE segment ADD COLUMN owner text NOT NULL DEFAULT ''")
