"""Links between tags of people and tags of accounts, what both sides last agreed on, and whose turn it is."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0077_tag_links"
down_revision = "0076_membership_since"
branch_labels = None
depends_on = None

_TABLES = (
    # sweep_due_at, sweep_after: everybody either tag is on is to be compared, behind this person id.
    # removed_at: nobody sees it any more; what was agreed on is forgotten in the background.
    """
    CREATE TABLE tag_link (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        tag_id bigint NOT NULL,
        platform text NOT NULL CHECK (platform IN ('official_account', 'wecom')),
        account_id bigint NOT NULL,
        platform_tag text NOT NULL,
        platform_name text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        sweep_due_at timestamptz,
        sweep_after int NOT NULL DEFAULT 0,
        swept_at timestamptz,
        removed_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, tag_id) REFERENCES person_tag ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
    )
    """,
    "CREATE UNIQUE INDEX tag_link_ours ON tag_link (tenant_id, tag_id, account_id) WHERE removed_at IS NULL",
    "CREATE UNIQUE INDEX tag_link_theirs ON tag_link (tenant_id, account_id, platform_tag) "
    "WHERE removed_at IS NULL",
    # Grain: a link and one openid (member_userid is empty) or one relation. carried: what both sides had
    # when they last agreed.
    """
    CREATE TABLE tag_agreement (
        tenant_id int NOT NULL,
        link_id bigint NOT NULL,
        token bytea NOT NULL,
        member_userid text NOT NULL,
        carried boolean NOT NULL,
        agreed_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, link_id, token, member_userid),
        FOREIGN KEY (tenant_id, link_id) REFERENCES tag_link ON DELETE CASCADE
    )
    """,
    "CREATE INDEX tag_agreement_token ON tag_agreement (tenant_id, token)",
    # People whose tags are to be compared with the platform's.
    """
    CREATE TABLE tag_mirror_turn (
        tenant_id int NOT NULL,
        person_id int NOT NULL,
        due_at timestamptz NOT NULL,
        attempts int NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, person_id)
    )
    """,
    "CREATE INDEX tag_mirror_turn_due ON tag_mirror_turn (tenant_id, due_at)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("tag_link", "tag_agreement", "tag_mirror_turn"):
        tenant_table(table)
