import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { closePayment, merchantsQuery, paymentQuery } from "../../api/payments";
import type { Payment, PaymentAttempt, PaymentNotice } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { PaymentTag } from "./PaymentsTab";
import styles from "./payments.module.css";
import { RefundForm } from "./RefundForm";
import { RefundTable } from "./RefundTable";
import { ATTEMPT_TONES, useFen, useNote } from "./words";

export default function PaymentPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(paymentQuery(id));
  if (!data && !error) return <PageSkeleton />;
  return (
    <Page
      title={data ? data.payment.description : t("nav.payments")}
      back={{ to: "/payments", label: t("nav.payments") }}
      lead={data && <PaymentTag payment={data.payment} />}
      actions={data && <Actions payment={data.payment} />}
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && (
        <>
          <Facts payment={data.payment} />
          <Panel flush title={t("payment.attempts")}>
            <Attempts rows={data.attempts} />
          </Panel>
          <Panel flush title={t("payments.tab.refunds")}>
            <RefundTable
              rows={data.refunds}
              empty={<EmptyState title={t("refunds.empty")}>{t("payment.noRefund")}</EmptyState>}
            />
          </Panel>
          <Panel flush title={t("payment.notices")}>
            <Notices rows={data.notices} />
          </Panel>
        </>
      )}
    </Page>
  );
}

function Actions({ payment }: { payment: Payment }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [refunding, setRefunding] = useState(false);
  const close = useMutation({
    mutationFn: () => closePayment(payment.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["payments"] }),
  });
  return (
    <>
      {payment.state === "open" && !payment.closing && (
        <Popconfirm
          title={t("payment.close.ask")}
          okText={t("payment.close")}
          onConfirm={() => close.mutate()}
        >
          <Button loading={close.isPending}>{t("payment.close")}</Button>
        </Popconfirm>
      )}
      {payment.refundable_minor > 0 && (
        <Button type="primary" onClick={() => setRefunding(true)}>
          {t("refund.give")}
        </Button>
      )}
      {close.error && <ErrorNotice error={close.error} />}
      {refunding && <RefundForm payment={payment} onClose={() => setRefunding(false)} />}
    </>
  );
}

function Facts({ payment }: { payment: Payment }) {
  const { t } = useI18n();
  const fen = useFen();
  const zone = useZone();
  const { data } = useQuery(merchantsQuery);
  const merchant = data?.items.find((one) => one.id === payment.merchant_id);
  const at = (instant: string | null) => instant && formatDateTime(instant, zone);
  const facts = [
    [t("payment.amount"), fen(payment.amount_minor)],
    [t("payment.refunded"), fen(payment.refunded_minor)],
    [t("payment.refundable"), fen(payment.refundable_minor)],
    [t("payment.key"), payment.key],
    [t("payments.merchant"), merchant && `${merchant.name} · ${merchant.mch_id}`],
    [t("payment.createdAt"), at(payment.created_at)],
    [t("payment.paidAt"), at(payment.paid_at)],
    [t("payment.closedAt"), at(payment.closed_at)],
    [t("payment.expiresAt"), payment.state === "open" && at(payment.expires_at)],
  ] as const;
  return (
    <Panel testId="payment-facts">
      <dl className={styles.facts}>
        {facts.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="num">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </Panel>
  );
}

function Attempts({ rows }: { rows: readonly PaymentAttempt[] }) {
  const { t } = useI18n();
  const note = useNote();
  const zone = useZone();
  const columns: Column<PaymentAttempt>[] = [
    {
      key: "number",
      title: t("attempt.number"),
      lead: true,
      render: (one) => (
        <span className={styles.name}>
          <span className={styles.number}>{one.out_trade_no}</span>
          {one.transaction_id && (
            <span className={styles.below}>{t("attempt.transaction", { number: one.transaction_id })}</span>
          )}
        </span>
      ),
    },
    { key: "kind", title: t("attempt.kind"), render: (one) => t(`attempt.kind.${one.kind}`) },
    {
      key: "state",
      title: t("payments.state"),
      render: (one) => (
        <span>
          <Tag tone={ATTEMPT_TONES[one.state]}>{t(`attempt.state.${one.state}`)}</Tag>
          {one.reason && <span className={styles.below}>{note(one.reason)}</span>}
        </span>
      ),
    },
    {
      key: "at",
      title: t("payment.createdAt"),
      align: "end",
      render: (one) => formatDateTime(one.paid_at ?? one.created_at, zone),
    },
  ];
  return (
    <DataTable
      label={t("payment.attempts")}
      testId="attempts-table"
      columns={columns}
      rows={rows}
      rowKey={(one) => one.id}
      empty={<EmptyState title={t("attempt.empty")}>{t("attempt.empty.text")}</EmptyState>}
    />
  );
}

function Notices({ rows }: { rows: readonly PaymentNotice[] }) {
  const { t, has } = useI18n();
  const zone = useZone();
  const outcome = (one: PaymentNotice) => {
    const key = `notice.outcome.${one.outcome}`;
    return has(key) ? t(key) : one.outcome;
  };
  const columns: Column<PaymentNotice>[] = [
    { key: "event", title: t("notice.event"), lead: true, render: (one) => <code>{one.event_type}</code> },
    { key: "outcome", title: t("notice.outcome"), render: outcome },
    {
      key: "number",
      title: t("notice.number"),
      render: (one) => <span className={styles.number}>{one.number}</span>,
    },
    {
      key: "at",
      title: t("notice.receivedAt"),
      align: "end",
      render: (one) => formatDateTime(one.received_at, zone),
    },
  ];
  return (
    <DataTable
      label={t("payment.notices")}
      testId="notices-table"
      columns={columns}
      rows={rows}
      rowKey={(one) => one.id}
      empty={<EmptyState title={t("notice.empty")}>{t("notice.empty.text")}</EmptyState>}
    />
  );
}
