import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { type Member, type MemberLink, membersQuery } from "../../api/members";
import { useAgo, useSession, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { Tag, type Tone } from "../../ui/Tag";
import { useSearchState } from "../../ui/useSearchState";
import { InviteForm } from "./InviteForm";
import { MemberActions } from "./MemberActions";
import styles from "./members.module.css";
import { useRoleName } from "./words";

const TONES: Record<Member["state"], Tone> = { active: "jade", invited: "amber", disabled: "plain" };

/** Who works in the brand, as what; and who is invited to. */
export default function MembersPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(membersQuery);
  const [isInviting, setInviting] = useState(false);
  const [link, setLink] = useState<MemberLink | null>(null);
  const [asked, setAsked] = useSearchState("q");
  const wanted = asked.trim().toLowerCase();
  const rows = data?.items.filter((one) => `${one.name} ${one.email ?? ""}`.toLowerCase().includes(wanted));
  const columns = useColumns(setLink);
  return (
    <Page
      title={t("nav.members")}
      lead={t("members.lead")}
      actions={
        <Button type="primary" onClick={() => setInviting(true)}>
          {t("members.invite")}
        </Button>
      }
    >
      {link && <ShownOnce link={link} onClose={() => setLink(null)} />}
      <SearchBox value={asked} onChange={setAsked} label={t("members.search")} />
      <Panel flush>
        <DataTable
          label={t("nav.members")}
          testId="members-table"
          columns={columns}
          rows={rows}
          rowKey={(member) => member.id}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("members.notFound")}>{t("members.notFound.text")}</EmptyState>}
        />
      </Panel>
      {isInviting && <InviteForm onClose={() => setInviting(false)} onMade={setLink} />}
    </Page>
  );
}

function ShownOnce({ link, onClose }: { link: MemberLink; onClose: () => void }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <Alert
      type="success"
      closable={{ onClose }}
      title={t("members.link", { until: formatDateTime(link.expires_at, zone) })}
      description={
        <span className={styles.link}>
          <code className="mono" data-testid="member-link">
            {link.url}
          </code>
          <CopyButton text={link.url} />
        </span>
      }
    />
  );
}

function useColumns(onLink: (link: MemberLink) => void): Column<Member>[] {
  const { t } = useI18n();
  const { session } = useSession();
  const ago = useAgo();
  const zone = useZone();
  const roleName = useRoleName();
  return [
    {
      key: "name",
      title: t("members.name"),
      lead: true,
      render: (member) => (
        <>
          {member.name || member.email}
          {member.id === session.user.id && <span className="muted"> {t("members.you")}</span>}
          {member.name && member.email && <span className={styles.below}>{member.email}</span>}
        </>
      ),
    },
    {
      key: "role",
      title: t("members.role"),
      render: (member) => roleName(member.role, member.role_name),
    },
    {
      key: "state",
      title: t("members.state"),
      render: (member) => (
        <>
          <Tag tone={TONES[member.state]}>{t(`members.state.${member.state}`)}</Tag>
          {member.state === "invited" && (
            <span className={styles.below}>
              {member.invited_until &&
                t("members.until", { until: formatDateTime(member.invited_until, zone) })}
            </span>
          )}
        </>
      ),
    },
    {
      key: "seen",
      title: t("members.seen"),
      render: (member) => (member.last_seen_at ? ago(member.last_seen_at) : "—"),
    },
    {
      key: "actions",
      title: t("members.actions"),
      align: "end",
      render: (member) => <MemberActions member={member} onLink={onLink} />,
    },
  ];
}
