import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import {
  type FigureGroup,
  type FunnelAnswer,
  type FunnelQuery,
  funnelPresetsQuery,
  funnelQuery,
} from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { SpanInput } from "../segments/inputs";
import type { TabProps } from "./BehaviourPage";
import styles from "./behaviour.module.css";
import { type StepFigure, stepFigures } from "./figures";
import { BreakdownInput, EventInput, isChosen, Labelled, PeriodInput } from "./inputs";
import { useGroupName } from "./useGroupName";
import { useQuestion } from "./useQuestion";

const ORDERS = ["ordered", "strict", "any"] as const;
const STEPS_MIN = 2;
const STEPS_MAX = 10;
const INITIAL: FunnelQuery = {
  period: { kind: "last_days", days: 30 },
  steps: [{ name: "" }, { name: "" }],
  order: "ordered",
  window: { amount: 7, unit: "days" },
};

export function FunnelTab({ catalogue, onShow }: TabProps) {
  const { t } = useI18n();
  const { draft, setDraft, asked, ask } = useQuestion("funnel", INITIAL);
  const { steps } = draft;
  const order = draft.order ?? "ordered";
  const window = draft.window ?? { amount: 7, unit: "days" };
  return (
    <div className={styles.tab}>
      <Panel>
        <div className={styles.form}>
          <FunnelPresets onPick={setDraft} />
          {steps.map((step, index) => (
            <EventInput
              // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
              key={index}
              label={[t("behaviour.step", { n: index + 1 }), step.label].filter(Boolean).join(" · ")}
              value={step}
              catalogue={catalogue}
              onChange={(next) => setDraft({ ...draft, steps: steps.with(index, next) })}
              onRemove={
                steps.length > STEPS_MIN
                  ? {
                      label: t("behaviour.step.remove", { n: index + 1 }),
                      action: () => setDraft({ ...draft, steps: steps.toSpliced(index, 1) }),
                    }
                  : undefined
              }
            />
          ))}
          {steps.length < STEPS_MAX && (
            <div>
              <Button size="small" onClick={() => setDraft({ ...draft, steps: [...steps, { name: "" }] })}>
                {t("behaviour.step.add")}
              </Button>
            </div>
          )}
          <div className={styles.options}>
            <PeriodInput
              value={draft.period ?? { kind: "last_days", days: 30 }}
              onChange={(period) => setDraft({ ...draft, period })}
            />
            <Labelled label={t("behaviour.order")}>
              <Select
                aria-label={t("behaviour.order")}
                value={order}
                onChange={(next: (typeof ORDERS)[number]) => setDraft({ ...draft, order: next })}
                options={ORDERS.map((one) => ({ value: one, label: t(`behaviour.order.${one}`) }))}
                popupMatchSelectWidth={false}
              />
            </Labelled>
            <Labelled label={t("behaviour.window")}>
              <SpanInput
                amount={window.amount}
                unit={window.unit}
                onChange={(amount, unit) =>
                  setDraft({
                    ...draft,
                    window: unit === "weeks" ? { amount: amount * 7, unit: "days" } : { amount, unit },
                  })
                }
              />
            </Labelled>
            <BreakdownInput
              value={draft.breakdown}
              events={steps}
              catalogue={catalogue}
              onChange={(breakdown) => setDraft({ ...draft, breakdown })}
            />
            <Button type="primary" disabled={!isChosen(...steps)} onClick={ask}>
              {t("behaviour.ask")}
            </Button>
          </div>
          <p className="muted">{t(`behaviour.order.${order}.hint`)}</p>
        </div>
      </Panel>
      {asked && <Answer asked={asked} onShow={onShow} />}
    </div>
  );
}

