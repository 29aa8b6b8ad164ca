import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { paymentsQuery } from "../../api/payments";
import type { Payment } from "../../api/types";
import { useNow, useZone } from "../../app/session";
import { formatMoment } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { Filters, usePaymentFilter } from "./Filters";
import type { TabProps } from "./PaymentsPage";
import styles from "./payments.module.css";
import { PAYMENT_STATES, PAYMENT_TONES, useFen } from "./words";

const STATES = PAYMENT_STATES.map((value) => ({ value, label: `payment.state.${value}` as const }));

export function PaymentsTab({ merchants }: TabProps) {
  const { t } = useI18n();
  const filter = usePaymentFilter("payment");
  const payments = useInfiniteQuery(paymentsQuery(filter));
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <div className={styles.stack}>
      <Filters list="payment" states={STATES} merchants={merchants} />
      <Panel flush>
        <DataTable
          label={t("payments.tab.payments")}
          testId="payments-table"
          columns={usePaymentColumns()}
          rows={payments.data?.pages.flatMap((page) => page.items)}
          rowKey={(payment) => payment.id}
          error={payments.error}
          onRetry={payments.refetch}
          empty={
            <EmptyState title={t(isFiltered ? "payments.notFound" : "payments.empty")}>
              {t(isFiltered ? "payments.notFound.text" : "payments.empty.text")}
            </EmptyState>
          }
        />
        <LoadMore pager={payments} />
      </Panel>
    </div>
  );
}

function usePaymentColumns(): Column<Payment>[] {
  const { t } = useI18n();
  const fen = useFen();
  const zone = useZone();
  const now = useNow(60_000);
  return [
    {
      key: "payment",
      title: t("payment.what"),
      lead: true,
      render: (payment) => (
        <span className={styles.name}>
          <Link to={`/payments/${payment.id}`}>{payment.description}</Link>
          <span className={styles.below}>{payment.key}</span>
        </span>
      ),
    },
    { key: "state", title: t("payments.state"), render: (payment) => <PaymentTag payment={payment} /> },
    { key: "amount", title: t("payment.amount"), align: "end", render: (one) => fen(one.amount_minor) },
    {
      key: "refunded",
      title: t("payment.refunded"),
      align: "end",
      render: (one) => (
        <>
          {one.refunded_minor > 0 ? fen(one.refunded_minor) : "–"}
          {one.refunding_minor > one.refunded_minor && (
            <span className={styles.below}>
              {t("payment.refunding", { amount: fen(one.refunding_minor - one.refunded_minor) })}
            </span>
          )}
        </>
      ),
    },
    {
      key: "at",
      title: t("payment.createdAt"),
      align: "end",
      render: (payment) => formatMoment(payment.created_at, now, zone),
    },
  ];
}

export function PaymentTag({ payment }: { payment: Payment }) {
  const { t } = useI18n();
  return payment.closing ? (
    <Tag tone="amber">{t("payment.state.closing")}</Tag>
  ) : (
    <Tag tone={PAYMENT_TONES[payment.state]}>{t(`payment.state.${payment.state}`)}</Tag>
  );
}
