import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { type DistributionAnswer, type DistributionQuery, distributionQuery } from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { PickOrType } from "../../ui/PickOrType";
import { useFormat } from "../../ui/useFormat";
import { fieldsOf } from "../segments/fields";
import type { TabProps } from "./BehaviourPage";
import styles from "./behaviour.module.css";
import { EventInput, isChosen, Labelled, PeriodInput } from "./inputs";
import { useQuestion } from "./useQuestion";

const SPREADS = ["times", "days", "sum"] as const;
const INITIAL: DistributionQuery = {
  period: { kind: "last_days", days: 30 },
  event: { name: "" },
  of: "times",
};

/** How many people did something how often, on how many days, or for how much. */
export function DistributionTab({ catalogue, onShow }: TabProps) {
  const { t } = useI18n();
  const { draft, setDraft, asked, ask } = useQuestion("distribution", INITIAL);
  const change = (part: Partial<DistributionQuery>) => setDraft({ ...draft, ...part });
  const numbers = fieldsOf({ name: draft.event.name }, catalogue).filter((field) => field.type === "number");
  const ready = isChosen(draft.event) && (draft.of !== "sum" || Boolean(draft.field));
  return (
    <div className={styles.tab}>
      <Panel>
        <div className={styles.form}>
          <EventInput
            label={t("behaviour.event")}
            value={draft.event}
            catalogue={catalogue}
            onChange={(event) => change({ event })}
          />
          <div className={styles.options}>
            <Labelled label={t("behaviour.spread")}>
              <Select
                aria-label={t("behaviour.spread")}
                value={draft.of}
                onChange={(of) => change({ of, field: of === "sum" ? "revenue" : undefined })}
                options={SPREADS.map((one) => ({ value: one, label: t(`behaviour.spread.${one}`) }))}
                popupMatchSelectWidth={false}
              />
            </Labelled>
            {draft.of === "sum" && (
              <Labelled label={t("behaviour.field")}>
                <PickOrType
                  label={t("behaviour.field")}
                  value={draft.field ?? ""}
                  options={numbers.map(({ name }) => ({
                    value: name,
                    label: name.replace(/^properties\./, ""),
                  }))}
                  onChange={(field) => change({ field })}
                  className={styles.name}
                />
              </Labelled>
            )}
            <PeriodInput
              value={draft.period ?? { kind: "last_days", days: 30 }}
              onChange={(period) => change({ period })}
            />
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

function Answer({ asked, onShow }: { asked: DistributionQuery; onShow: TabProps["onShow"] }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(distributionQuery(asked));
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
    <Panel
      title={t(`behaviour.spread.${asked.of ?? "times"}`)}
      extra={<Figures answer={data} />}
      testId="distribution-answer"
    >
      <DistributionBuckets asked={asked} answer={data} onShow={onShow} />
    </Panel>
  );
}

function Figures({ answer }: { answer: DistributionAnswer }) {
  const { t } = useI18n();
  const written = useWritten(answer.currency);
  return (
    <>
      <span>{t("behaviour.mean", { value: written(answer.mean) })}</span>
      <span>{t("behaviour.median", { value: written(answer.median) })}</span>
      <span>{t("behaviour.p90", { value: written(answer.p90) })}</span>
    </>
  );
}

interface BucketsProps {
  asked: DistributionQuery;
  answer: DistributionAnswer;
  onShow: TabProps["onShow"];
}

export function DistributionBuckets({ asked, answer, onShow }: BucketsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const written = useWritten(answer.currency);
  const most = Math.max(...answer.buckets.map((bucket) => bucket.people));
  const query = { ...asked, as_of: answer.as_of, edges: answer.edges };
  const isCount = asked.of !== "sum";
  return (
    <table className={styles.buckets} aria-label={t(`behaviour.spread.${asked.of ?? "times"}`)}>
      <tbody>
        {answer.buckets.map(({ begins, ends, people }) => {
          const name = bucketName(begins, ends, isCount, written);
          const bucket = begins === null ? 0 : answer.edges.indexOf(begins) + 1;
          const show = () =>
            onShow({ title: name, figure: { of: "behaviour/distribution", body: { query, bucket } } });
          return (
            <tr key={begins ?? "below"}>
              <th scope="row">{name}</th>
              <td className={styles.wide}>
                <span className={styles.track}>
                  <span style={{ width: `${(100 * people) / most}%` }} />
                </span>
              </td>
              <td className="num">
                <button type="button" onClick={show} disabled={people === 0}>
                  {format.count(people)}
                </button>
              </td>
              <td className="num muted">{format.share(people / answer.people, 1)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** A bucket in figures; of counts 3 to under 4 is just 3, and 6 to under 11 is 6 to 10. */
export function bucketName(
  begins: string | null,
  ends: string | null,
  isCount: boolean,
  written: (value: string) => string,
): string {
  if (begins === null) return `< ${written(ends ?? "")}`;
  if (ends === null) return `≥ ${written(begins)}`;
  if (!isCount) return `${written(begins)} – ${written(ends)}`;
  const last = Number(ends) - 1;
  return last === Number(begins) ? written(begins) : `${written(begins)} – ${written(String(last))}`;
}

function useWritten(currency: string | null) {
  const format = useFormat();
  return (value: string | null) => {
    if (value === null) return "–";
    return currency ? format.money(value, currency) : format.decimal(Number(value), 4);
  };
}
