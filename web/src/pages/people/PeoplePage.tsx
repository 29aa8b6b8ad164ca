import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Link } from "react-router";
import { matchSummaryQuery } from "../../api/matches";
import { peopleQuery, segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { useFormat } from "../../ui/useFormat";
import { useClearSearch, useSearchState } from "../../ui/useSearchState";
import { TagFilter } from "../tags/TagSelect";
import { PeopleTable } from "./PeopleTable";

export default function PeoplePage() {
  const { t } = useI18n();
  const format = useFormat();
  const [q, setQ] = useSearchState("q");
  const [segment, setSegment] = useSearchState("segment");
  const [tag, setTag] = useSearchState("tag");
  const people = useInfiniteQuery(
    peopleQuery({ q: q || undefined, segment: segment || undefined, tag: tag || undefined }),
  );
  const rows = people.data?.pages.flatMap((page) => page.items);
  const total = people.data?.pages[0]?.total;
  const clear = useClearSearch();
  const isFiltered = Boolean(q || segment || tag);
  return (
    <Page
      title={t("nav.people")}
      lead={total == null ? t("people.lead") : t("people.total", { count: format.count(total), n: total })}
      actions={
        <>
          <SearchBox value={q} onChange={setQ} label={t("people.search")} />
          <SegmentFilter value={segment} onChange={setSegment} />
          <TagFilter value={tag} onChange={setTag} />
          <ToConfirm />
        </>
      }
    >
      <Panel flush>
        <PeopleTable
          rows={rows}
          error={people.error}
          onRetry={people.refetch}
          empty={isFiltered ? <NobodyFound onClear={clear} /> : <NobodyYet />}
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
