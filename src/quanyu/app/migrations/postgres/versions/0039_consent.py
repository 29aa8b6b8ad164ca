"""Consent: purposes, the texts people agreed to, and the ledger of what they said."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0039_consent"
down_revision = "0038_identity_decisions"
branch_labels = None
depends_on = None

_TABLES = (
    # What a brand changed of the purposes every brand has, and those of its own. categories: what consent
    # banners call the purpose. lasts_days: how long a consent holds; NULL: until withdrawn.
    """
    CREATE TABLE consent_purpose (
        tenant_id int NOT NULL,
        key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
        name_zh text NOT NULL,
        name_en text NOT NULL,
        basis text NOT NULL CHECK (basis IN ('consent', 'until_withdrawn', 'contract', 'legal_duty')),
        categories text[] NOT NULL DEFAULT '{}',
        lasts_days int CHECK (lasts_days > 0),
        position int NOT NULL DEFAULT 0,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, key)
    )
    """,
    """
    CREATE TABLE consent_text (
        tenant_id int NOT NULL,
        purpose text NOT NULL,
        version int NOT NULL CHECK (version > 0),
        text_zh text NOT NULL,
        text_en text NOT NULL,
        published_by text NOT NULL,
        published_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, purpose, version)
    )
    """,
    # Grain: one thing said about one person id, kept under each id its person was known as when it was said.
    # purpose and channel '*': all of them. What counts is computed over everybody a person is, so merging
    # moves nothing and an unmerge leaves everybody what was said before and since.
    """
    CREATE TABLE consent_entry (
        tenant_id int NOT NULL,
        operation_id text NOT NULL,
        person_id int NOT NULL,
        purpose text NOT NULL,
        channel text NOT NULL,
        state text NOT NULL CHECK (state IN ('granted', 'withdrawn', 'expired')),
        text_version int,
        source text NOT NULL,
        actor text NOT NULL DEFAULT '',
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        valid_until timestamptz,
        evidence jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, operation_id, person_id)
    )
    """,
    "CREATE INDEX consent_entry_person "
    "ON consent_entry (tenant_id, person_id, purpose, channel, occurred_at)",
    "CREATE INDEX consent_entry_ends ON consent_entry (tenant_id, valid_until) WHERE valid_until IS NOT NULL",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("consent_purpose", "consent_text", "consent_entry"):
        tenant_table(table)
    for table in ("consent_text", "consent_entry"):
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM quanyu_app, quanyu_system")
    # Opt-outs of before are withdrawals; message_optout and message_optout_said are no longer written.
    op.execute(
        "INSERT INTO consent_entry (tenant_id, operation_id, person_id, purpose, channel, state, source, "
        "occurred_at, recorded_at) SELECT tenant_id, 'opt-out:' || origin_id, origin_id, "
        "CASE scope WHEN 'all' THEN '*' ELSE 'marketing' END, '*', 'withdrawn', 'staff', since, since "
        "FROM message_optout_said"
    )
