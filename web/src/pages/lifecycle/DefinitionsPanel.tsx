import { Button, InputNumber } from "antd";
import type { LifecycleSettings, LifecycleSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";

const FIELDS = [
  "new_days",
  "sleeping_days",
  "lost_days",
  "won_back_days",
  "loyal_orders",
  "loyal_days",
] as const;

/** Where stages begin and end. */
export function DefinitionsPanel({ summary }: { summary: LifecycleSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<LifecycleSettings>("lifecycle", summary.settings, [
    "lifecycle-flow",
  ]);
  return (
    <Panel title={t("lifecycle.settings")} extra={t("clusters.settings.hint")} testId="lifecycle-settings">
      <div className={styles.form}>
        {FIELDS.map((field) => (
          <label key={field} htmlFor={`lifecycle-${field}`}>
            {t(`lifecycle.setting.${field}` as MessageKey)}
            <InputNumber
              id={`lifecycle-${field}`}
              min={field === "loyal_orders" ? 2 : 1}
              max={3650}
              precision={0}
              value={draft[field]}
              onChange={(value) => value && setDraft({ ...draft, [field]: value })}
            />
          </label>
        ))}
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
