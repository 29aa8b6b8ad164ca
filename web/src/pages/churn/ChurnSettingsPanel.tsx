import { Button, Input, InputNumber, Select } from "antd";
import type { ChurnSettings, ChurnSummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";

const BASES = ["orders", "acts", "contract"] as const;

/** What leaving means to the brand. */
export function ChurnSettingsPanel({ summary }: { summary: ChurnSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<ChurnSettings>("churn", summary.settings);
  return (
    <Panel title={t("churn.settings")} extra={t("clusters.settings.hint")} testId="churn-settings">
      <div className={styles.form}>
        <label htmlFor="churn-basis">
          {t("churn.basis")}
          <Select
            id="churn-basis"
            style={{ minWidth: 200 }}
            value={draft.basis ?? "orders"}
            onChange={(basis) => setDraft({ ...draft, basis })}
            options={BASES.map((value) => ({ value, label: t(`churn.basis.${value}`) }))}
          />
        </label>
        {draft.basis === "contract" &&
          (["joined_event", "left_event"] as const).map((field) => (
            <label key={field} htmlFor={`churn-${field}`}>
              {t(`churn.${field}`)}
              <Input
                id={`churn-${field}`}
                maxLength={200}
                value={draft[field] ?? ""}
                onChange={(event) => setDraft({ ...draft, [field]: event.target.value.trim() })}
              />
            </label>
          ))}
        <label htmlFor="churn-horizon">
          {t("churn.horizon")}
          <InputNumber
            id="churn-horizon"
            style={{ width: 140 }}
            min={7}
            max={365}
            precision={0}
            placeholder={t("churn.horizon.chosen")}
            value={draft.horizon_days}
            onChange={(horizon_days) => setDraft({ ...draft, horizon_days })}
          />
        </label>
        {draft.basis !== "contract" && (
          <label htmlFor="churn-recent">
            {t("churn.recent")}
            <InputNumber
              id="churn-recent"
              style={{ width: 140 }}
              min={7}
              max={1095}
              precision={0}
              placeholder={t("churn.recent.chosen")}
              value={draft.recent_days}
              onChange={(recent_days) => setDraft({ ...draft, recent_days })}
            />
          </label>
        )}
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
