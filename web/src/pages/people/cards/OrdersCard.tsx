import { useInfiniteQuery } from "@tanstack/react-query";
import { type PersonOrder, personOrdersQuery } from "../../../api/profiles";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { useEventName } from "../../../ui/useEventName";
import { useFormat } from "../../../ui/useFormat";
import styles from "../people.module.css";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "orders", order: 10, Card: Orders };

function Orders({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const eventName = useEventName();
  const orders = useInfiniteQuery(personOrdersQuery(personId));
  const totals = orders.data?.pages[0]?.totals ?? [];
  const columns: Column<PersonOrder>[] = [
    {
      key: "order",
      title: t("order.id"),
      lead: true,
      render: (row) => <span className="mono">{row.order_id}</span>,
    },
    { key: "placed", title: t("order.placed"), render: (row) => formatDateTime(row.placed_at, zone) },
    { key: "last", title: t("order.state"), render: (row) => eventName(row.last_event) },
    { key: "lines", title: t("order.lines"), align: "end", render: (row) => row.lines || "–" },
    {
      key: "amount",
      title: t("order.amount"),
      align: "end",
      render: (row) => format.money(row.amount, row.currency),
    },
  ];
  return (
    <Panel
      flush
      title={t("person.tab.orders")}
      testId="person-orders"
      extra={
        totals.length > 0 && (
          <span className={styles.sums}>
            {totals.map((one) => (
              <span key={one.currency} className="num">
                {t("order.total", {
                  count: format.count(one.orders),
                  n: one.orders,
                  amount: format.money(one.amount, one.currency),
                })}
              </span>
            ))}
          </span>
        )
      }
    >
      <DataTable
        label={t("person.tab.orders")}
        columns={columns}
        rows={orders.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.order_id}
        error={orders.error}
        onRetry={orders.refetch}
        empty={<EmptyState title={t("order.empty")}>{t("order.empty.text")}</EmptyState>}
      />
      <LoadMore pager={orders} />
    </Panel>
  );
}
