import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Select } from "antd";
import { type PathPoint, type PathsAnswer, type PathsQuery, pathsQuery } from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { SpanInput } from "../segments/inputs";
import type { TabProps } from "./BehaviourPage";
import styles from "./behaviour.module.css";
import { EventInput, isChosen, Labelled, PeriodInput } from "./inputs";
import { PathsChart } from "./PathsChart";
import { pointsOf } from "./paths";
import { usePointName } from "./usePointName";
import { useQuestion } from "./useQuestion";

const STEPS = [1, 2, 3, 4, 5, 6, 7, 8];
const DAY = { amount: 1, unit: "days" } as const;
const INITIAL: PathsQuery = {
  period: { kind: "last_days", days: 30 },
  anchor: { name: "" },
  direction: "after",
  steps: 4,
  window: DAY,
  merges_repeats: true,
};

/** What people do step by step after an event, or before it. */
export function PathsTab({ catalogue, onShow }: TabProps) {
  const { t } = useI18n();
  const { draft, setDraft, asked, ask } = useQuestion("paths", INITIAL);
  const change = (part: Partial<PathsQuery>) => setDraft({ ...draft, ...part });
  const window = draft.window ?? DAY;
  return (
    <div className={styles.tab}>
      <Panel>
        <div className={styles.form}>
          <EventInput
            label={t("behaviour.anchor")}
            value={draft.anchor}
            catalogue={catalogue}
            onChange={(anchor) => change({ anchor })}
          />
          <div className={styles.options}>
            <Labelled label={t("behaviour.direction")}>
              <Select
                aria-label={t("behaviour.direction")}
                value={draft.direction}
                onChange={(direction) => change({ direction })}
                options={(["after", "before"] as const).map((one) => ({
                  value: one,
                  label: t(`behaviour.direction.${one}`),
                }))}
                popupMatchSelectWidth={false}
              />
            </Labelled>
            <Labelled label={t("behaviour.pathSteps")}>
              <Select
                aria-label={t("behaviour.pathSteps")}
                value={draft.steps}
                onChange={(steps) => change({ steps })}
                options={STEPS.map((one) => ({ value: one, label: String(one) }))}
              />
            </Labelled>
            <Labelled label={t("behaviour.within")}>
              <SpanInput
                amount={window.amount}
                unit={window.unit}
                onChange={(amount, unit) =>
                  change({
                    window: unit === "weeks" ? { amount: amount * 7, unit: "days" } : { amount, unit },
                  })
                }
              />
            </Labelled>
            <PeriodInput
              value={draft.period ?? { kind: "last_days", days: 30 }}
              onChange={(period) => change({ period })}
            />
            <Checkbox
              checked={draft.merges_repeats}
              onChange={(event) => change({ merges_repeats: event.target.checked })}
            >
              {t("behaviour.mergesRepeats")}
            </Checkbox>
            <Button type="primary" disabled={!isChosen(draft.anchor)} onClick={ask}>
              {t("behaviour.ask")}
            </Button>
          </div>
        </div>
      </Panel>
      {asked && <Answer asked={asked} onShow={onShow} />}
    </div>
  );
}

function Answer({ asked, onShow }: { asked: PathsQuery; onShow: TabProps["onShow"] }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(pathsQuery(asked));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={6} />;
  if (data.people === 0) {
    return (
      <Panel>
        <EmptyState title={t("behaviour.nothing")} />
      </Panel>
    );
  }
  return (
    <Panel title={t("behaviour.tab.paths")} testId="paths-answer">
      <PathsBody asked={asked} answer={data} onShow={onShow} />
    </Panel>
  );
}

interface PathsBodyProps {
  asked: PathsQuery;
  answer: PathsAnswer;
  onShow: TabProps["onShow"];
}

/** Rivers, and the same figures in words; all of them lead to their people. */
export function PathsBody({ asked, answer, onShow }: PathsBodyProps) {
  const pointName = usePointName();
  const show = (step: number, at: PathPoint, next: PathPoint | null) =>
    onShow({
      title: next ? `${pointName(at)} → ${pointName(next)}` : pointName(at),
      figure: { of: "behaviour/paths", body: { query: { ...asked, as_of: answer.as_of }, step, at, next } },
    });
  return (
    <>
      <PathsChart answer={answer} onPick={show} />
      <Steps answer={answer} onShow={(step, at) => show(step, at, null)} />
    </>
  );
}

interface StepsProps {
  answer: PathsAnswer;
  onShow: (step: number, at: PathPoint) => void;
}

/** The same figures in words, step by step; each leads to its people. */
function Steps({ answer, onShow }: StepsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const pointName = usePointName();
  return (
    <div className={styles.steps}>
      {pointsOf(answer).map((points, step) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are their place.
        <section key={step}>
          <h3>{step === 0 ? t("behaviour.anchor") : t("behaviour.step", { n: step })}</h3>
          <ul>
            {points.map(({ at, people }) => (
              <li key={`${at.kind}:${at.name}`}>
                <span>{pointName(at)}</span>
                <button type="button" onClick={() => onShow(step, at)}>
                  {format.count(people)}
                </button>
                <small className="muted">{format.share(people / answer.people, 1)}</small>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
