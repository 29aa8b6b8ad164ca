import { Checkbox, Input, Select } from "antd";
import type { FormDefinition, Rules } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Field } from "../channels/content/Field";
import styles from "./forms.module.css";
import { NumberField } from "./QuestionEditor";
import { WeChatEditor } from "./WeChatEditor";

interface RulesEditorProps {
  definition: FormDefinition;
  onChange: (definition: FormDefinition) => void;
}

/** What a browser's field for a time shows of an instant, in the reader's own zone. */
function localOf(instant: string | null | undefined): string {
  if (!instant) return "";
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Who may answer, how often, and when. */
export function RulesEditor({ definition, onChange }: RulesEditorProps) {
  const { t } = useI18n();
  const rules: Rules = definition.rules ?? {};
  const set = (part: Partial<Rules>) => onChange({ ...definition, rules: { ...rules, ...part } });
  const period = rules.period_limit;
  return (
    <Panel title={t("forms.rules")}>
      <div className={styles.stack}>
        <div className={styles.grid}>
          <Field label={t("forms.kind")}>
            {(id) => (
              <Select
                id={id}
                value={definition.kind ?? "form"}
                onChange={(kind) => onChange({ ...definition, kind })}
                options={(["form", "vote", "questionnaire"] as const).map((value) => ({
                  value,
                  label: t(`forms.kind.${value}`),
                }))}
              />
            )}
          </Field>
          <Field label={t("forms.once")}>
            {(id) => (
              <Select
                id={id}
                value={rules.once ?? "person"}
                onChange={(once) => set({ once })}
                options={(["person", "device", "many"] as const).map((value) => ({
                  value,
                  label: t(`forms.once.${value}`),
                }))}
              />
            )}
          </Field>
          {(["opens_at", "closes_at"] as const).map((end) => (
            <Field key={end} label={t(end === "opens_at" ? "forms.opensAt" : "forms.closesAt")}>
              {(id) => (
                <Input
                  id={id}
                  type="datetime-local"
                  value={localOf(rules[end])}
                  onChange={(event) =>
                    set({ [end]: event.target.value ? new Date(event.target.value).toISOString() : null })
                  }
                />
              )}
            </Field>
          ))}
          <NumberField
            label={t("forms.limit")}
            value={rules.limit}
            min={1}
            max={10_000_000}
            onChange={(limit) => set({ limit })}
          />
          <NumberField
            label={t("forms.leastSeconds")}
            value={rules.least_seconds}
            min={1}
            max={3600}
            onChange={(least_seconds) => set({ least_seconds })}
          />
          <Field label={t("forms.periodLimit")}>
            {(id) => (
              <Select
                id={id}
                value={period?.every ?? "none"}
                onChange={(every: "none" | "hour" | "day" | "week" | "month") =>
                  set({ period_limit: every === "none" ? null : { every, limit: period?.limit ?? 100 } })
                }
                options={(["none", "hour", "day", "week", "month"] as const).map((value) => ({
                  value,
                  label: t(`forms.period.${value}`),
                }))}
              />
            )}
          </Field>
          {period && (
            <NumberField
              label={t(`forms.period.${period.every}`)}
              value={period.limit}
              min={1}
              max={10_000_000}
              onChange={(limit) => set({ period_limit: { ...period, limit: limit ?? 1 } })}
            />
          )}
        </div>
        <WeChatEditor access={rules.wechat} onChange={(wechat) => set({ wechat })} />
        <div className={styles.row}>
          {rules.once !== "many" && (
            <Checkbox
              checked={rules.can_edit ?? false}
              onChange={(event) => set({ can_edit: event.target.checked })}
            >
              {t("forms.canEdit")}
            </Checkbox>
          )}
          {definition.kind === "vote" && (
            <Checkbox
              checked={rules.shows_results ?? false}
              onChange={(event) => set({ shows_results: event.target.checked })}
            >
              {t("forms.showsResults")}
            </Checkbox>
          )}
          <Checkbox
            checked={rules.shows_score ?? false}
            onChange={(event) => set({ shows_score: event.target.checked })}
          >
            {t("forms.showsScore")}
          </Checkbox>
        </div>
      </div>
    </Panel>
  );
}
