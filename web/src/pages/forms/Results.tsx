import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { type ReactNode, useState } from "react";
import {
  crossQuery,
  type FormResults,
  formResultsQuery,
  type Narrowing,
  type QuestionResult,
} from "../../api/forms";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Scroll } from "../../ui/Scroll";
import { useFormat } from "../../ui/useFormat";
import { Bars } from "./Bars";
import { DaysChart } from "./DaysChart";
import styles from "./forms.module.css";
import { Refusals } from "./Refusals";
import { Words } from "./Words";

interface ResultsProps {
  id: string;
  narrowing: Narrowing;
  /** Opens the answers behind a bar. */
  onBar: (question: string, value: string) => void;
}

const TEXTS = new Set(["text", "long_text", "phone", "email", "file", "image"]);

/** All figures of a form; every bar leads to the answers behind it. */
export function Results({ id, narrowing, onBar }: ResultsProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(formResultsQuery(id, narrowing));
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton />;
  const isNarrowed = Object.values(narrowing).some(Boolean);
  return (
    <div className={styles.column} data-testid="form-results">
      <Figures results={data} />
      <Refusals id={id} narrowing={narrowing} />
      {data.answers + data.repeats === 0 ? (
        <Panel>
          <EmptyState title={t(isNarrowed ? "forms.narrow.none" : "forms.results.none")}>
            {t(isNarrowed ? "forms.narrow.none.text" : "forms.results.none.text")}
          </EmptyState>
        </Panel>
      ) : (
        <>
          <DaysChart days={data.days} />
          <div className={styles.pair}>
            <Funnel results={data} />
            <Sources results={data} />
          </div>
          {data.questions.map((question) => (
            <QuestionPanel
              key={question.key}
              id={id}
              narrowing={narrowing}
              question={question}
              onBar={onBar}
            />
          ))}
          <Cross id={id} narrowing={narrowing} questions={data.questions} />
        </>
      )}
    </div>
  );
}

