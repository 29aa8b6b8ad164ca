import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { type EventFormula, metricsQuery } from "../../api/metrics";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { fieldsOf } from "../segments/fields";
import { type EventChoice, Labelled } from "./inputs";

const MEASURES = ["events", "people", "sum", "avg", "unique"] as const;

export interface Measured {
  event: EventChoice;
  measure?: (typeof MEASURES)[number];
  field?: string | null;
}

/** Whether what is counted needs a field. */
export function needsField({ measure }: Measured): boolean {
  return measure === "sum" || measure === "avg" || measure === "unique";
}

interface MeasureInputProps {
  value: Measured;
  catalogue: Catalogue | undefined;
  onChange: (part: Pick<Measured, "measure" | "field">) => void;
}

/** What is counted of the events, and in which field. */
export function MeasureInput({ value, catalogue, onChange }: MeasureInputProps) {
  const { t } = useI18n();
  const fields = fieldsOf({ name: value.event.name }, catalogue).filter(
    (field) => value.measure === "unique" || field.type === "number",
  );
  const first = { sum: "revenue", avg: "revenue", unique: "order_id" } as const;
  return (
    <>
      <Labelled label={t("behaviour.measure")}>
        <Select
          aria-label={t("behaviour.measure")}
          value={value.measure ?? "events"}
          onChange={(measure) =>
            onChange({ measure, field: measure in first ? first[measure as keyof typeof first] : undefined })
          }
          options={MEASURES.map((one) => ({ value: one, label: t(`behaviour.measure.${one}`) }))}
          showSearch={{ optionFilterProp: "label" }}
          popupMatchSelectWidth={false}
        />
      </Labelled>
      {needsField(value) && (
        <Labelled label={t("behaviour.field")}>
          <PickOrType
            label={t("behaviour.field")}
            value={value.field ?? ""}
            options={fields.map(({ name }) => ({ value: name, label: name.replace(/^properties\./, "") }))}
            onChange={(field) => onChange({ measure: value.measure, field })}
          />
        </Labelled>
      )}
    </>
  );
}

/** Fill in the definition of a metric, to ask about it further. */
export function MetricPick({ onPick }: { onPick: (formula: Measured) => void }) {
  const { t, locale } = useI18n();
  const { data } = useQuery(metricsQuery);
  const known = (data?.items ?? []).filter((one) => one.formula.kind === "events");
  return (
    <Labelled label={t("behaviour.metric")}>
      <Select
        aria-label={t("behaviour.metric")}
        placeholder={t("behaviour.metric.pick")}
        value={null}
        style={{ minWidth: 190 }}
        options={known.map((one) => ({
          value: one.id,
          label: (locale === "en" && one.name_en) || one.name,
        }))}
        onChange={(id: string | null) => {
          const formula = known.find((one) => one.id === id)?.formula as EventFormula | undefined;
          if (formula) onPick({ event: formula.event, measure: formula.measure, field: formula.field });
        }}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={false}
      />
    </Labelled>
  );
}
