import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input, Select, Tabs } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { alikeQuery, type CompanyRow, companiesQuery, companyAttributesQuery } from "../../api/companies";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { useFormat } from "../../ui/useFormat";
import { useClearSearch, useSearchState } from "../../ui/useSearchState";
import { AlikePairs } from "./AlikePairs";
import { CompanyForm } from "./CompanyForm";
import styles from "./companies.module.css";
import { AccountSegments } from "./segments/AccountSegments";

const TABS = ["list", "alike", "segments"] as const;

/** All companies the brand deals with, and those that may be one. */
export default function CompaniesPage() {
  const { t } = useI18n();
  const format = useFormat();
  const [isCreating, setCreating] = useState(false);
  const [tab, setTab] = useSearchState("tab");
  const { data: alike } = useQuery(alikeQuery());
  const suggested = alike?.items.length ?? 0;
  const create = (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t("companies.new")}
    </Button>
  );
  return (
    <Page title={t("nav.companies")} lead={t("companies.lead")} actions={create}>
      <Tabs
        activeKey={TABS.find((one) => one === tab) ?? "list"}
        onChange={(key) => setTab(key === "list" ? "" : key)}
        destroyOnHidden
        items={[
          { key: "list", label: t("companies.list"), children: <CompanyList create={create} /> },
          {
            key: "alike",
            label: suggested ? `${t("companies.alike")} ${format.count(suggested)}` : t("companies.alike"),
            children: <AlikePairs />,
          },
          { key: "segments", label: t("accounts.tab"), children: <AccountSegments /> },
        ]}
      />
      {isCreating && <CompanyForm onClose={() => setCreating(false)} />}
    </Page>
  );
}

function CompanyList({ create }: { create: React.ReactNode }) {
  const { t } = useI18n();
  const format = useFormat();
  const [q, setQ] = useSearchState("q");
  const [only, setOnly] = useSearchState("only");
  const [attribute, setAttribute] = useSearchState("attribute");
  const [value, setValue] = useSearchState("value");
  const clear = useClearSearch();
  const companies = useInfiniteQuery(
    companiesQuery({
      q: q || undefined,
      is_top: only === "top" ? "true" : undefined,
      has_contacts: only === "with" ? "true" : only === "without" ? "false" : undefined,
      attribute: attribute || undefined,
      value: value || undefined,
    }),
  );
  const total = companies.data?.pages[0]?.total;
  const isFiltered = Boolean(q || only || attribute);
  return (
    <Panel
      flush
      title={total == null ? " " : t("companies.total", { count: format.count(total), n: total })}
      extra={
        <>
          <SearchBox value={q} onChange={setQ} label={t("companies.search")} />
          <OnlyFilter value={only} onChange={setOnly} />
          <AttributeFilter value={attribute} onChange={setAttribute} />
          {attribute && (
            <Input
              aria-label={t("companies.value")}
              placeholder={t("companies.value")}
              value={value}
              maxLength={200}
              onChange={(event) => setValue(event.target.value)}
              style={{ width: 130 }}
            />
          )}
        </>
      }
    >
      <DataTable
        label={t("nav.companies")}
        columns={useColumns()}
        rows={companies.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.id}
        error={companies.error}
        onRetry={companies.refetch}
        testId="companies"
        empty={
          isFiltered ? (
            <EmptyState
              title={t("companies.notFound")}
              action={<Button onClick={clear}>{t("filter.clear")}</Button>}
            />
          ) : (
            <EmptyState title={t("companies.empty")} action={create}>
              {t("companies.empty.text")}
            </EmptyState>
          )
        }
      />
      <LoadMore pager={companies} />
    </Panel>
  );
}

function useColumns(): Column<CompanyRow>[] {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  return [
    {
      key: "name",
      title: t("companies.name"),
      lead: true,
      render: (row) => (
        <span className={styles.sums}>
          <Link to={`/companies/${row.id}`}>{row.name || row.id}</Link>
          <small className="muted">{[row.external_id, row.domain].filter(Boolean).join(" · ")}</small>
        </span>
      ),
    },
    {
      key: "parent",
      title: t("companies.parent"),
      render: (row) => (row.parent ? <Link to={`/companies/${row.parent.id}`}>{row.parent.name}</Link> : "–"),
    },
    {
      key: "owner",
      title: t("companies.owner"),
      render: (row) => (row.owner ? row.owner.name || t("companies.owner.left") : "–"),
    },
    {
      key: "contacts",
      title: t("companies.contacts"),
      align: "end",
      render: (row) => format.count(row.contacts),
    },
    {
      key: "children",
      title: t("companies.children"),
      align: "end",
      render: (row) => format.count(row.children),
    },
    { key: "updated", title: t("companies.updated"), render: (row) => ago(row.updated_at) },
  ];
}

interface FilterProps {
  value: string;
  onChange: (value: string) => void;
}

function OnlyFilter({ value, onChange }: FilterProps) {
  const { t } = useI18n();
  return (
    <Select
      allowClear
      aria-label={t("companies.only")}
      placeholder={t("companies.only")}
      value={value || undefined}
      onChange={(next: string | undefined) => onChange(next ?? "")}
      options={(["top", "with", "without"] as const).map((one) => ({
        value: one,
        label: t(`companies.only.${one}`),
      }))}
      style={{ width: 150, maxWidth: "100%" }}
    />
  );
}

function AttributeFilter({ value, onChange }: FilterProps) {
  const { t } = useI18n();
  const { data } = useQuery(companyAttributesQuery);
  return (
    <Select
      allowClear
      showSearch
      aria-label={t("companies.attribute")}
      placeholder={t("companies.attribute")}
      value={value || undefined}
      onChange={(next: string | undefined) => onChange(next ?? "")}
      options={data?.items.map((key) => ({ value: key, label: key }))}
      style={{ width: 150, maxWidth: "100%" }}
    />
  );
}