function Figures({ results }: { results: FormResults }) {
  const { t } = useI18n();
  const format = useFormat();
  const figures: [string, ReactNode, string?][] = [
    [t("forms.figure.opened"), format.count(results.opened)],
    [t("forms.figure.answers"), format.count(results.answers)],
    [t("forms.figure.completion"), results.opened ? format.share(results.submitted, results.opened) : "–"],
    [
      t("forms.figure.seconds"),
      results.median_seconds ? t("forms.seconds", { n: format.count(results.median_seconds) }) : "–",
    ],
  ];
  if (results.average_score)
    figures.push([t("forms.figure.score"), format.decimal(results.average_score, 1)]);
  if (results.repeats)
    figures.push([t("forms.figure.repeats"), format.count(results.repeats), t("forms.figure.repeats.hint")]);
  return (
    <dl className={styles.figures}>
      {figures.map(([name, value, hint]) => (
        <div key={name} title={hint}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Funnel({ results }: { results: FormResults }) {
  const { t } = useI18n();
  const steps = [
    ...results.pages.map((page, at) => ({
      key: page.key,
      label: `${at + 1} · ${page.title}`,
      count: page.reached,
    })),
    { key: "", label: t("forms.funnel.submitted"), count: results.submitted },
  ];
  return (
    <Panel title={t("forms.funnel")}>
      <Bars bars={steps} whole={results.opened} />
    </Panel>
  );
}

function Sources({ results }: { results: FormResults }) {
  const { t } = useI18n();
  const named = (empty: string) => (one: { key: string; label: string; count: number }) => ({
    ...one,
    label: one.label || empty,
  });
  return (
    <Panel title={results.results.length > 0 ? t("forms.outcomes") : t("forms.sources")}>
      <Bars
        bars={
          results.results.length > 0
            ? results.results.map(named(t("forms.outcome.none")))
            : results.sources.map(named(t("forms.source.direct")))
        }
        whole={results.answers}
      />
    </Panel>
  );
}

function QuestionPanel({ id, narrowing, question, onBar }: ResultsProps & { question: QuestionResult }) {
  const { t } = useI18n();
  const format = useFormat();
  const { figures } = question;
  const said = [
    t("forms.answered", { n: format.count(question.answered) }),
    figures && t("forms.average", { n: format.decimal(figures.average, 2) }),
    figures && t("forms.median", { n: format.decimal(figures.median, 1) }),
    figures && typeof figures.nps === "number" && t("forms.nps", { n: format.decimal(figures.nps, 0) }),
  ].filter(Boolean);
  return (
    <Panel title={question.title} extra={said.join(" · ")} testId={`result-${question.key}`}>
      {TEXTS.has(question.kind) && <p className="muted">{t("forms.textOnly")}</p>}
      {question.has_words && question.answered > 0 && (
        <Words id={id} question={question.key} narrowing={narrowing} />
      )}
      {(question.options ?? []).length > 0 && (
        <Bars
          bars={question.options ?? []}
          whole={question.answered}
          onBar={(value) => onBar(question.key, value)}
        />
      )}
      {(question.rows ?? []).map((row) => (
        <section key={row.key} className={styles.matrixRow}>
          <h3>
            {row.label}{" "}
            {typeof row.mean_place === "number" && (
              <small className="muted">
                {t("forms.ranked", {
                  mean: format.decimal(row.mean_place, 2),
                  n: format.count(row.columns[0]?.count ?? 0),
                })}
              </small>
            )}
          </h3>
          <Bars
            bars={
              question.kind === "ranking"
                ? row.columns.map((one) => ({ ...one, label: t("forms.place", { n: one.label }) }))
                : row.columns
            }
            whole={
              question.kind === "ranking"
                ? question.answered
                : row.columns.reduce((sum, one) => sum + one.count, 0)
            }
            onBar={(value) => onBar(question.key, value)}
          />
        </section>
      ))}
    </Panel>
  );
}

/** How two questions were answered together. */
function Cross({ id, narrowing, questions }: Omit<ResultsProps, "onBar"> & Pick<FormResults, "questions">) {
  const { t } = useI18n();
  const format = useFormat();
  const [rows, setRows] = useState("");
  const [columns, setColumns] = useState("");
  const { data, error } = useQuery(crossQuery(id, rows, columns, narrowing));
  const able = questions.filter(
    (one) => !TEXTS.has(one.kind) && one.kind !== "matrix" && one.kind !== "ranking",
  );
  if (able.length < 2) return null;
  const options = able.map((one) => ({ value: one.key, label: one.title }));
  return (
    <Panel title={t("forms.cross")} testId="form-cross">
      <div className={styles.row}>
        {(
          [
            ["forms.cross.rows", rows, setRows, columns],
            ["forms.cross.columns", columns, setColumns, rows],
          ] as const
        ).map(([word, value, set, other]) => (
          <Select
            key={word}
            aria-label={t(word)}
            placeholder={t(word)}
            value={value || undefined}
            onChange={set}
            options={options.filter((one) => one.value !== other)}
            style={{ width: 240, maxWidth: "100%" }}
          />
        ))}
      </div>
      {error && <ErrorNotice error={error} />}
      {data && (
        <Scroll label={t("forms.cross")}>
          <table className={styles.cross}>
            <thead>
              <tr>
                <td />
                {data.columns.map((column) => (
                  <th key={column.key} scope="col">
                    {column.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => {
                const whole = row.columns.reduce((sum, one) => sum + one.count, 0);
                return (
                  <tr key={row.key}>
                    <th scope="row">{row.label}</th>
                    {row.columns.map((cell) => (
                      <td key={cell.key} className="num">
                        {format.count(cell.count)}{" "}
                        <small className="muted">{whole > 0 && format.share(cell.count, whole)}</small>
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
