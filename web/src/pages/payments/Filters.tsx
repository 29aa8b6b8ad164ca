import { Select } from "antd";
import type { PaymentFilter } from "../../api/payments";
import { type MessageKey, useI18n } from "../../i18n";
import { SearchBox } from "../../ui/SearchBox";
import { useSearchState } from "../../ui/useSearchState";
import type { TabProps } from "./PaymentsPage";
import styles from "./payments.module.css";

interface FiltersProps extends TabProps {
  states: readonly { value: string; label: MessageKey }[];
}

/** The filters of a list, kept in its address; filters of different lists have different names there. */
export function usePaymentFilter(list: string): PaymentFilter {
  const [state] = useSearchState(`${list}State`);
  const [merchant] = useSearchState("merchant");
  const [number] = useSearchState("number");
  return { state: state || undefined, merchant: merchant || undefined, number: number || undefined };
}

export function Filters({ list, states, merchants }: FiltersProps & { list: string }) {
  const { t } = useI18n();
  const [state, setState] = useSearchState(`${list}State`);
  const [number, setNumber] = useSearchState("number");
  return (
    <div className={styles.tools}>
      <SearchBox value={number} onChange={setNumber} label={t("payments.search")} />
      <Select
        allowClear
        aria-label={t("payments.state")}
        placeholder={t("payments.state")}
        value={state || undefined}
        onChange={(value: string | undefined) => setState(value ?? "")}
        options={states.map(({ value, label }) => ({ value, label: t(label) }))}
        style={{ minWidth: 140 }}
      />
      <MerchantFilter merchants={merchants} />
    </div>
  );
}

/** Only where there is something to choose. */
export function MerchantFilter({ merchants }: TabProps) {
  const { t } = useI18n();
  const [merchant, setMerchant] = useSearchState("merchant");
  if (merchants.length < 2 && !merchant) return null;
  return (
    <Select
      allowClear
      aria-label={t("payments.merchant")}
      placeholder={t("payments.merchant")}
      value={merchant || undefined}
      onChange={(value: string | undefined) => setMerchant(value ?? "")}
      options={merchants.map((one) => ({ value: one.id, label: `${one.name} · ${one.mch_id}` }))}
      style={{ minWidth: 180, maxWidth: "100%" }}
    />
  );
}
