import { useInfiniteQuery } from "@tanstack/react-query";
import { lifetimePeopleQuery } from "../../api/queries";
import type { LifetimePerson, LifetimeSummary } from "../../api/types";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { PersonName } from "../people/PersonName";
import { SaveBands } from "./SaveBands";
import type { Bands } from "./tree";
import { useMinor } from "./words";

export function BandPeople({ bands, summary }: { bands: Bands; summary: LifetimeSummary }) {
  const { t } = useI18n();
  const chosen = bands.alive !== "" || bands.value !== "";
  const people = useInfiniteQuery(
    lifetimePeopleQuery({ alive: bands.alive || undefined, value: bands.value || undefined }),
  );
  const columns = useColumns(summary);
  return (
    <Panel
      flush
      title={t(chosen ? "lifetime.chosen" : "lifetime.everyone")}
      extra={chosen && <SaveBands key={`${bands.alive}-${bands.value}`} bands={bands} />}
    >
      <DataTable
        label={t("lifetime.people")}
        testId="lifetime-people"
        columns={columns}
        rows={people.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.person_id}
        error={people.error}
        onRetry={people.refetch}
        empty={<EmptyState title={t("lifetime.nobody")} />}
      />
      <LoadMore pager={people} />
    </Panel>
  );
}

function useColumns(summary: LifetimeSummary): Column<LifetimePerson>[] {
  const { t } = useI18n();
  const format = useFormat();
  const minor = useMinor(summary);
  return [
    {
      key: "name",
      title: t("people.name"),
      lead: true,
      render: (row) => <PersonName id={row.person_id} name={row.display_name} />,
    },
    {
      key: "days",
      title: t("lifetime.daysBought"),
      align: "end",
      render: (row) => format.count(row.days_bought),
    },
    {
      key: "alive",
      title: t("lifetime.alive"),
      align: "end",
      render: (row) => (row.alive === null ? t("lifetime.once") : format.share(row.alive, 1)),
    },
    { key: "soon", title: t("lifetime.soon"), align: "end", render: (row) => format.share(row.buys_soon, 1) },
    { key: "next", title: t("lifetime.next"), render: (row) => row.next_on ?? t("lifetime.next.never") },
    {
      key: "purchases",
      title: t("lifetime.purchases"),
      align: "end",
      render: (row) => format.decimal(row.purchases, 1),
    },
    {
      key: "value",
      title: t("lifetime.yearValue"),
      align: "end",
      render: (row) => minor(row.value_minor),
    },
  ];
}
