import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Progress, Select } from "antd";
import { Link, useNavigate } from "react-router";
import { type CodeQuota, type LiveCodeRow, liveCodesQuery } from "../../../api/wecom/codes";
import { formatCalendarDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { SearchBox } from "../../../ui/SearchBox";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";
import styles from "./codes.module.css";
import { PushTag, StatusTags } from "./words";

const STATUSES = ["live", "paused", "ended", "deleted"] as const;

export default function CodesPage() {
  const { t } = useI18n();
  const go = useNavigate();
  const [q, setQ] = useSearchState("q");
  const [status, setStatus] = useSearchState("status");
  const codes = useInfiniteQuery(liveCodesQuery({ q: q || undefined, status: status || undefined }));
  const quotas = codes.data?.pages[0]?.quotas ?? [];
  const create = (
    <Button type="primary" onClick={() => go("/codes/new")}>
      {t("wecom.codes.create")}
    </Button>
  );
  return (
    <Page
      title={t("nav.liveCodes")}
      lead={t("wecom.codes.lead")}
      actions={
        <>
          <SearchBox value={q} onChange={setQ} label={t("wecom.codes.search")} />
          <Select
            allowClear
            aria-label={t("wecom.codes.status")}
            placeholder={t("wecom.codes.status")}
            value={status || undefined}
            onChange={(chosen?: string) => setStatus(chosen ?? "")}
            options={STATUSES.map((value) => ({ value, label: t(`wecom.codes.status.${value}`) }))}
            style={{ width: 120 }}
          />
          {create}
        </>
      }
    >
      {quotas.length > 0 && <Quotas quotas={quotas} />}
      <Panel flush>
        <DataTable
          label={t("nav.liveCodes")}
          columns={useColumns()}
          rows={codes.data?.pages.flatMap((page) => page.items)}
          rowKey={(row) => row.id}
          error={codes.error}
          onRetry={codes.refetch}
          testId="live-codes"
          empty={
            q || status ? (
              <EmptyState title={t("wecom.codes.notFound")} />
            ) : (
              <EmptyState title={t("wecom.codes.empty")} action={create}>
                {t("wecom.codes.empty.text")}
              </EmptyState>
            )
          }
        />
        <LoadMore pager={codes} />
      </Panel>
    </Page>
  );
}

function useColumns(): Column<LiveCodeRow>[] {
  const { t } = useI18n();
  const format = useFormat();
  return [
    {
      key: "name",
      title: t("wecom.codes.name"),
      lead: true,
      render: (row) => <Link to={`/codes/${row.id}`}>{row.name}</Link>,
    },
    { key: "status", title: t("wecom.codes.status"), render: (row) => <StatusTags row={row} /> },
    {
      key: "serving",
      title: t("wecom.codes.serving"),
      render: (row) => row.serving.slice(0, 3).join("、") + (row.serving.length > 3 ? " …" : "") || "–",
    },
    {
      key: "adds",
      title: t("wecom.codes.addsToday"),
      align: "end",
      render: (row) => (
        <>
          {format.count(row.adds_today)}{" "}
          {row.over_cap_today > 0 && (
            <Tag tone="amber">{t("wecom.codes.overCap", { count: format.count(row.over_cap_today) })}</Tag>
          )}
        </>
      ),
    },
    { key: "push", title: t("wecom.codes.push"), render: (row) => <PushTag push={row.push} /> },
  ];
}

function Quotas({ quotas }: { quotas: readonly CodeQuota[] }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  return (
    <Panel title={t("wecom.codes.quota")} testId="code-quota">
      <div className={styles.quotas}>
        {quotas.map((quota) => (
          <div key={quota.corp} className={styles.quota}>
            <span className="num">
              {t("wecom.codes.quota.used", {
                used: format.count(quota.used),
                limit: format.count(quota.limit),
              })}
            </span>
            <Progress
              percent={Math.min(100, (quota.used / quota.limit) * 100)}
              showInfo={false}
              size="small"
              aria-label={t("wecom.codes.quota")}
            />
            <small>
              {t("wecom.codes.quota.parts", {
                ways: format.count(quota.ways),
                join: format.count(quota.join_ways),
                foreign: format.count(quota.foreign),
              })}
            </small>
            <small>
              {quota.exhausted_on
                ? t("wecom.codes.quota.until", { date: formatCalendarDate(quota.exhausted_on, tag) })
                : t("wecom.codes.quota.never")}
            </small>
          </div>
        ))}
      </div>
    </Panel>
  );
}
