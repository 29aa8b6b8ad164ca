import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { billsQuery, compareBill } from "../../api/payments";
import type { Bill } from "../../api/types";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { DifferencesPanel } from "./DifferencesPanel";
import { MerchantFilter } from "./Filters";
import type { TabProps } from "./PaymentsPage";
import styles from "./payments.module.css";
import { BILL_TONES, useFen, useNote } from "./words";

export function ReconciliationTab({ merchants }: TabProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(billsQuery);
  const [merchant] = useSearchState("merchant");
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: compareBill,
    onSettled: () => queries.invalidateQueries({ queryKey: billsQuery.queryKey }),
  });
  const name = (id: string) => merchants.find((one) => one.id === id)?.mch_id ?? id;
  return (
    <div className={styles.stack}>
      <MerchantFilter merchants={merchants} />
      <DifferencesPanel merchants={merchants} />
      {again.error && <ErrorNotice error={again.error} />}
      <Panel flush title={t("bills.title")}>
        <DataTable
          label={t("bills.title")}
          testId="bills-table"
          columns={useBillColumns(name, again.mutate)}
          rows={data?.items.filter((bill) => !merchant || bill.merchant_id === merchant)}
          rowKey={(bill) => `${bill.merchant_id}:${bill.kind}:${bill.day}`}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("bills.empty")}>{t("bills.empty.text")}</EmptyState>}
        />
      </Panel>
    </div>
  );
}

function useBillColumns(name: (id: string) => string, onAgain: (bill: Bill) => void): Column<Bill>[] {
  const { t } = useI18n();
  const fen = useFen();
  const format = useFormat();
  const [, setDay] = useSearchState("day");
  return [
    {
      key: "day",
      title: t("bill.day"),
      lead: true,
      render: (bill) => (
        <span className={styles.name}>
          <strong className="num">{bill.day}</strong>
          <span className={styles.below}>{`${t(`bill.kind.${bill.kind}`)} · ${name(bill.merchant_id)}`}</span>
        </span>
      ),
    },
    { key: "state", title: t("payments.state"), render: (bill) => <BillState bill={bill} /> },
    { key: "lines", title: t("bill.lines"), align: "end", render: (bill) => format.count(bill.lines) },
    { key: "income", title: t("bill.income"), align: "end", render: (bill) => fen(bill.income_minor) },
    { key: "spent", title: t("bill.spent"), align: "end", render: (bill) => fen(bill.spent_minor) },
    {
      key: "differences",
      title: t("bill.differences"),
      align: "end",
      render: (bill) =>
        bill.differences > 0 ? (
          <Button size="small" danger onClick={() => setDay(bill.day)}>
            {format.count(bill.differences)}
          </Button>
        ) : (
          "0"
        ),
    },
    {
      key: "again",
      title: "",
      align: "end",
      render: (bill) =>
        bill.state !== "waiting" && (
          <Button
            size="small"
            aria-label={t("bill.again.named", { day: bill.day, kind: t(`bill.kind.${bill.kind}`) })}
            onClick={() => onAgain(bill)}
          >
            {t("bill.again")}
          </Button>
        ),
    },
  ];
}

function BillState({ bill }: { bill: Bill }) {
  const { t } = useI18n();
  const note = useNote();
  return (
    <span>
      <Tag tone={bill.differences > 0 ? "red" : BILL_TONES[bill.state]}>
        {bill.state === "done"
          ? t(bill.differences > 0 ? "bill.state.differs" : "bill.state.agrees")
          : t(`bill.state.${bill.state}`)}
      </Tag>
      {bill.note && <span className={styles.below}>{note(bill.note)}</span>}
    </span>
  );
}
