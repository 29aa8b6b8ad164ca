import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Select } from "antd";
import { type TrendAnswer, type TrendQuery, type TrendSeries, trendQuery } from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import type { TabProps } from "./BehaviourPage";
import styles from "./behaviour.module.css";
import { changeOf } from "./figures";
import { BreakdownInput, EventInput, isChosen, Labelled, PeriodInput } from "./inputs";
import { MeasureInput, MetricPick, needsField } from "./MeasureInput";
import { TrendChart } from "./TrendChart";
import { useGroupName } from "./useGroupName";
import { useQuestion } from "./useQuestion";

const UNITS = ["day", "week", "month"] as const;
const INITIAL = {
  period: { kind: "last_days", days: 30 },
  event: { name: "" },
  measure: "events",
  unit: "day",
  compare: true,
} satisfies TrendQuery as TrendQuery;

export function TrendTab({ catalogue, onShow }: TabProps) {
  const { t } = useI18n();
  const { draft, setDraft, asked, ask } = useQuestion("trend", INITIAL);
  const change = (part: Partial<TrendQuery>) => setDraft({ ...draft, ...part });
  const ready = isChosen(draft.event) && (!needsField(draft) || Boolean(draft.field));
  return (
    <div className={styles.tab}>
      <Panel>
        <div className={styles.form}>
          <MetricPick onPick={change} />
          <EventInput
            label={t("behaviour.event")}
            value={draft.event}
            catalogue={catalogue}
            onChange={(event) => change({ event })}
          />
          <div className={styles.options}>
            <MeasureInput value={draft} catalogue={catalogue} onChange={change} />
            <PeriodInput
              value={draft.period ?? { kind: "last_days", days: 30 }}
              onChange={(period) => change({ period })}
            />
            <Labelled label={t("behaviour.unit")}>
              <Select
                aria-label={t("behaviour.unit")}
                value={draft.unit}
                onChange={(unit) => change({ unit })}
                options={UNITS.map((unit) => ({ value: unit, label: t(`behaviour.unit.${unit}`) }))}
                popupMatchSelectWidth={false}
              />
            </Labelled>
            <BreakdownInput
              value={draft.breakdown}
              events={[draft.event]}
              catalogue={catalogue}
              onChange={(breakdown) => change({ breakdown })}
            />
            <Checkbox checked={draft.compare} onChange={(event) => change({ compare: event.target.checked })}>
              {t("behaviour.compare")}
            </Checkbox>
            <Button type="primary" disabled={!ready} onClick={ask}>
              {t("behaviour.ask")}
            </Button>
          </div>
        </div>
      </Panel>
      {asked && <Answer asked={asked} onShow={onShow} />}
    </div>
  );
}

function Answer({ asked, onShow }: { asked: TrendQuery; onShow: TabProps["onShow"] }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(trendQuery(asked));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={6} />;
  return (
    <Panel
      title={t(`behaviour.measure.${asked.measure ?? "events"}`)}
      extra={<Extra answer={data} />}
      testId="trend-answer"
    >
      <TrendBody asked={asked} answer={data} onShow={onShow} />
    </Panel>
  );
}

interface TrendBodyProps {
  asked: TrendQuery;
  answer: TrendAnswer;
  onShow: TabProps["onShow"];
}

/** The chart and the totals under it; every point and every total leads to its people. */
export function TrendBody({ asked, answer, onShow }: TrendBodyProps) {
  const show = (title: string, part: { bucket?: string; previous?: boolean; group?: TrendSeries["group"] }) =>
    onShow({
      title,
      figure: {
        of: "behaviour/trend",
        body: { query: { ...asked, as_of: answer.as_of }, previous: false, ...part },
      },
    });
  return (
    <>
      <TrendChart asked={asked} answer={answer} onPick={(bucket) => show(bucket, { bucket })} />
      <Figures asked={asked} answer={answer} onShow={show} />
    </>
  );
}

function Extra({ answer }: { answer: TrendAnswer }) {
  const { t } = useI18n();
  return (
    <>
      {answer.other_currencies.length > 0 && (
        <span>{t("behaviour.others", { currencies: answer.other_currencies.join(", ") })}</span>
      )}
      <span>{`${answer.first_day} – ${answer.last_day}`}</span>
    </>
  );
}

interface FiguresProps {
  asked: TrendQuery;
  answer: TrendAnswer;
  onShow: (title: string, part: { previous?: boolean; group?: TrendSeries["group"] }) => void;
}

/** The totals under the chart: this period, the one before, and every group; each leads to its people. */
function Figures({ asked, answer, onShow }: FiguresProps) {
  const { t } = useI18n();
  const format = useFormat();
  const groupName = useGroupName();
  const { total, previous, groups } = answer;
  const written = (value: string | null) => {
    if (value === null) return "–";
    return answer.currency ? format.money(value, answer.currency) : format.decimal(Number(value), 4);
  };
  const change = changeOf(total.total.value, previous?.total.value ?? null);
  const rows = [
    { name: t("behaviour.current"), series: total, part: {} },
    ...(previous ? [{ name: t("behaviour.previous"), series: previous, part: { previous: true } }] : []),
    ...groups.map((series) => ({
      name: groupName(series.group, asked.breakdown),
      series,
      part: { group: series.group },
    })),
  ];
  return (
    <>
      {change !== null && (
        <p className="muted" role="note">
          {t("behaviour.change", { share: `${change >= 0 ? "+" : "−"}${format.share(Math.abs(change), 1)}` })}
        </p>
      )}
      <table className={styles.totals}>
        <thead>
          <tr>
            <th scope="col">{t("behaviour.whole")}</th>
            <th scope="col">{t(`behaviour.measure.${asked.measure ?? "events"}`)}</th>
            <th scope="col">{t("behaviour.people")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, series, part }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order of an answer does not change.
            <tr key={index}>
              <th scope="row">{name}</th>
              <td className="num">{written(series.total.value)}</td>
              <td className="num">
                <button type="button" onClick={() => onShow(name, part)}>
                  {format.count(series.total.people)}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
