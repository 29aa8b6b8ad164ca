import { DeleteOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { deletePlan, draftPlan, savePlan, trackingPlanQuery } from "../../api/events";
import type { PlanMode, PlanType, PropertyRule, SavePlan } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useNarrow } from "../../ui/useNarrow";
import styles from "./events.module.css";

export const MODES: readonly PlanMode[] = ["off", "warn", "quarantine", "reject"];
const TYPES: readonly PlanType[] = ["any", "text", "number", "integer", "boolean", "list", "object"];
const NOTHING: SavePlan = { mode: "off", properties: [] };

/** What events of a name should hold. */
export function PlanPanel({ name }: { name: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(trackingPlanQuery);
  const plan = data?.events.find((one) => one.name === name);
  return (
    <Panel title={t("plan.title")} testId="event-plan">
      <p className="soft">{t("plan.text")}</p>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={2} />}
      {data && <PlanForm key={name} name={name} saved={plan} />}
    </Panel>
  );
}

function PlanForm({ name, saved }: { name: string; saved: SavePlan | undefined }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [plan, setPlan] = useState<SavePlan>(saved ?? NOTHING);
  const rules = plan.properties ?? [];
  const refresh = () => queries.invalidateQueries({ queryKey: trackingPlanQuery.queryKey });
  const save = useMutation({ mutationFn: () => savePlan(name, plan), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: () => deletePlan(name),
    onSuccess: () => {
      setPlan(NOTHING);
      return refresh();
    },
  });
  const draft = useMutation({
    mutationFn: () => draftPlan(name),
    onSuccess: (found) => setPlan({ ...found, mode: plan.mode }),
  });
  const change = (index: number, rule: PropertyRule | null) =>
    setPlan({
      ...plan,
      properties: rules.flatMap((one, place) => (place !== index ? [one] : rule ? [rule] : [])),
    });
  const failed = save.error ?? remove.error ?? draft.error;
  return (
    <>
      <div className={styles.tools}>
        <span>{t("plan.mode")}</span>
        <Select
          aria-label={t("plan.mode")}
          value={plan.mode}
          onChange={(mode: PlanMode) => setPlan({ ...plan, mode })}
          options={MODES.map((mode) => ({ value: mode, label: t(`planMode.${mode}`) }))}
          style={{ minWidth: 140 }}
        />
        <Button onClick={() => draft.mutate()} loading={draft.isPending}>
          {t("plan.draft")}
        </Button>
      </div>
      {rules.length === 0 && <p className="muted">{t("plan.empty")}</p>}
      <ul className={styles.rules}>
        {rules.map((rule, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: while its key is typed a rule has no other identity.
          <li key={index}>
            <RuleFields rule={rule} onChange={(next) => change(index, next)} />
          </li>
        ))}
      </ul>
      <div className={styles.tools}>
        <Button onClick={() => setPlan({ ...plan, properties: [...rules, { key: "", type: "any" }] })}>
          {t("plan.add")}
        </Button>
        <Button
          type="primary"
          disabled={rules.some((rule) => rule.key.trim() === "")}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
        {saved && (
          <Button danger loading={remove.isPending} onClick={() => remove.mutate()}>
            {t("plan.delete")}
          </Button>
        )}
        {save.isSuccess && <span className="muted">{t("plan.saved")}</span>}
      </div>
      {failed && <ErrorNotice error={failed} />}
    </>
  );
}

interface RuleFieldsProps {
  rule: PropertyRule;
  onChange: (rule: PropertyRule | null) => void;
}

function RuleFields({ rule, onChange }: RuleFieldsProps) {
  const { t } = useI18n();
  const isNarrow = useNarrow();
  return (
    <div className={styles.rule} data-narrow={isNarrow || undefined}>
      <Input
        aria-label={t("catalogue.key")}
        placeholder={t("catalogue.key")}
        value={rule.key}
        maxLength={200}
        onChange={(event) => onChange({ ...rule, key: event.target.value })}
      />
      <Select
        aria-label={t("catalogue.type")}
        value={rule.type ?? "any"}
        onChange={(type: PlanType) => onChange({ ...rule, type })}
        options={TYPES.map((type) => ({ value: type, label: t(`planType.${type}`) }))}
      />
      <Checkbox
        checked={rule.required ?? false}
        onChange={(event) => onChange({ ...rule, required: event.target.checked })}
      >
        {t("plan.required")}
      </Checkbox>
      <Select
        mode="tags"
        open={false}
        suffixIcon={null}
        aria-label={t("plan.choices")}
        placeholder={`${t("plan.choices")} · ${t("plan.choices.hint")}`}
        value={rule.choices ?? []}
        onChange={(choices: string[]) => onChange({ ...rule, choices })}
      />
      <Input
        aria-label={t("plan.pattern")}
        placeholder={t("plan.pattern")}
        value={rule.pattern ?? ""}
        maxLength={200}
        onChange={(event) => onChange({ ...rule, pattern: event.target.value })}
      />
      <InputNumber
        aria-label={t("plan.maxLength")}
        placeholder={t("plan.maxLength")}
        min={1}
        max={65_536}
        precision={0}
        value={rule.max_length ?? null}
        onChange={(max_length) => onChange({ ...rule, max_length })}
        style={{ width: "100%" }}
      />
      <Button
        type="text"
        icon={<DeleteOutlined />}
        aria-label={t("plan.remove", { key: rule.key })}
        onClick={() => onChange(null)}
      />
    </div>
  );
}
