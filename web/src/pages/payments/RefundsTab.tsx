import { useInfiniteQuery } from "@tanstack/react-query";
import { refundsQuery } from "../../api/payments";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { Filters, usePaymentFilter } from "./Filters";
import type { TabProps } from "./PaymentsPage";
import styles from "./payments.module.css";
import { RefundTable } from "./RefundTable";
import { REFUND_STATES } from "./words";

const STATES = REFUND_STATES.map((value) => ({ value, label: `refund.state.${value}` as const }));

export function RefundsTab({ merchants }: TabProps) {
  const { t } = useI18n();
  const filter = usePaymentFilter("refund");
  const refunds = useInfiniteQuery(refundsQuery(filter));
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <div className={styles.stack}>
      <Filters list="refund" states={STATES} merchants={merchants} />
      <Panel flush>
        <RefundTable
          linked
          rows={refunds.data?.pages.flatMap((page) => page.items)}
          error={refunds.error}
          onRetry={refunds.refetch}
          empty={
            <EmptyState title={t(isFiltered ? "refunds.notFound" : "refunds.empty")}>
              {t(isFiltered ? "payments.notFound.text" : "refunds.empty.text")}
            </EmptyState>
          }
        />
        <LoadMore pager={refunds} />
      </Panel>
    </div>
  );
}
