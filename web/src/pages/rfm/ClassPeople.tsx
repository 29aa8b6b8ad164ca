import { useInfiniteQuery } from "@tanstack/react-query";
import { rfmPeopleQuery } from "../../api/queries";
import type { RfmPerson } from "../../api/types";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { PersonName } from "../people/PersonName";
import { useClassName } from "./classes";
import { RfmClassTag } from "./RfmClassTag";

export function ClassPeople({ name, currency }: { name: string; currency: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const className = useClassName();
  const people = useInfiniteQuery(rfmPeopleQuery(name || undefined));
  const columns: Column<RfmPerson>[] = [
    {
      key: "name",
      title: t("people.name"),
      lead: true,
      render: (row) => <PersonName id={row.person_id} name={row.display_name} />,
    },
    { key: "class", title: t("people.class"), render: (row) => <RfmClassTag name={row.class} /> },
    {
      key: "scores",
      title: "R · F · M",
      render: (row) => <span className="num">{`${row.r} · ${row.f} · ${row.m}`}</span>,
    },
    {
      key: "recency",
      title: t("rfm.recencyDays"),
      align: "end",
      render: (row) => t("rfm.days", { count: format.decimal(row.recency_days, 0) }),
    },
    {
      key: "frequency",
      title: t("rfm.frequency"),
      align: "end",
      render: (row) => format.count(row.frequency),
    },
    {
      key: "monetary",
      title: t("rfm.monetary"),
      align: "end",
      render: (row) => format.money(row.monetary, currency),
    },
  ];
  return (
    <Panel flush title={name ? className(name) : t("rfm.everyone")}>
      <DataTable
        label={t("rfm.people")}
        testId="rfm-people"
        columns={columns}
        rows={people.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.person_id}
        error={people.error}
        onRetry={people.refetch}
        empty={<EmptyState title={t("rfm.nobody")} />}
      />
      <LoadMore pager={people} />
    </Panel>
  );
}
