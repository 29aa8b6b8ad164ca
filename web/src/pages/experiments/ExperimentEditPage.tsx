import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { experimentQuery, type Plan, saveExperiment } from "../../api/experiments";
import { metricsQuery } from "../../api/metrics";
import { type MessageKey, type Translate, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Labelled } from "../behaviour/inputs";
import { useMetricWords } from "../metrics/useMetricWords";
import { ArmsInput } from "./ArmsInput";
import styles from "./experiments.module.css";
import { PowerPanel } from "./PowerPanel";
import { basisPoints, percent } from "./words";

const BACK = "/experiments";
const CONFIDENCES = ["0.90", "0.95", "0.99"] as const;

const emptyPlan = (t: Translate): Plan => ({
  name: "",
  arms: [
    { key: "control", name: t("exp.arm.control"), weight_bps: 5000 },
    { key: "b", name: t("exp.arm.new"), weight_bps: 5000 },
  ],
  primary: { metric: "buyers" },
});

/** A new experiment, or the plan of one. */
export default function ExperimentEditPage() {
  const { id = "new" } = useParams();
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...experimentQuery(id), enabled: id !== "new" });
  if (id === "new") return <Editor key="new" id={null} start={emptyPlan(t)} isRunning={false} />;
  if (data) return <Editor key={id} id={id} start={data.plan} isRunning={data.status === "running"} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.experiments")} back={{ to: BACK, label: t("nav.experiments") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}

function Editor({ id, start, isRunning }: { id: string | null; start: Plan; isRunning: boolean }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [plan, setPlan] = useState(start);
  const change = (part: Partial<Plan>) => setPlan({ ...plan, ...part });
  const save = useMutation({
    mutationFn: () => saveExperiment(id, plan),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["experiments"] });
      navigate(`${BACK}/${saved.id}`);
    },
  });
  const total = plan.arms.reduce((sum, arm) => sum + arm.weight_bps, 0);
  const number = (label: MessageKey, value: number, most: number, take: (value: number) => void) => (
    <Labelled label={t(label)}>
      <InputNumber
        aria-label={t(label)}
        min={1}
        max={most}
        value={value}
        onChange={(next) => next !== null && take(next)}
      />
    </Labelled>
  );
  return (
    <Page
      title={id ? start.name : t("exp.create")}
      lead={t("exp.createLead")}
      back={{ to: id ? `${BACK}/${id}` : BACK, label: id ? start.name : t("nav.experiments") }}
      actions={
        <Button
          type="primary"
          disabled={plan.name.trim() === "" || total !== 10_000}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("exp.save")}
        </Button>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      <Panel>
        <div className={styles.form}>
          <Labelled label={t("exp.name")}>
            <Input
              aria-label={t("exp.name")}
              value={plan.name}
              maxLength={80}
              onChange={(event) => change({ name: event.target.value })}
            />
          </Labelled>
          {number("exp.weeks", plan.plan_weeks ?? 2, 52, (plan_weeks) => change({ plan_weeks }))}
          {number("exp.coverage", percent(plan.coverage_bps ?? 10_000), 100, (share) =>
            change({ coverage_bps: basisPoints(share) }),
          )}
          <div className={styles.wide}>
            <Input.TextArea
              aria-label={t("exp.hypothesis")}
              placeholder={t("exp.hypothesis")}
              value={plan.hypothesis ?? ""}
              maxLength={2000}
              autoSize={{ minRows: 2 }}
              onChange={(event) => change({ hypothesis: event.target.value })}
            />
          </div>
        </div>
      </Panel>
      {!isRunning && (
        <>
          <Panel title={t("exp.arms")}>
            <Segmented
              aria-label={t("exp.kind")}
              value={plan.kind ?? "ab"}
              onChange={(kind) => change({ kind })}
              options={(["ab", "bandit"] as const).map((kind) => ({
                value: kind,
                label: t(`exp.kind.${kind}`),
              }))}
              style={{ marginBottom: 12 }}
            />
            <ArmsInput arms={plan.arms} onChange={(arms) => change({ arms })} />
            {total !== 10_000 && <p role="alert">{t("exp.shares", { total: percent(total) })}</p>}
            <div className={`${styles.form} ${styles.layer}`}>
              <Labelled label={t("exp.layer")}>
                <Input
                  aria-label={t("exp.layer")}
                  value={plan.layer ?? ""}
                  maxLength={40}
                  onChange={(event) => change({ layer: event.target.value })}
                />
              </Labelled>
              {plan.layer &&
                number("exp.layerShare", percent(plan.layer_share_bps ?? 10_000), 100, (share) =>
                  change({ layer_share_bps: basisPoints(share) }),
                )}
            </div>
          </Panel>
          <Measures plan={plan} change={change} number={number} />
          <PowerPanel plan={plan} />
        </>
      )}
    </Page>
  );
}

