import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import {
  type MetricDetail,
  type MetricDraft,
  type MetricFormula,
  metricsQuery,
  metricTrialQuery,
  saveMetric,
} from "../../api/metrics";
import { catalogueQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { EventInput, isChosen, Labelled } from "../behaviour/inputs";
import { MeasureInput, needsField } from "../behaviour/MeasureInput";
import { MetricFigures } from "./MetricFigures";
import styles from "./metrics.module.css";
import { useMetricWords } from "./useMetricWords";

const UNITS = ["times", "people", "orders", "money", "share", "number"] as const;
const WORDS = ["name", "name_en", "description", "owner"] as const;
const MOST = { name: 80, name_en: 80, description: 500, owner: 80 } as const;
const MONTH = { kind: "last_days", days: 30 } as const;

const isReady = (formula: MetricFormula) =>
  formula.kind === "ratio"
    ? formula.of !== "" && formula.to !== ""
    : isChosen(formula.event) && (!needsField(formula) || Boolean(formula.field));

/** What a changed formula most likely counts; a unit somebody chose stays while the measure does. */
function unitOf(formula: MetricFormula, { formula: before, unit }: MetricDraft): MetricDraft["unit"] {
  const measure = formula.kind === "ratio" ? "ratio" : formula.measure;
  if (measure === (before.kind === "ratio" ? "ratio" : before.measure)) return unit;
  if (measure === "events") return "times";
  if (measure === "people") return "people";
  return measure === "ratio" ? "share" : "number";
}

/** Words, formula, and what it gives on the last thirty days. */
export function MetricEditor({ kept, start }: { kept: MetricDetail | null; start: MetricDraft }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(start);
  const change = (part: Partial<MetricDraft>) => setDraft({ ...draft, ...part });
  const save = useMutation({
    mutationFn: () => saveMetric(kept, draft),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["metrics"] });
      navigate(`/figures/${saved.id}`);
    },
  });
  const ready = isReady(draft.formula);
  return (
    <Page
      title={kept ? kept.name : t("metric.create")}
      lead={kept ? t("metric.nextVersion", { version: kept.version + 1 }) : t("metric.createLead")}
      back={{ to: kept ? `/figures/${kept.id}` : "/figures", label: kept ? kept.name : t("nav.metrics") }}
      actions={
        <Button
          type="primary"
          disabled={!ready || draft.name.trim() === ""}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("metric.save")}
        </Button>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      <Panel>
        <div className={styles.words}>
          {WORDS.map((one) => (
            <Input
              key={one}
              value={draft[one]}
              maxLength={MOST[one]}
              aria-label={t(`metric.${one}`)}
              placeholder={t(`metric.${one}`)}
              onChange={(event) => change({ [one]: event.target.value })}
            />
          ))}
          <Labelled label={t("metric.unit")}>
            <Select
              aria-label={t("metric.unit")}
              value={draft.unit}
              onChange={(unit) => change({ unit })}
              options={UNITS.map((unit) => ({ value: unit, label: t(`metric.unit.${unit}`) }))}
              popupMatchSelectWidth={false}
            />
          </Labelled>
        </div>
        <FormulaInput
          formula={draft.formula}
          onChange={(formula) => change({ formula, unit: unitOf(formula, draft) })}
        />
      </Panel>
      {ready && <Trial draft={draft} />}
    </Page>
  );
}

interface FormulaInputProps {
  formula: MetricFormula;
  onChange: (formula: MetricFormula) => void;
}

function FormulaInput({ formula, onChange }: FormulaInputProps) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  const empty: Record<MetricFormula["kind"], MetricFormula> = {
    events: { kind: "events", event: { name: "", where: [], label: "" }, measure: "events" },
    ratio: { kind: "ratio", of: "", to: "" },
  };
  return (
    <div className={styles.formula}>
      <Segmented
        aria-label={t("metric.formula")}
        value={formula.kind}
        onChange={(kind) => kind !== formula.kind && onChange(empty[kind])}
        options={(["events", "ratio"] as const).map((kind) => ({
          value: kind,
          label: t(`metric.kind.${kind}`),
        }))}
      />
      {formula.kind === "events" ? (
        <>
          <EventInput
            label={t("behaviour.event")}
            value={formula.event}
            catalogue={catalogue}
            onChange={(event) => onChange({ ...formula, event })}
          />
          <div className={styles.measure}>
            <MeasureInput
              value={formula}
              catalogue={catalogue}
              onChange={(part) => onChange({ ...formula, ...part })}
            />
          </div>
        </>
      ) : (
        <div className={styles.measure}>
          <PartInput side="of" value={formula.of} onChange={(of) => onChange({ ...formula, of })} />
          <PartInput side="to" value={formula.to} onChange={(to) => onChange({ ...formula, to })} />
        </div>
      )}
    </div>
  );
}

interface PartInputProps {
  side: "of" | "to";
  value: string;
  onChange: (id: string) => void;
}

/** A metric above or below the line: ratios read none of their own kind. */
function PartInput({ side, value, onChange }: PartInputProps) {
  const { t } = useI18n();
  const words = useMetricWords();
  const { data } = useQuery(metricsQuery);
  const known = (data?.items ?? []).filter((one) => one.formula.kind === "events");
  return (
    <Labelled label={t(`metric.${side}`)}>
      <Select
        aria-label={t(`metric.${side}`)}
        value={value || null}
        style={{ minWidth: 190 }}
        options={known.map((one) => ({ value: one.id, label: words.name(one) }))}
        onChange={(id) => id && onChange(id)}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={false}
      />
    </Labelled>
  );
}

function Trial({ draft }: { draft: MetricDraft }) {
  const { t } = useI18n();
  const words = useMetricWords();
  const [shown, setShown] = useState<Shown | null>(null);
  const { data, error } = useQuery(metricTrialQuery(draft.formula, MONTH));
  const nothing = data && data.current.total.value === null;
  return (
    <Panel
      title={t("metric.trial")}
      extra={data ? words.formula(data.text) : undefined}
      testId="metric-trial"
    >
      {error && <ErrorNotice error={error} />}
      {!data && !error && <PanelSkeleton rows={5} />}
      {nothing && <EmptyState title={t("behaviour.nothing")} />}
      {data && !nothing && (
        <MetricFigures
          name={draft.name || t("metric.trial")}
          answer={data}
          unit={draft.unit ?? "number"}
          onShow={setShown}
        />
      )}
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </Panel>
  );
}
