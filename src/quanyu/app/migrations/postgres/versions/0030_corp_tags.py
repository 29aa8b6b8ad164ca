"""Corp tags: the platform's groups and tags, who carries them, whose turn it is, and conflicts."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0030_corp_tags"
down_revision = "0029_live_codes"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE corp_tag_group (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        group_id text NOT NULL,
        name text NOT NULL,
        position bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, corp_id, group_id),
        FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
    )
    """,
    # is_own: made by our app, so that it may change it; a refusal tells otherwise.
    """
    CREATE TABLE corp_tag (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        tag_id text NOT NULL,
        group_id text NOT NULL,
        name text NOT NULL,
        position bigint NOT NULL DEFAULT 0,
        is_own boolean NOT NULL DEFAULT false,
        kept_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, corp_id, tag_id),
        FOREIGN KEY (tenant_id, corp_id, group_id) REFERENCES corp_tag_group ON DELETE CASCADE
    )
    """,
    # One row a corp: the policy, and when its list of tags is to be read next.
    """
    CREATE TABLE corp_tag_book (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        policy text NOT NULL DEFAULT 'platform' CHECK (policy IN ('platform', 'ours', 'newest')),
        list_due_at timestamptz,
        listed_at timestamptz,
        attempts int NOT NULL DEFAULT 0,
        reason text NOT NULL DEFAULT '',
        PRIMARY KEY (tenant_id, corp_id),
        FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
    )
    """,
    # A relation whose tags were looked at. Locked by whoever changes its marks.
    """
    CREATE TABLE tagged_relation (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        member_userid text NOT NULL,
        customer_token bytea NOT NULL,
        observed_at timestamptz,
        edited_at timestamptz,
        PRIMARY KEY (tenant_id, corp_id, customer_token, member_userid),
        FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
    )
    """,
    # Grain: one tag on one relation. Rows stay when the tag is gone: they say since when.
    """
    CREATE TABLE customer_tag (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        member_userid text NOT NULL,
        customer_token bytea NOT NULL,
        tag_id text NOT NULL,
        carried boolean NOT NULL,
        known_at timestamptz,
        ours boolean,
        ours_at timestamptz,
        origin text NOT NULL DEFAULT '',
        state text NOT NULL CHECK (state IN ('settled', 'waiting', 'sending', 'failed')),
        sent boolean,
        is_uncertain boolean NOT NULL DEFAULT false,
        looks_again boolean NOT NULL DEFAULT false,
        reason text NOT NULL DEFAULT '',
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, corp_id, customer_token, member_userid, tag_id),
        FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
    )
    """,
    "CREATE INDEX customer_tag_carried ON customer_tag (tenant_id, corp_id, tag_id, customer_token) "
    "WHERE carried",
    "CREATE INDEX customer_tag_open ON customer_tag (tenant_id, corp_id, tag_id, state) "
    "WHERE state <> 'settled'",
    # Whose turn it is: the platform refuses two calls about one customer at a time (45035).
    """
    CREATE TABLE customer_tag_turn (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        customer_token bytea NOT NULL,
        due_at timestamptz,
        busy_until timestamptz,
        attempts int NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, corp_id, customer_token),
        FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
    )
    """,
    "CREATE INDEX customer_tag_turn_due ON customer_tag_turn (tenant_id, due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE corp_tag_conflict (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        corp_id bigint NOT NULL,
        member_userid text NOT NULL,
        customer_token bytea NOT NULL,
        tag_id text NOT NULL,
        tag_name text NOT NULL,
        seen boolean NOT NULL,
        ours_at timestamptz NOT NULL,
        origin text NOT NULL,
        policy text NOT NULL,
        winner text NOT NULL CHECK (winner IN ('platform', 'ours', 'gave_up')),
        found_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
    )
    """,
    "CREATE INDEX corp_tag_conflict_mark ON corp_tag_conflict "
    "(tenant_id, corp_id, customer_token, member_userid, tag_id, found_at)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in (
        "corp_tag_group",
        "corp_tag",
        "corp_tag_book",
        "tagged_relation",
        "customer_tag",
        "customer_tag_turn",
        "corp_tag_conflict",
    ):
        tenant_table(table)