interface MeasuresProps {
  plan: Plan;
  change: (part: Partial<Plan>) => void;
  number: (label: MessageKey, value: number, most: number, take: (value: number) => void) => React.ReactNode;
}

function Measures({ plan, change, number }: MeasuresProps) {
  const { t } = useI18n();
  const words = useMetricWords();
  const { data } = useQuery(metricsQuery);
  const options = (data?.items ?? []).map((one) => ({ value: one.id, label: words.name(one) }));
  const several = (role: "further" | "guardrails") => (
    <>
      <Labelled label={t(`exp.${role}`)}>
        <Select
          mode="multiple"
          aria-label={t(`exp.${role}`)}
          value={(plan[role] ?? []).map((use) => use.metric)}
          options={options}
          onChange={(ids: string[]) =>
            change({
              [role]: ids.map((id) => (plan[role] ?? []).find((use) => use.metric === id) ?? { metric: id }),
            })
          }
          showSearch={{ optionFilterProp: "label" }}
        />
      </Labelled>
      {(plan[role] ?? []).length > 0 && (
        <Labelled label={t("exp.lower")}>
          <Select
            mode="multiple"
            aria-label={`${t(`exp.${role}`)} ${t("exp.lower")}`}
            value={(plan[role] ?? []).filter((use) => use.lower_is_better).map((use) => use.metric)}
            options={options.filter((one) => (plan[role] ?? []).some((use) => use.metric === one.value))}
            onChange={(ids: string[]) =>
              change({
                [role]: (plan[role] ?? []).map((use) => ({
                  ...use,
                  lower_is_better: ids.includes(use.metric),
                })),
              })
            }
          />
        </Labelled>
      )}
    </>
  );
  return (
    <Panel title={t("exp.metrics")}>
      <div className={styles.form}>
        <Labelled label={t("exp.primary")}>
          <Select
            aria-label={t("exp.primary")}
            value={plan.primary.metric}
            options={options}
            onChange={(metric) => change({ primary: { ...plan.primary, metric } })}
            showSearch={{ optionFilterProp: "label" }}
          />
        </Labelled>
        <Checkbox
          checked={plan.primary.lower_is_better ?? false}
          onChange={(event) =>
            change({ primary: { ...plan.primary, lower_is_better: event.target.checked } })
          }
        >
          {t("exp.lower")}
        </Checkbox>
        {several("further")}
        {several("guardrails")}
        {number("exp.window", plan.window_days ?? 14, 90, (window_days) => change({ window_days }))}
        <Labelled label={t("exp.confidence")}>
          <Select
            aria-label={t("exp.confidence")}
            value={plan.confidence ?? "0.95"}
            options={CONFIDENCES.map((one) => ({ value: one, label: `${Math.round(Number(one) * 100)}%` }))}
            onChange={(confidence) => change({ confidence })}
          />
        </Labelled>
      </div>
    </Panel>
  );
}
