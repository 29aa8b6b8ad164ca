import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { Link } from "react-router";
import { discardQuarantine, quarantineQuery, releaseQuarantine } from "../../api/events";
import type { Quarantined } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { useEventName } from "../../ui/useEventName";
import styles from "./events.module.css";
import { eventPath } from "./paths";

/** Events that were kept aside, of one name or of all; nothing shows where there are none. */
export function QuarantinePanel({ name }: { name?: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const found = useInfiniteQuery(quarantineQuery(name));
  const columns = useColumns(name === undefined);
  const refresh = () => queries.invalidateQueries({ queryKey: ["quarantine"] });
  const release = useMutation({
    mutationFn: (anyway: boolean) => releaseQuarantine(name, anyway),
    onSettled: refresh,
  });
  const discard = useMutation({ mutationFn: () => discardQuarantine(name), onSettled: refresh });
  const rows = found.data?.pages.flatMap((page) => page.items);
  const failed = release.error ?? discard.error;
  if (!rows?.length && !release.data && !failed) return null;
  return (
    <Panel flush title={t("quarantine.title")} testId="event-quarantine">
      <p className={styles.note}>{t("quarantine.text")}</p>
      <div className={`${styles.tools} ${styles.note}`}>
        <Button type="primary" loading={release.isPending} onClick={() => release.mutate(false)}>
          {t("quarantine.release")}
        </Button>
        <Button loading={release.isPending} onClick={() => release.mutate(true)}>
          {t("quarantine.anyway")}
        </Button>
        <Popconfirm title={t("quarantine.discard.sure")} onConfirm={() => discard.mutate()}>
          <Button danger loading={discard.isPending}>
            {t("quarantine.discard")}
          </Button>
        </Popconfirm>
        {release.data && (
          <span>{t("quarantine.done", { released: release.data.released, kept: release.data.kept })}</span>
        )}
      </div>
      {failed && <ErrorNotice error={failed} />}
      <DataTable
        label={t("quarantine.title")}
        columns={columns}
        rows={rows}
        rowKey={(one) => one.id}
        empty={null}
      />
      <LoadMore pager={found} />
    </Panel>
  );
}

function useColumns(withName: boolean): Column<Quarantined>[] {
  const { t } = useI18n();
  const ago = useAgo();
  const inWords = useEventName();
  const names: Column<Quarantined>[] = [
    {
      key: "name",
      title: t("catalogue.event"),
      lead: true,
      render: (one) => <Link to={eventPath(one.name)}>{inWords(one.name)}</Link>,
    },
  ];
  return [
    ...(withName ? names : []),
    {
      key: "id",
      title: t("quarantine.id"),
      lead: !withName,
      render: (one) => <code className={`mono ${styles.wrap}`}>{one.message_id}</code>,
    },
    { key: "source", title: t("catalogue.sources"), render: (one) => one.source },
    {
      key: "why",
      title: t("quarantine.why"),
      wide: true,
      width: "44%",
      render: (one) => (
        <span className={styles.name}>
          {one.violations.map((violation) => (
            <span key={`${violation.key}\n${violation.problem}`}>
              {t(`issue.${violation.problem}`)} {violation.key && <code>{violation.key}</code>}{" "}
              {violation.shown && <span className="muted">{violation.shown}</span>}
            </span>
          ))}
        </span>
      ),
    },
    { key: "at", title: t("quarantine.at"), align: "end", render: (one) => ago(one.received_at) },
  ];
}
