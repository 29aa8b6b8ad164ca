import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { customersQuery } from "../../../api/wecom/staff";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { SearchBox } from "../../../ui/SearchBox";
import { useFormat } from "../../../ui/useFormat";
import { useClearSearch, useSearchState } from "../../../ui/useSearchState";
import { CustomersTable, STATUSES, statusKey } from "./CustomersTable";
import { WAYS } from "./ways";

export default function CustomersPage() {
  const { t } = useI18n();
  const format = useFormat();
  const [q, setQ] = useSearchState("q");
  const [status, setStatus] = useSearchState("status");
  const [way, setWay] = useSearchState("way");
  const [state] = useSearchState("state");
  const clear = useClearSearch();
  const customers = useInfiniteQuery(
    customersQuery({
      q: q || undefined,
      status: status || undefined,
      add_way: way || undefined,
      state: state || undefined,
    }),
  );
  const rows = customers.data?.pages.flatMap((page) => page.items);
  const total = customers.data?.pages[0]?.total;
  const isFiltered = Boolean(q || status || way || state);
  return (
    <Page
      title={t("nav.customers")}
      lead={
        total == null
          ? t("wecom.customers.lead")
          : t("wecom.customers.total", { count: format.count(total), n: total })
      }
      actions={
        <>
          <SearchBox value={q} onChange={setQ} label={t("wecom.customers.search")} />
          <Select
            allowClear
            aria-label={t("wecom.customers.status")}
            placeholder={t("wecom.customers.status")}
            value={status || undefined}
            onChange={(chosen: string | undefined) => setStatus(chosen ?? "")}
            options={STATUSES.map((each) => ({ value: each, label: t(statusKey(each)) }))}
            style={{ width: 150 }}
          />
          <Select
            allowClear
            showSearch
            optionFilterProp="label"
            aria-label={t("wecom.customers.way")}
            placeholder={t("wecom.customers.way")}
            value={way || undefined}
            onChange={(chosen: string | undefined) => setWay(chosen ?? "")}
            options={WAYS.map(([value, label]) => ({ value, label: t(label) }))}
            style={{ width: 170 }}
          />
        </>
      }
    >
      <Panel flush>
        <CustomersTable
          rows={rows}
          error={customers.error}
          onRetry={customers.refetch}
          empty={isFiltered ? <NobodyFound onClear={clear} /> : <NobodyYet />}
        />
        <LoadMore pager={customers} />
      </Panel>
    </Page>
  );
}

function NobodyFound({ onClear }: { onClear: () => void }) {
  const { t } = useI18n();
  return (
    <EmptyState
      title={t("wecom.customers.notFound")}
      action={<Button onClick={onClear}>{t("filter.clear")}</Button>}
    >
      {t("wecom.customers.notFound.text")}
    </EmptyState>
  );
}

export function NobodyYet() {
  const { t } = useI18n();
  return <EmptyState title={t("wecom.customers.empty")}>{t("wecom.customers.empty.text")}</EmptyState>;
}
