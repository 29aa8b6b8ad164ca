import { Button, InputNumber } from "antd";
import type { SpendingSettings, SpendingSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";

const FIELDS = [
  { key: "days", label: "spending.days", min: 30, max: 1098, step: 1, usual: 365 },
  { key: "orders_min", label: "spending.ordersMin", min: 1, max: 50, step: 1, usual: 2 },
  { key: "low_below", label: "spending.lowBelow", min: 0.01, max: 0.99, step: 0.01, usual: 0.33 },
  { key: "high_from", label: "spending.highFrom", min: 0.01, max: 0.99, step: 0.01, usual: 0.67 },
  { key: "weight", label: "spending.weight", min: 0, max: 100, step: 0.5, usual: 3 },
  { key: "apart", label: "spending.apart", min: 0.05, max: 0.9, step: 0.05, usual: 0.25 },
] as const satisfies readonly { key: keyof SpendingSettings; label: MessageKey; [more: string]: unknown }[];

/** How far back to look, and where groups end. */
export function SpendingSettingsPanel({ summary }: { summary: SpendingSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<SpendingSettings>("spending", summary.settings);
  return (
    <Panel title={t("spending.settings")} extra={t("clusters.settings.hint")} testId="spending-settings">
      <div className={styles.form}>
        {FIELDS.map(({ key, label, min, max, step, usual }) => (
          <label key={key} htmlFor={`spending-${key}`}>
            {t(label)}
            <InputNumber
              id={`spending-${key}`}
              min={min}
              max={max}
              step={step}
              value={draft[key] ?? usual}
              onChange={(value) => setDraft({ ...draft, [key]: value ?? usual })}
            />
          </label>
        ))}
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      <p className={styles.why}>{t("spending.settings.text")}</p>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
