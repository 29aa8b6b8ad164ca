import { useQuery } from "@tanstack/react-query";
import { InputNumber, Segmented } from "antd";
import { useState } from "react";
import { type Plan, type PowerQuestion, powerQuery } from "../../api/experiments";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useDebounced } from "../../ui/useDebounced";
import { useFormat } from "../../ui/useFormat";
import { Labelled } from "../behaviour/inputs";
import styles from "./experiments.module.css";

/** How many people and whole weeks the effect that is hoped for takes. */
export function PowerPanel({ plan }: { plan: Plan }) {
  const { t } = useI18n();
  const format = useFormat();
  const [kind, setKind] = useState<"rate" | "mean">("rate");
  const [baseline, setBaseline] = useState(10);
  const [deviation, setDeviation] = useState(10);
  const [effect, setEffect] = useState(20);
  const [perDay, setPerDay] = useState(500);
  const asked = useDebounced<PowerQuestion>(
    {
      kind,
      baseline: kind === "rate" ? baseline / 100 : baseline,
      deviation: kind === "mean" ? deviation : null,
      effect: effect / 100,
      people_per_day: perDay,
      arms: plan.arms.length,
      confidence: plan.confidence ?? "0.95",
      power: 0.8,
    },
    400,
  );
  const { data, error } = useQuery(powerQuery(asked));
  const field = (label: MessageKey, value: number, change: (value: number) => void, min = 0.01) => (
    <Labelled label={t(label)}>
      <InputNumber
        aria-label={t(label)}
        min={min}
        value={value}
        onChange={(next) => next !== null && change(next)}
      />
    </Labelled>
  );
  return (
    <Panel title={t("exp.power")} testId="power">
      <div className={styles.form}>
        <Labelled label={t("exp.power.kind")}>
          <Segmented
            aria-label={t("exp.power.kind")}
            value={kind}
            onChange={setKind}
            options={(["rate", "mean"] as const).map((one) => ({ value: one, label: t(`exp.power.${one}`) }))}
          />
        </Labelled>
        {field(`exp.power.baseline.${kind}`, baseline, setBaseline)}
        {kind === "mean" && field("exp.power.deviation", deviation, setDeviation)}
        {field("exp.power.effect", effect, setEffect, -99)}
        {field("exp.power.perDay", perDay, setPerDay)}
      </div>
      {error && <ErrorNotice error={error} />}
      {data && !error && (
        <p className={styles.note} role="status">
          {t("exp.power.answer", {
            perArm: format.count(data.per_arm),
            people: format.count(data.people),
            days: data.days,
          })}
        </p>
      )}
    </Panel>
  );
}
