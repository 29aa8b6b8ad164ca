import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { endOtherSessions, endSession, type OwnSession, sessionsQuery } from "../../api/account";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { deviceOf } from "./device";
import styles from "./security.module.css";

/** Where one is signed in, and ending that. */
export function SessionsPanel() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(sessionsQuery);
  const settled = () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  const end = useMutation({ mutationFn: endSession, onSettled: settled });
  const endOthers = useMutation({ mutationFn: endOtherSessions, onSettled: settled });
  const failed = end.error ?? endOthers.error;
  return (
    <Panel
      title={t("sessions.title")}
      testId="own-sessions"
      flush
      extra={
        <Popconfirm
          title={t("sessions.endOthers.ask")}
          okText={t("sessions.endOthers")}
          onConfirm={() => endOthers.mutate()}
        >
          <Button size="small" loading={endOthers.isPending} disabled={(data?.items.length ?? 0) < 2}>
            {t("sessions.endOthers")}
          </Button>
        </Popconfirm>
      }
    >
      {failed && <ErrorNotice error={failed} />}
      <DataTable
        label={t("sessions.title")}
        columns={useColumns((session) => end.mutate(session.id))}
        rows={data?.items}
        rowKey={(session) => session.id}
        error={error}
        onRetry={refetch}
        empty={null}
      />
    </Panel>
  );
}

function useColumns(onEnd: (session: OwnSession) => void): Column<OwnSession>[] {
  const { t } = useI18n();
  const ago = useAgo();
  const zone = useZone();
  return [
    {
      key: "device",
      title: t("sessions.device"),
      lead: true,
      render: (session) => (
        <span title={session.user_agent}>
          {deviceOf(session.user_agent) || t("sessions.unknown")}{" "}
          {session.is_current && <Tag tone="jade">{t("sessions.current")}</Tag>}
          <span className={styles.below}>{session.address}</span>
        </span>
      ),
    },
    { key: "seen", title: t("sessions.seen"), render: ({ last_seen_at: seen }) => (seen ? ago(seen) : "—") },
    {
      key: "since",
      title: t("sessions.since"),
      render: ({ created_at }) => formatDateTime(created_at, zone),
    },
    {
      key: "actions",
      title: t("members.actions"),
      align: "end",
      render: (session) =>
        !session.is_current && (
          <Button size="small" onClick={() => onEnd(session)}>
            {t("sessions.end")}
          </Button>
        ),
    },
  ];
}
