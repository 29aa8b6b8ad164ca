import { Button, InputNumber, Select } from "antd";
import type { AttributeRule, QualitySettings, QualitySummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PickOrType } from "../../ui/PickOrType";
import { useAttributeWords } from "../../ui/useAttributeWords";
import forms from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";
import styles from "./quality.module.css";
import { Rule } from "./Rule";

/** What the brand expects of its attributes. */
export function QualitySettingsPanel({ summary }: { summary: QualitySummary }) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const { draft, setDraft, save } = useStudySettings<QualitySettings>("quality", summary.settings);
  const rules = draft.rules ?? [];
  const setRules = (next: AttributeRule[]) => setDraft({ ...draft, rules: next });
  const ruled = new Set(rules.map((rule) => rule.key));
  const known = (summary.card?.attributes ?? []).filter((one) => !ruled.has(one.key));
  return (
    <Panel title={t("quality.settings")} extra={t("clusters.settings.hint")} testId="quality-settings">
      <div className={forms.form}>
        <label htmlFor="quality-fresh">
          {t("quality.freshDays")}
          <InputNumber
            id="quality-fresh"
            min={1}
            max={3650}
            precision={0}
            value={draft.fresh_days ?? 365}
            onChange={(days) => setDraft({ ...draft, fresh_days: days ?? 365 })}
          />
        </label>
        <label htmlFor="quality-placeholders">
          {t("quality.placeholders")}
          <Select
            id="quality-placeholders"
            mode="tags"
            open={false}
            suffixIcon={null}
            style={{ minWidth: 220 }}
            placeholder={t("quality.placeholders.hint")}
            value={[...(draft.placeholders ?? [])]}
            onChange={(placeholders: string[]) => setDraft({ ...draft, placeholders })}
          />
        </label>
      </div>
      <div className={styles.rules}>
        <span className={styles.label}>{t(rules.length > 0 ? "quality.rules" : "quality.rules.none")}</span>
        {rules.map((rule, at) => (
          <Rule
            key={rule.key}
            rule={rule}
            onChange={(next) => setRules(rules.map((one, index) => (index === at ? next : one)))}
            onRemove={() => setRules(rules.filter((_, index) => index !== at))}
          />
        ))}
      </div>
      <div className={forms.form}>
        <PickOrType
          label={t("quality.rule.add")}
          value=""
          options={known.map((one) => ({ value: one.key, label: words.name(one.key) }))}
          onChange={(key) => key && !ruled.has(key) && setRules([...rules, { key }])}
          style={{ minWidth: 200 }}
        />
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