/** Funnels to begin with, to be edited like any other. */
function FunnelPresets({ onPick }: { onPick: (question: FunnelQuery) => void }) {
  const { t, locale } = useI18n();
  const { data } = useQuery(funnelPresetsQuery);
  return (
    <div className={styles.options}>
      <span className={styles.fieldLabel}>{t("behaviour.presets")}</span>
      {data?.items.map((preset) => (
        <Button
          key={preset.key}
          size="small"
          onClick={() =>
            onPick(locale === "en" ? withLabels(preset.question, preset.labels_en) : preset.question)
          }
        >
          {locale === "en" ? preset.name_en : preset.name}
        </Button>
      ))}
    </div>
  );
}

function withLabels(question: FunnelQuery, labels: readonly string[]): FunnelQuery {
  return { ...question, steps: question.steps.map((step, index) => ({ ...step, label: labels[index] })) };
}

function Answer({ asked, onShow }: { asked: FunnelQuery; onShow: TabProps["onShow"] }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(funnelQuery(asked));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={5} />;
  if (data.total.reached[0] === 0) {
    return (
      <Panel>
        <EmptyState title={t("behaviour.nothing")} />
      </Panel>
    );
  }
  return (
    <>
      {[data.total, ...data.groups].map((series) => (
        <Series
          key={JSON.stringify(series.group)}
          asked={asked}
          answer={data}
          group={series.group}
          reached={series.reached}
          onShow={onShow}
        />
      ))}
    </>
  );
}

interface SeriesProps {
  asked: FunnelQuery;
  answer: FunnelAnswer;
  group: FigureGroup;
  reached: readonly number[];
  onShow: TabProps["onShow"];
}

function Series(props: SeriesProps) {
  const { asked, answer, group } = props;
  const groupName = useGroupName();
  return (
    <Panel
      title={groupName(group, asked.breakdown)}
      extra={`${answer.first_day} – ${answer.last_day}`}
      testId={group ? undefined : "funnel-total"}
    >
      <FunnelSteps {...props} />
    </Panel>
  );
}

/** How many came to each step, and how many stopped there; each figure leads to its people. */
export function FunnelSteps({ asked, answer, group, reached, onShow }: SeriesProps) {
  const { t } = useI18n();
  const format = useFormat();
  const groupName = useGroupName();
  const name = groupName(group, asked.breakdown);
  const show = (step: StepFigure, which: "reached" | "dropped") =>
    onShow({
      title: `${t(which === "reached" ? "behaviour.reachedStep" : "behaviour.droppedStep", { n: step.step })}${group ? ` · ${name}` : ""}`,
      figure: {
        of: "behaviour/funnel",
        body: { query: { ...asked, as_of: answer.as_of }, step: step.step, which, group },
      },
    });
  return (
    <ol className={styles.funnel}>
      {stepFigures(reached).map((step) => (
        <li key={step.step}>
          <StepName query={asked} step={step.step} />
          <span className={styles.track} aria-hidden="true">
            <span style={{ width: `${step.ofFirst * 100}%` }} />
          </span>
          <span className={styles.stepFigures}>
            <button type="button" className="num" onClick={() => show(step, "reached")}>
              {t("people.total", { count: format.count(step.reached), n: step.reached })}
            </button>
            <span className="num">
              {t("behaviour.conversion")} {format.share(step.ofFirst, 1)}
            </span>
            {step.step > 1 && (
              <span className="num muted">
                {t("behaviour.fromPrevious")} {format.share(step.ofPrevious, 1)}
              </span>
            )}
            {step.dropped > 0 && (
              <button type="button" className={`num ${styles.dropped}`} onClick={() => show(step, "dropped")}>
                {t("behaviour.dropped")} {format.count(step.dropped)}
              </button>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function StepName({ query, step }: { query: FunnelQuery; step: number }) {
  const eventName = useEventName();
  const { name = "", label } = query.steps[step - 1] ?? {};
  const events = [name].flat().map(eventName).join(" / ");
  return (
    <strong title={events}>
      {step}. {label || events}
    </strong>
  );
}
