"""People: identifiers, the edges between them, attributes, and what waits to be copied to the warehouse."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0002_people"
down_revision = "0001_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _identities()
    _attributes()
    _housekeeping()
    for table in (
        "person",
        "identity",
        "identity_edge",
        "identity_scope",
        "identity_version",
        "identity_quarantine",
        "person_attribute",
        "person_change",
    ):
        tenant_table(table)


def _people() -> None:
    # One sequence for the whole deployment: bitmaps and dictionaries in the warehouse need dense 32-bit ids.
    op.execute("CREATE SEQUENCE person_id_seq AS int")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE person_id_seq TO quanyu_app, quanyu_system")
    # A row per id ever stamped on an event; a profile is the row whose canonical_id is its own id.
    op.execute(
        """
        CREATE TABLE person (
            tenant_id int NOT NULL,
            id int NOT NULL,
            canonical_id int NOT NULL,
            created_at timestamptz NOT NULL,
            first_seen_at timestamptz NOT NULL,
            last_seen_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        ) WITH (fillfactor = 80)
        """
    )
    op.execute(
        "CREATE INDEX person_alias ON person (tenant_id, canonical_id) INCLUDE (id) WHERE canonical_id <> id"
    )


def _identities() -> None:
    # person_id: the id its events are stamped with, once it has owned one. canonical_id: who that is today.
    op.execute(
        """
        CREATE TABLE identity (
            tenant_id int NOT NULL,
            token bytea NOT NULL CHECK (length(token) = 16),
            namespace text NOT NULL,
            scope text NOT NULL,
            sealed bytea NOT NULL,
            person_id int,
            canonical_id int NOT NULL,
            flag text CHECK (flag IN ('shared', 'blocked', 'quarantined')),
            first_seen_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, token)
        ) WITH (fillfactor = 90)
        """
    )
    op.execute("CREATE INDEX identity_person ON identity (tenant_id, canonical_id, namespace)")
    op.execute(
        """
        CREATE TABLE identity_edge (
            tenant_id int NOT NULL,
            a bytea NOT NULL,
            b bytea NOT NULL,
            evidence text NOT NULL,
            source text NOT NULL,
            strength int NOT NULL,
            first_event_at timestamptz NOT NULL,
            state text NOT NULL CHECK (state IN ('held', 'demoted', 'removed', 'quarantined')),
            reason text NOT NULL DEFAULT '',
            note text NOT NULL DEFAULT '',
            CHECK (a < b),
            CHECK ((state = 'demoted') <= (reason <> '')),
            PRIMARY KEY (tenant_id, a, b, evidence)
        ) WITH (fillfactor = 90)
        """
    )
    op.execute("CREATE INDEX identity_edge_b ON identity_edge (tenant_id, b)")
    op.execute(
        """
        CREATE TABLE identity_scope (
            tenant_id int NOT NULL,
            namespace text NOT NULL,
            scope text NOT NULL,
            PRIMARY KEY (tenant_id, namespace, scope)
        )
        """
    )
    # Locked by whoever changes identities, so there is one writer at a time. The stamp tells whether what a
    # process remembers still holds; the version rises when people merge or come apart.
    op.execute(
        """
        CREATE TABLE identity_version (
            tenant_id int PRIMARY KEY,
            version bigint NOT NULL DEFAULT 0,
            stamp bigint NOT NULL DEFAULT 0,
            people int NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50)
        """
    )
    op.execute(
        """
        CREATE TABLE identity_quarantine (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            a bytea NOT NULL,
            b bytea,
            reason text NOT NULL,
            identifiers int NOT NULL,
            created_at timestamptz NOT NULL,
            settled_at timestamptz,
            settled_by text NOT NULL DEFAULT '',
            PRIMARY KEY (tenant_id, id)
        )
        """
    )


def _attributes() -> None:
    # Kept under the id the telling event was stamped with, never moved: a profile is a view over its members.
    # Neither value nor sealed: the attribute was cleared at that time.
    op.execute(
        """
        CREATE TABLE person_attribute (
            tenant_id int NOT NULL,
            person_id int NOT NULL,
            key text NOT NULL,
            class text NOT NULL CHECK (class IN ('identifier', 'name', 'free', 'none')),
            value jsonb,
            sealed bytea,
            grams bigint[],
            source text NOT NULL,
            occurred_at timestamptz NOT NULL,
            position bigint NOT NULL,
            CHECK (value IS NULL OR class IN ('free', 'none')),
            CHECK (sealed IS NULL OR class IN ('identifier', 'name')),
            PRIMARY KEY (tenant_id, person_id, key)
        ) WITH (fillfactor = 85)
        """
    )
    op.execute(
        "CREATE INDEX person_attribute_name ON person_attribute USING gin (grams) WHERE grams IS NOT NULL"
    )
    # Row-level security keeps "contains" away from the index: that operator might tell of rows it refuses.
    # The owner's function filters by brand itself and may use the index.
    op.execute(
        """
        CREATE FUNCTION people_with_grams(wanted bigint[], at_most int) RETURNS SETOF int
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT person_id FROM person_attribute
            WHERE grams @> wanted AND tenant_id = nullif(current_setting('quanyu.tenant', true), '')::int
            LIMIT at_most
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION people_with_grams(bigint[], int) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION people_with_grams(bigint[], int) TO quanyu_app, quanyu_system")


def _housekeeping() -> None:
    # Appended with every change, emptied by the copier: no change is lost while a copy is under way.
    # profile: the attributes or times of this person changed; remapped: who this id is known as changed.
    op.execute(
        """
        CREATE TABLE person_change (
            tenant_id int NOT NULL,
            seq bigint GENERATED ALWAYS AS IDENTITY,
            person_id int NOT NULL,
            profile boolean NOT NULL,
            remapped boolean NOT NULL,
            PRIMARY KEY (tenant_id, seq)
        )
        """
    )
