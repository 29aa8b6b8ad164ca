import { useQuery } from "@tanstack/react-query";
import { Button, InputNumber, Select } from "antd";
import { type RetentionAnswer, type RetentionQuery, retentionQuery } from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import type { TabProps } from "./BehaviourPage";
import styles from "./behaviour.module.css";
import { cellOf } from "./figures";
import { EventInput, isChosen, Labelled, PeriodInput } from "./inputs";
import { useQuestion } from "./useQuestion";

const UNITS = ["day", "week", "month"] as const;
const MODES = ["on", "on_or_after", "rolling"] as const;
const ENTRIES = ["first_ever", "every"] as const;
const INITIAL = {
  period: { kind: "last_days", days: 14 },
  first: { name: "" },
  back: { name: "" },
  unit: "day",
  periods: 7,
  mode: "on",
  entry: "first_ever",
} satisfies RetentionQuery as RetentionQuery;

export function RetentionTab({ catalogue, onShow }: TabProps) {
  const { t } = useI18n();
  const { draft, setDraft, asked, ask } = useQuestion("retention", INITIAL);
  const change = (part: Partial<RetentionQuery>) => setDraft({ ...draft, ...part });
  return (
    <div className={styles.tab}>
      <Panel>
        <div className={styles.form}>
          <EventInput
            label={t("behaviour.first")}
            value={draft.first}
            catalogue={catalogue}
            onChange={(first) => change({ first })}
          />
          <EventInput
            label={t("behaviour.back")}
            value={draft.back}
            catalogue={catalogue}
            onChange={(back) => change({ back })}
          />
          <div className={styles.options}>
            <PeriodInput
              value={draft.period ?? { kind: "last_days", days: 14 }}
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
            <Labelled label={t("behaviour.periods")}>
              <InputNumber
                aria-label={t("behaviour.periods")}
                min={1}
                max={90}
                precision={0}
                value={draft.periods}
                style={{ width: 76 }}
                onChange={(periods) => periods !== null && change({ periods })}
              />
            </Labelled>
            <Labelled label={t("behaviour.mode")}>
              <Select
                aria-label={t("behaviour.mode")}
                value={draft.mode}
                onChange={(mode) => change({ mode })}
                options={MODES.map((mode) => ({ value: mode, label: t(`behaviour.mode.${mode}`) }))}
                popupMatchSelectWidth={false}
              />
            </Labelled>
            <Labelled label={t("behaviour.entry")}>
              <Select
                aria-label={t("behaviour.entry")}
                value={draft.entry}
                onChange={(entry) => change({ entry })}
                options={ENTRIES.map((entry) => ({ value: entry, label: t(`behaviour.entry.${entry}`) }))}
                popupMatchSelectWidth={false}
              />
            </Labelled>
            <Button type="primary" disabled={!isChosen(draft.first, draft.back)} onClick={ask}>
              {t("behaviour.ask")}
            </Button>
          </div>
        </div>
      </Panel>
      {asked && <Answer asked={asked} onShow={onShow} />}
    </div>
  );
}

function Answer({ asked, onShow }: { asked: RetentionQuery; onShow: TabProps["onShow"] }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(retentionQuery(asked));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={6} />;
  if (data.cohorts.every((row) => row.people === 0)) {
    return (
      <Panel>
        <EmptyState title={t("behaviour.nothing")} />
      </Panel>
    );
  }
  return (
    <Panel title={t("behaviour.tab.retention")} extra={`${data.first_day} – ${data.last_day}`} flush>
      <RetentionTable asked={asked} answer={data} onShow={onShow} />
    </Panel>
  );
}

interface TableProps {
  asked: RetentionQuery;
  answer: RetentionAnswer;
  onShow: TabProps["onShow"];
}

type Which = "all" | "retained" | "lost";
const WHICH_WORDS = {
  all: "behaviour.cohortPeople",
  retained: "behaviour.retained",
  lost: "behaviour.lost",
} as const;

export function RetentionTable({ asked, answer, onShow }: TableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const columns = answer.totals.map((total) => total.n);
  const show = (cohort: string, n: number, which: Which) =>
    onShow({
      title: `${which === "all" ? cohort : t("behaviour.cell", { cohort, n })} · ${t(WHICH_WORDS[which])}`,
      figure: {
        of: "behaviour/retention",
        body: { query: { ...asked, as_of: answer.as_of }, cohort, n, which },
      },
    });
  return (
    <div className={styles.scroll}>
      <table className={styles.retention} data-testid="retention-table">
        <thead>
          <tr>
            <th scope="col">{t("behaviour.cohort")}</th>
            <th scope="col">{t("behaviour.size")}</th>
            {columns.map((n) => (
              <th key={n} scope="col" className="num">
                {n}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("behaviour.total")}</th>
            <td className="num">{format.count(answer.cohorts.reduce((sum, row) => sum + row.people, 0))}</td>
            {answer.totals.map((total) => (
              <td key={total.n} className="num">
                {format.share(total.retained, total.people)}
              </td>
            ))}
          </tr>
          {answer.cohorts.map((row) => (
            <tr key={row.cohort}>
              <th scope="row" className="num">
                {row.cohort}
              </th>
              <td className="num">
                <button type="button" onClick={() => show(row.cohort, 0, "all")}>
                  {format.count(row.people)}
                </button>
              </td>
              {columns.map((n) => {
                const cell = cellOf(row, n);
                if (!cell || row.people === 0) return <td key={n} />;
                const share = cell.people / row.people;
                return (
                  <td
                    key={n}
                    className={`num ${cell.is_complete ? "" : styles.open}`}
                    style={{ "--heat": `${Math.round(share * 60)}%` } as React.CSSProperties}
                  >
                    <button
                      type="button"
                      title={`${format.count(cell.people)} / ${format.count(row.people)}`}
                      onClick={() => show(row.cohort, n, "retained")}
                    >
                      {format.share(cell.people, row.people)}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
