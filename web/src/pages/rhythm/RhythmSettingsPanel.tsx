import { Button, InputNumber } from "antd";
import type { RhythmSettings, RhythmSummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";

/** How far back to look, and from how many visits on somebody is themselves. */
export function RhythmSettingsPanel({ summary }: { summary: RhythmSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<RhythmSettings>("rhythm", summary.settings);
  return (
    <Panel title={t("rhythm.settings")} extra={t("clusters.settings.hint")} testId="rhythm-settings">
      <div className={styles.form}>
        <label htmlFor="rhythm-days">
          {t("rhythm.days")}
          <InputNumber
            id="rhythm-days"
            min={14}
            max={366}
            precision={0}
            value={draft.days ?? 90}
            onChange={(days) => setDraft({ ...draft, days: days ?? 90 })}
          />
        </label>
        <label htmlFor="rhythm-weight">
          {t("rhythm.weight")}
          <InputNumber
            id="rhythm-weight"
            min={1}
            max={1000}
            precision={0}
            value={draft.weight ?? 10}
            onChange={(weight) => setDraft({ ...draft, weight: weight ?? 10 })}
          />
        </label>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      <p className={styles.why}>{t("rhythm.weight.hint")}</p>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
