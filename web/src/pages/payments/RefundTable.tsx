import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { rerouteRefund } from "../../api/payments";
import type { Refund } from "../../api/types";
import { useNow, useZone } from "../../app/session";
import { formatMoment } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Tag } from "../../ui/Tag";
import styles from "./payments.module.css";
import { REFUND_TONES, useFen, useNote } from "./words";

interface RefundTableProps {
  rows: readonly Refund[] | undefined;
  empty: ReactNode;
  error?: Error | null;
  onRetry?: () => void;
  /** In a list of refunds each leads to its payment; on the payment's own page none does. */
  linked?: boolean;
}

export function RefundTable({ rows, empty, error, onRetry, linked }: RefundTableProps) {
  const { t } = useI18n();
  const fen = useFen();
  const zone = useZone();
  const now = useNow(60_000);
  const columns: Column<Refund>[] = [
    {
      key: "refund",
      title: t("refund.number"),
      lead: true,
      render: (refund) => (
        <span className={styles.name}>
          {linked ? (
            <Link to={`/payments/${refund.payment_id}`} className={styles.number}>
              {refund.out_refund_no}
            </Link>
          ) : (
            <span className={styles.number}>{refund.out_refund_no}</span>
          )}
          {refund.refund_id && <span className={styles.below}>{refund.refund_id}</span>}
        </span>
      ),
    },
    { key: "state", title: t("payments.state"), render: (refund) => <RefundState refund={refund} /> },
    { key: "amount", title: t("refund.amount"), align: "end", render: (one) => fen(one.amount_minor) },
    { key: "why", title: t("refund.why"), wide: true, render: (refund) => <Why refund={refund} /> },
    {
      key: "at",
      title: t("payment.createdAt"),
      align: "end",
      render: (refund) => formatMoment(refund.created_at, now, zone),
    },
  ];
  return (
    <DataTable
      label={t("payments.tab.refunds")}
      testId="refunds-table"
      columns={columns}
      rows={rows}
      rowKey={(refund) => refund.id}
      error={error}
      onRetry={onRetry}
      empty={empty}
    />
  );
}

/** Where it stands, why it stands there, and what there is to do. */
function RefundState({ refund }: { refund: Refund }) {
  const { t } = useI18n();
  const note = useNote();
  return (
    <span>
      <Tag tone={REFUND_TONES[refund.state]}>{t(`refund.state.${refund.state}`)}</Tag>
      {refund.note && <span className={styles.below}>{note(refund.note)}</span>}
      {refund.state === "abnormal" && <Reroute refund={refund} />}
    </span>
  );
}

function Why({ refund }: { refund: Refund }) {
  const { t } = useI18n();
  if (refund.cause !== "asked") return <>{t(`refund.cause.${refund.cause}`)}</>;
  return <>{refund.reason || "–"}</>;
}

function Reroute({ refund }: { refund: Refund }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const reroute = useMutation({
    mutationFn: () => rerouteRefund(refund.id),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["refunds"] }),
        queries.invalidateQueries({ queryKey: ["payments"] }),
      ]),
  });
  return (
    <>
      <span className={styles.todo}>{t("refund.abnormal.text")}</span>
      <Popconfirm
        title={t("refund.reroute.ask")}
        okText={t("refund.reroute")}
        onConfirm={() => reroute.mutate()}
      >
        <Button size="small" loading={reroute.isPending}>
          {t("refund.reroute")}
        </Button>
      </Popconfirm>
      {reroute.error && <ErrorNotice error={reroute.error} />}
    </>
  );
}
