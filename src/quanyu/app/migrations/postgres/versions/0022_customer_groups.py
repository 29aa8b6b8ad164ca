"""Customer groups, their people, the codes that lead into them, welcomes and invitations."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0022_customer_groups"
down_revision = "0021_live_code_states"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _groups()
    _welcomes()
    _codes()
    _invitations()


def _groups() -> None:
    # The four axes of GC-8 are words of the brand's own; a group is read by what `fetch_due_at` says.
    op.execute(
        """
        CREATE TABLE customer_group (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            chat_id text NOT NULL,
            name text NOT NULL DEFAULT '',
            owner text NOT NULL DEFAULT '',
            notice text NOT NULL DEFAULT '',
            opened_at timestamptz,
            state text NOT NULL CHECK (state IN ('active', 'dismissed')),
            dismissed_at timestamptz,
            handover int NOT NULL DEFAULT 0,
            member_version text NOT NULL DEFAULT '',
            members int NOT NULL DEFAULT 0,
            customers int NOT NULL DEFAULT 0,
            source_channel text NOT NULL DEFAULT '',
            member_attribute text NOT NULL DEFAULT '',
            behaviour_type text NOT NULL DEFAULT '',
            funnel_stage text NOT NULL DEFAULT '',
            purpose text NOT NULL DEFAULT '',
            rules_text text NOT NULL DEFAULT '',
            store text NOT NULL DEFAULT '',
            opens_on date,
            closes_on date,
            welcome_id bigint,
            fetch_due_at timestamptz,
            fetch_attempts int NOT NULL DEFAULT 0,
            fetch_reason text NOT NULL DEFAULT '',
            fetched_at timestamptz,
            changes bigint NOT NULL DEFAULT 0,
            event_at timestamptz,
            quit_at timestamptz,
            quit_scenes int NOT NULL DEFAULT 0,
            sync_id bigint,
            first_seen_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, corp_id, chat_id)
        )
        """
    )
    op.execute(
        "CREATE INDEX customer_group_due ON customer_group (tenant_id, fetch_due_at) "
        "WHERE fetch_due_at IS NOT NULL"
    )
    op.execute("CREATE INDEX customer_group_owner ON customer_group (tenant_id, corp_id, owner)")
    op.execute(
        """
        CREATE TABLE group_member (
            tenant_id int NOT NULL,
            group_id bigint NOT NULL,
            token bytea NOT NULL,
            joined_at timestamptz NOT NULL,
            is_customer boolean NOT NULL,
            userid text NOT NULL DEFAULT '',
            external_sealed bytea,
            unionid_sealed bytea,
            name_sealed bytea,
            person_id int,
            join_scene int NOT NULL DEFAULT 0,
            invitor text NOT NULL DEFAULT '',
            way_state text NOT NULL DEFAULT '',
            code_id bigint,
            is_synthetic boolean NOT NULL DEFAULT false,
            left_at timestamptz,
            leave_scene int,
            PRIMARY KEY (tenant_id, group_id, token, joined_at),
            FOREIGN KEY (tenant_id, group_id) REFERENCES customer_group ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX group_member_token ON group_member (tenant_id, token)")
    op.execute(
        "CREATE INDEX group_member_person ON group_member (tenant_id, person_id) WHERE person_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX group_member_code ON group_member (tenant_id, code_id) WHERE code_id IS NOT NULL"
    )
    op.execute(
        """
        CREATE TABLE group_handover (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            group_id bigint NOT NULL,
            old_owner text NOT NULL,
            new_owner text NOT NULL DEFAULT '',
            state text NOT NULL CHECK (state IN ('open', 'done')),
            opened_at timestamptz NOT NULL,
            done_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, group_id) REFERENCES customer_group ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX group_handover_open ON group_handover (tenant_id, group_id) WHERE state = 'open'"
    )
    op.execute(
        """
        CREATE TABLE group_sync (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
            cursor text NOT NULL DEFAULT '',
            listed int NOT NULL DEFAULT 0,
            attempts int NOT NULL DEFAULT 0,
            reason text NOT NULL DEFAULT '',
            next_step_at timestamptz NOT NULL,
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX group_sync_running ON group_sync (tenant_id, corp_id) WHERE state = 'running'"
    )
    for table in ("customer_group", "group_member", "group_handover", "group_sync"):
        tenant_table(table)


def _welcomes() -> None:
    op.execute(
        """
        CREATE TABLE group_welcome (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            name text NOT NULL,
            content jsonb NOT NULL,
            notify boolean NOT NULL DEFAULT true,
            template_id text NOT NULL DEFAULT '',
            state text NOT NULL CHECK (state IN ('saving', 'ready', 'failed', 'deleting', 'deleted')),
            lost int NOT NULL DEFAULT 0,
            attempts int NOT NULL DEFAULT 0,
            reason text NOT NULL DEFAULT '',
            due_at timestamptz,
            version int NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    tenant_table("group_welcome")


def _codes() -> None:
    op.execute(
        """
        CREATE TABLE group_code (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            token text NOT NULL UNIQUE,
            draft jsonb NOT NULL,
            state text NOT NULL CHECK (state IN ('active', 'paused', 'archived')),
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    # One way into groups: a join way of the platform, or a picture somebody uploaded. A join way is asked for
    # and changed by what `wanted` and `actual` say: the intent is here before the call.
    op.execute(
        """
        CREATE TABLE group_code_target (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            code_id bigint NOT NULL,
            position int NOT NULL,
            kind text NOT NULL CHECK (kind IN ('way', 'image')),
            draft jsonb NOT NULL,
            is_removed boolean NOT NULL DEFAULT false,
            group_ids bigint[] NOT NULL DEFAULT '{}',
            way_state text,
            config_id text NOT NULL DEFAULT '',
            qr_url text NOT NULL DEFAULT '',
            wanted text NOT NULL DEFAULT '',
            actual text NOT NULL DEFAULT '',
            status text NOT NULL DEFAULT 'ready'
                CHECK (status IN ('wanted', 'ready', 'failed', 'deleting', 'deleted')),
            lost int NOT NULL DEFAULT 0,
            attempts int NOT NULL DEFAULT 0,
            reason text NOT NULL DEFAULT '',
            due_at timestamptz,
            picture bytea,
            picture_type text NOT NULL DEFAULT '',
            expires_at timestamptz,
            warned_at timestamptz,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, code_id) REFERENCES group_code ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX group_code_target_code ON group_code_target (tenant_id, code_id)")
    op.execute(
        "CREATE UNIQUE INDEX group_code_target_state ON group_code_target (tenant_id, way_state) "
        "WHERE way_state IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX group_code_target_due ON group_code_target (tenant_id, due_at) WHERE due_at IS NOT NULL"
    )
    # Who was shown what: visitors of a picture are counted against its limit, and see the same one again.
    op.execute(
        """
        CREATE TABLE group_code_visit (
            tenant_id int NOT NULL,
            code_id bigint NOT NULL,
            visitor bytea NOT NULL,
            day date NOT NULL,
            target_id bigint NOT NULL DEFAULT 0,
            outcome text NOT NULL,
            person_id int,
            send_id bigint,
            source text NOT NULL DEFAULT '',
            seen_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, code_id, visitor, day)
        )
        """
    )
    op.execute("CREATE INDEX group_code_visit_target ON group_code_visit (tenant_id, target_id)")
    # What a join brought with it, so that leaving takes back just that, once.
    op.execute(
        """
        CREATE TABLE group_join_effect (
            tenant_id int NOT NULL,
            group_id bigint NOT NULL,
            token bytea NOT NULL,
            joined_at timestamptz NOT NULL,
            code_id bigint NOT NULL,
            tags text[] NOT NULL DEFAULT '{}',
            stage text NOT NULL DEFAULT '',
            stage_before text NOT NULL DEFAULT '',
            applied_at timestamptz NOT NULL,
            reversed_at timestamptz,
            PRIMARY KEY (tenant_id, group_id, token, joined_at)
        )
        """
    )
    for table in ("group_code", "group_code_target", "group_code_visit", "group_join_effect"):
        tenant_table(table)


def _invitations() -> None:
    op.execute(
        """
        CREATE TABLE group_invitation (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            code_id bigint NOT NULL,
            draft jsonb NOT NULL,
            state text NOT NULL CHECK (state IN ('draft', 'sending', 'waiting', 'done', 'stopped')),
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            ended_at timestamptz,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    # One mass message for one member; `mark` is in its link, so that it can be found after a lost answer.
    op.execute(
        """
        CREATE TABLE group_invitation_send (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            invitation_id bigint NOT NULL,
            userid text NOT NULL,
            mark text NOT NULL,
            msgid text NOT NULL DEFAULT '',
            media_id text NOT NULL DEFAULT '',
            state text NOT NULL CHECK (state IN
                ('planned', 'asked', 'waiting', 'confirmed', 'failed', 'expired', 'stopping', 'stopped')),
            asked_at timestamptz,
            confirmed_at timestamptz,
            reminded_at timestamptz[] NOT NULL DEFAULT '{}',
            attempts int NOT NULL DEFAULT 0,
            polls int NOT NULL DEFAULT 0,
            reason text NOT NULL DEFAULT '',
            due_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, invitation_id) REFERENCES group_invitation ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX group_invitation_send_due ON group_invitation_send (tenant_id, due_at) "
        "WHERE due_at IS NOT NULL"
    )
    op.execute(
        """
        CREATE TABLE group_invitee (
            tenant_id int NOT NULL,
            invitation_id bigint NOT NULL,
            token bytea NOT NULL,
            userid text NOT NULL,
            send_id bigint,
            person_id int,
            external_sealed bytea NOT NULL,
            excluded text NOT NULL DEFAULT '',
            status text NOT NULL DEFAULT 'planned' CHECK (status IN
                ('planned', 'excluded', 'waiting', 'sent', 'not_friend', 'quota', 'failed', 'not_sent')),
            sent_at timestamptz,
            PRIMARY KEY (tenant_id, invitation_id, token, userid),
            FOREIGN KEY (tenant_id, invitation_id) REFERENCES group_invitation ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX group_invitee_token ON group_invitee (tenant_id, token)")
    for table in ("group_invitation", "group_invitation_send", "group_invitee"):
        tenant_table(table)
