import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Tabs, TreeSelect } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { departmentsQuery, staffQuery } from "../../../api/wecom/staff";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { SearchBox } from "../../../ui/SearchBox";
import { useFormat } from "../../../ui/useFormat";
import { useClearSearch, useSearchState } from "../../../ui/useSearchState";
import { AlertsTab } from "./AlertsTab";
import { departmentTree, readPlace } from "./departments";
import { StaffTable } from "./StaffTable";
import { SyncsTab } from "./SyncsTab";

export default function StaffPage() {
  const { t } = useI18n();
  const [tab, setTab] = useSearchState("tab");
  return (
    <Page title={t("nav.staff")} lead={t("wecom.staff.lead")}>
      <Tabs
        activeKey={tab || "members"}
        onChange={(key) => setTab(key === "members" ? "" : key)}
        destroyOnHidden
        items={[
          { key: "members", label: t("wecom.staff.tab.members"), children: <MembersTab /> },
          { key: "alerts", label: t("wecom.staff.tab.alerts"), children: <AlertsTab /> },
          { key: "syncs", label: t("wecom.staff.tab.syncs"), children: <SyncsTab /> },
        ]}
      />
    </Page>
  );
}

function MembersTab() {
  const { t } = useI18n();
  const format = useFormat();
  const [q, setQ] = useSearchState("q");
  const [place, setPlace] = useSearchState("department");
  const [left, setLeft] = useSearchState("left");
  const clear = useClearSearch();
  const staff = useInfiniteQuery(
    staffQuery({ ...readPlace(place), q: q || undefined, with_left: left === "1" || undefined }),
  );
  const rows = staff.data?.pages.flatMap((page) => page.items);
  const total = staff.data?.pages[0]?.total;
  const isFiltered = Boolean(q || place);
  return (
    <Panel
      flush
      title={total == null ? null : t("wecom.staff.total", { count: format.count(total), n: total })}
      extra={
        <>
          <SearchBox value={q} onChange={setQ} label={t("wecom.staff.search")} />
          <DepartmentFilter value={place} onChange={setPlace} />
          <Checkbox checked={left === "1"} onChange={(event) => setLeft(event.target.checked ? "1" : "")}>
            {t("wecom.staff.withLeft")}
          </Checkbox>
        </>
      }
    >
      <StaffTable
        rows={rows}
        error={staff.error}
        onRetry={staff.refetch}
        empty={isFiltered ? <NobodyFound onClear={clear} /> : <NobodyYet />}
      />
      <LoadMore pager={staff} />
    </Panel>
  );
}

function DepartmentFilter({ value, onChange }: { value: string; onChange: (place: string) => void }) {
  const { t } = useI18n();
  const { data } = useQuery(departmentsQuery);
  const tree = useMemo(() => departmentTree(data?.items ?? []), [data]);
  return (
    <TreeSelect
      allowClear
      showSearch
      treeDefaultExpandAll
      treeNodeFilterProp="title"
      aria-label={t("wecom.staff.department")}
      placeholder={t("wecom.staff.department")}
      value={value || undefined}
      onChange={(chosen: string | undefined) => onChange(chosen ?? "")}
      treeData={tree}
      style={{ width: 190, maxWidth: "100%" }}
    />
  );
}

function NobodyFound({ onClear }: { onClear: () => void }) {
  const { t } = useI18n();
  return (
    <EmptyState
      title={t("wecom.staff.notFound")}
      action={<Button onClick={onClear}>{t("filter.clear")}</Button>}
    >
      {t("wecom.staff.notFound.text")}
    </EmptyState>
  );
}

function NobodyYet() {
  const { t } = useI18n();
  return (
    <EmptyState
      title={t("wecom.staff.empty")}
      action={<Link to="/channels">{t("wecom.staff.empty.connect")}</Link>}
    >
      {t("wecom.staff.empty.text")}
    </EmptyState>
  );
}
