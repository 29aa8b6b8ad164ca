import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { type Card, type ShownEvent, timelineQuery } from "./api";
import { Empty, Failure, moment } from "./pieces";
import { eventWords, t } from "./words";

export function Timeline({ customer, orders, zone }: { customer: string; orders: boolean; zone: string }) {
  const found = useInfiniteQuery(timelineQuery(customer, orders));
  const rows = found.data?.pages.flatMap((page) => page.items);
  if (found.error && !rows) return <Failure error={found.error} onRetry={found.refetch} />;
  if (!rows) return <Empty>{t("loading")}</Empty>;
  if (rows.length === 0) return <Empty>{t(orders ? "none.orders" : "none.events")}</Empty>;
  return (
    <>
      <ol className="sb-history">
        {rows.map((one) => (
          <li key={one.id}>
            <time dateTime={one.occurred_at}>{moment(one.occurred_at, zone)}</time>
            <span className="sb-grow">
              {eventWords(one.name)}
              <Money event={one} />
            </span>
          </li>
        ))}
      </ol>
      {found.hasNextPage && (
        <Button block type="text" loading={found.isFetchingNextPage} onClick={() => found.fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </>
  );
}

function Money({ event }: { event: ShownEvent }) {
  if (event.revenue === null && event.products.length === 0) return null;
  const bought = event.products.join("、");
  return (
    <small className="sb-muted">
      {event.order_id} {event.revenue} {event.revenue !== null && event.currency} {bought}
    </small>
  );
}

export function Messages({ card, zone }: { card: Card; zone: string }) {
  if (card.messages.length === 0) return <Empty>{t("none.messages")}</Empty>;
  return (
    <ol className="sb-history">
      {card.messages.map((one) => (
        <li key={one.id}>
          <time dateTime={one.at}>{moment(one.at, zone)}</time>
          <span className="sb-grow">
            {one.body || one.channel}
            <small className="sb-muted">
              {one.state} {one.reason}
            </small>
          </span>
        </li>
      ))}
    </ol>
  );
}
