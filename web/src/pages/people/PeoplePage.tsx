import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Link } from "react-router";
import { matchSummaryQuery } from "../../api/matches";
import { peopleListQuery } from "../../api/peopleLists";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { useFormat } from "../../ui/useFormat";
import { TagFilter } from "../tags/TagSelect";
import { BulkBar } from "./list/BulkBar";
import { ColumnsButton } from "./list/ColumnsButton";
import { ListTable } from "./list/ListTable";
import styles from "./list/list.module.css";
import { isFiltered } from "./list/listing";
import { MoreFilters } from "./list/MoreFilters";
import { OrderSelect } from "./list/OrderSelect";
import { useChosen } from "./list/useChosen";
import { useListing } from "./list/useListing";
import { ViewsMenu } from "./list/ViewsMenu";

export default function PeoplePage() {
  const { t } = useI18n();
  const format = useFormat();
  const { listing, change, narrow } = useListing();
  const { filter } = listing;
  const chosen = useChosen(filter);
  const people = useInfiniteQuery(peopleListQuery(listing));
  const rows = people.data?.pages.flatMap((page) => page.items);
  const total = people.data?.pages[0]?.total;
  const clear = () => change({ filter: {} });
  return (
    <Page
      title={t("nav.people")}
      lead={total == null ? t("people.lead") : t("people.total", { count: format.count(total), n: total })}
      actions={
        <>
          <SearchBox value={filter.q ?? ""} onChange={(q) => narrow({ q })} label={t("people.search")} />
          <SegmentFilter value={filter.segment ?? ""} onChange={(segment) => narrow({ segment })} />
          <TagFilter value={filter.tag ?? ""} onChange={(tag) => narrow({ tag })} />
          <MoreFilters filter={filter} onChange={narrow} />
          <ToConfirm />
          <Link to="/people/jobs">{t("peopleJobs.title")}</Link>
        </>
      }
    >
      <Panel flush>
        <div className={styles.tools}>
          <OrderSelect listing={listing} onChange={change} />
          <span className={styles.spring} />
          {isFiltered(filter) && rows?.length !== 0 && (
            <Button type="link" onClick={clear}>
              {t("filter.clear")}
            </Button>
          )}
          <ViewsMenu listing={listing} onOpen={change} />
          <ColumnsButton columns={listing.columns} onChange={(columns) => change({ columns })} />
        </div>
        <BulkBar columns={listing.columns} chosen={chosen} filter={filter} total={total} />
        <ListTable
          rows={rows}
          columns={listing.columns}
          chosen={chosen}
          error={people.error}
          onRetry={people.refetch}
          empty={isFiltered(filter) ? <NobodyFound onClear={clear} /> : <NobodyYet />}
        />
        <LoadMore pager={people} />
      </Panel>
    </Page>
  );
}

/** Where somebody waits to be told whether two are one, said where people are looked for. */
function ToConfirm() {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery(matchSummaryQuery);
  if (!data || data.open === 0) return null;
  return <Link to="/people/review">{t("review.count", { count: format.count(data.open) })}</Link>;
}

function SegmentFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useI18n();
  const { data } = useQuery(segmentsQuery);
  return (
    <Select
      allowClear
      aria-label={t("people.segment")}
      placeholder={t("people.segment")}
      value={value || undefined}
      onChange={(id: string | undefined) => onChange(id ?? "")}
      options={data?.items.map((segment) => ({ value: segment.id, label: segment.name }))}
      style={{ width: 190, maxWidth: "100%" }}
    />
  );
}

function NobodyFound({ onClear }: { onClear: () => void }) {
  const { t } = useI18n();
  return (
    <EmptyState title={t("people.notFound")} action={<Button onClick={onClear}>{t("filter.clear")}</Button>}>
      {t("people.notFound.text")}
    </EmptyState>
  );
}

function NobodyYet() {
  const { t } = useI18n();
  return (
    <EmptyState title={t("people.empty")} action={<Link to="/imports">{t("firstSteps.import")}</Link>}>
      {t("people.empty.text")}
    </EmptyState>
  );
}
