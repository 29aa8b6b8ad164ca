import { useQuery } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { quotasQuery } from "../../../api/channels";
import type { ChannelAccount, Quotas } from "../../../api/types";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";
import styles from "../channels.module.css";

type Quota = Quotas["items"][number];

/** The share below which a call is about to run out. */
const LOW = 0.1;

/** What is left of each call today. Asking costs calls, so it waits for a person who wants to know. */
export function QuotaPanel({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  const ago = useAgo();
  const { data, error, isFetching, refetch } = useQuery({ ...quotasQuery(account.id), enabled: false });
  const columns = useColumns();
  return (
    <Panel
      flush
      testId="quotas"
      title={t("quota.title")}
      extra={
        <>
          {data && `${t("quota.asOf", { ago: ago(data.asked_at) })} `}
          <Button size="small" loading={isFetching} onClick={() => refetch()}>
            {t("quota.ask")}
          </Button>
        </>
      }
    >
      <p className={styles.flushText}>{t("quota.text")}</p>
      {error && !isFetching && <ErrorNotice error={error} onRetry={refetch} />}
      {(data || isFetching) && (
        <DataTable
          label={t("quota.title")}
          columns={columns}
          rows={data?.items}
          rowKey={(quota) => quota.path}
          empty={null}
        />
      )}
    </Panel>
  );
}

function useColumns(): Column<Quota>[] {
  const { t, locale } = useI18n();
  const format = useFormat();
  const count = (value: number | null) => (value === null ? "–" : format.count(value));
  return [
    {
      key: "call",
      title: t("quota.call"),
      lead: true,
      render: (quota) => (
        <>
          {locale === "zh" ? quota.name_zh : quota.name_en}
          {quota.remain === null && (
            <small className={`muted ${styles.below}`}>
              {locale === "zh" ? quota.error_zh : quota.error_en}
            </small>
          )}
        </>
      ),
    },
    { key: "used", title: t("quota.used"), align: "end", render: (quota) => count(quota.used) },
    { key: "limit", title: t("quota.limit"), align: "end", render: (quota) => count(quota.daily_limit) },
    {
      key: "left",
      title: t("quota.left"),
      align: "end",
      render: (quota) => (
        <span className={styles.left}>
          {count(quota.remain)}
          {quota.remain !== null && quota.daily_limit ? (
            <Progress
              percent={(quota.remain / quota.daily_limit) * 100}
              showInfo={false}
              size="small"
              strokeColor={quota.remain / quota.daily_limit < LOW ? "var(--red)" : "var(--jade)"}
              aria-label={t("quota.left")}
            />
          ) : null}
        </span>
      ),
    },
  ];
}
