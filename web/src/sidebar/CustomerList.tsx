import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { customersQuery, type OwnCustomer, type Session } from "./api";
import { day, Empty, Face, Failure } from "./pieces";
import { t, wayWords } from "./words";

interface Props {
  lost: boolean;
  session: Session;
  onOpen: (customer: string) => void;
}

export function CustomerList({ lost, session, onOpen }: Props) {
  const found = useInfiniteQuery(customersQuery(lost));
  const rows = found.data?.pages.flatMap((page) => page.items);
  if (found.error && !rows) return <Failure error={found.error} onRetry={found.refetch} />;
  if (!rows) return <Empty>{t("loading")}</Empty>;
  if (rows.length === 0) return <Empty>{t(lost ? "none.lost" : "none.mine")}</Empty>;
  return (
    <>
      <ul className="sb-list">
        {rows.map((row) => (
          <li key={row.customer}>
            <Row row={row} zone={session.time_zone} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {found.hasNextPage && (
        <Button block type="text" loading={found.isFetchingNextPage} onClick={() => found.fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </>
  );
}

function Row({ row, zone, onOpen }: { row: OwnCustomer; zone: string; onOpen: (customer: string) => void }) {
  const name = row.remark || row.name || t("nobody");
  const when = row.ended_at
    ? t("ended", { date: day(row.ended_at, zone) })
    : t("since", { date: day(row.added_at, zone) });
  return (
    <button type="button" className="sb-row" onClick={() => onOpen(row.customer)}>
      <Face name={name} avatar={row.avatar} />
      <span className="sb-grow">
        <strong>{name}</strong>
        <small className="sb-muted">
          {when} · {wayWords(row.add_way)}
        </small>
      </span>
    </button>
  );
}
