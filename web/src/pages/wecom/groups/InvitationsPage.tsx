import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Popconfirm, Progress } from "antd";
import { useState } from "react";
import {
  type Invitation,
  invitationStaffQuery,
  invitationsQuery,
  remindInvitation,
  type StaffSend,
  stopInvitation,
} from "../../../api/wecom/groups";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import styles from "./groups.module.css";
import { InvitationWizard } from "./InvitationWizard";

const WIDTH = 720;

/** Chosen customers are invited into groups by the members who have them. */
export default function InvitationsPage() {
  const { t } = useI18n();
  const invitations = useQuery(invitationsQuery);
  const [shown, setShown] = useState("");
  const [isNew, setNew] = useState(false);
  const one = invitations.data?.items.find((each) => each.id === shown);
  const create = (
    <Button type="primary" onClick={() => setNew(true)}>
      {t("wecom.invitations.create")}
    </Button>
  );
  return (
    <Page title={t("nav.groupInvitations")} lead={t("wecom.invitations.lead")} actions={create}>
      <Panel flush>
        <DataTable
          label={t("nav.groupInvitations")}
          columns={useColumns(setShown)}
          rows={invitations.data?.items}
          rowKey={(each) => each.id}
          error={invitations.error}
          onRetry={invitations.refetch}
          testId="group-invitations"
          empty={
            <EmptyState title={t("wecom.invitations.empty")} action={create}>
              {t("wecom.invitations.lead")}
            </EmptyState>
          }
        />
      </Panel>
      {isNew && <InvitationWizard onClose={() => setNew(false)} onStarted={setShown} />}
      {one && <Report invitation={one} onClose={() => setShown("")} />}
    </Page>
  );
}

function useColumns(onShow: (id: string) => void): Column<Invitation>[] {
  const { t } = useI18n();
  const format = useFormat();
  return [
    {
      key: "name",
      title: t("wecom.invitations.name"),
      lead: true,
      render: (one) => (
        <Button type="link" style={{ padding: 0 }} onClick={() => onShow(one.id)}>
          {one.draft.name}
        </Button>
      ),
    },
    {
      key: "state",
      title: t("wecom.groups.state"),
      render: (one) => (
        <Tag tone={one.state === "done" ? "jade" : one.state === "waiting" ? "blue" : "plain"}>
          {t(`wecom.invitations.state.${one.state}`)}
        </Tag>
      ),
    },
    {
      key: "staff",
      title: t("wecom.invitations.confirmed"),
      align: "end",
      render: (one) => `${format.count(one.confirmed_staff)} / ${format.count(one.staff)}`,
    },
    {
      key: "sent",
      title: t("wecom.invitations.sent"),
      align: "end",
      render: (one) => `${format.count(one.sent)} / ${format.count(one.invited)}`,
    },
    {
      key: "joined",
      title: t("wecom.invitations.joined"),
      align: "end",
      render: (one) =>
        one.sent > 0 ? `${format.count(one.joined)} · ${format.share(one.joined, one.sent)}` : "–",
    },
  ];
}

function Report({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const staff = useQuery(invitationStaffQuery(invitation.id));
  const figures = ["invited", "sent", "not_friend", "over_quota", "visited", "joined"] as const;
  return (
    <Drawer open onClose={onClose} size={WIDTH} title={invitation.draft.name}>
      <div className={styles.stack} data-testid="invitation-report">
        <Progress
          percent={invitation.staff ? Math.round((invitation.confirmed_staff / invitation.staff) * 100) : 0}
          aria-label={t("wecom.invitations.confirmed")}
        />
        <dl className={styles.totals}>
          {figures.map((name) => (
            <div key={name}>
              <dt>{t(`wecom.invitations.${name}`)}</dt>
              <dd className="num">{format.count(invitation[name])}</dd>
            </div>
          ))}
        </dl>
        <Excluded excluded={invitation.excluded} />
        <DataTable
          label={t("nav.staff")}
          columns={useStaffColumns()}
          rows={staff.data?.items}
          rowKey={(send) => send.id}
          error={staff.error}
          onRetry={staff.refetch}
          empty={null}
        />
        <Acts invitation={invitation} />
      </div>
    </Drawer>
  );
}

/** Who is left out, and why. */
export function Excluded({ excluded }: { excluded: Invitation["excluded"] }) {
  const { t } = useI18n();
  const format = useFormat();
  if (excluded.length === 0) return null;
  return (
    <ul className={styles.excluded}>
      {excluded.map((one) => (
        <li key={one.reason}>
          {t(
            `wecom.invitations.excluded.${(["in_group", "duplicate"] as const).find((each) => each === one.reason) ?? "no_sender"}`,
          )}
          {t("wecom.invitations.colon")}
          {format.count(one.count)}
        </li>
      ))}
    </ul>
  );
}

function useStaffColumns(): Column<StaffSend>[] {
  const { t } = useI18n();
  const format = useFormat();
  return [
    { key: "userid", title: t("nav.staff"), lead: true, render: (send) => send.userid },
    {
      key: "state",
      title: t("wecom.groups.state"),
      render: (send) =>
        `${t(`wecom.invitations.send.${send.state}`)} ${send.state === "failed" ? send.reason : ""}`,
    },
    {
      key: "sent",
      title: t("wecom.invitations.sent"),
      align: "end",
      render: (send) => `${format.count(send.sent)} / ${format.count(send.invitees)}`,
    },
    {
      key: "joined",
      title: t("wecom.invitations.joined"),
      align: "end",
      render: (send) => format.count(send.joined),
    },
    {
      key: "reminded",
      title: t("wecom.invitations.reminded"),
      align: "end",
      render: (send) => format.count(send.reminded),
    },
  ];
}

function Acts({ invitation }: { invitation: Invitation }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settle = () => queries.invalidateQueries({ queryKey: ["group-invitations"] });
  const remind = useMutation({ mutationFn: () => remindInvitation(invitation.id), onSettled: settle });
  const stop = useMutation({ mutationFn: () => stopInvitation(invitation.id), onSettled: settle });
  const error = remind.error ?? stop.error;
  if (invitation.state !== "waiting" && invitation.state !== "sending") return null;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      <div className={styles.row}>
        <Button loading={remind.isPending} onClick={() => remind.mutate()}>
          {t("wecom.invitations.remind")}
        </Button>
        <Popconfirm title={t("wecom.invitations.stop.ask")} onConfirm={() => stop.mutate()}>
          <Button danger loading={stop.isPending}>
            {t("wecom.invitations.stop")}
          </Button>
        </Popconfirm>
      </div>
    </>
  );
}
