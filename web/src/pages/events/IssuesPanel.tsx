import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { issuesQuery } from "../../api/events";
import type { IssueSum } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { Panel } from "../../ui/Page";
import { Sparkline } from "../../ui/Sparkline";
import { Tag, type Tone } from "../../ui/Tag";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import styles from "./events.module.css";
import { eventPath } from "./paths";

const TONES: Record<string, Tone> = { warned: "amber", quarantined: "blue", rejected: "red", refused: "red" };

/** What was not as planned, of one event or of all. */
export function IssuesPanel({ name }: { name?: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(issuesQuery(name));
  const days = new Map<string, number>();
  for (const one of data?.days ?? []) days.set(one.day, (days.get(one.day) ?? 0) + one.count);
  return (
    <Panel flush title={t("issues.title")} testId="event-issues">
      <p className={styles.note}>{t("issues.text")}</p>
      <Sparkline values={[...days.values()]} color="var(--red)" />
      <DataTable
        label={t("issues.title")}
        columns={useColumns(name === undefined)}
        rows={data?.sums}
        rowKey={(one) => [one.source, one.name, one.outcome, one.problem, one.key].join("\n")}
        error={error}
        onRetry={refetch}
        empty={<p className={styles.note}>{t("issues.empty")}</p>}
      />
    </Panel>
  );
}

function useColumns(withName: boolean): Column<IssueSum>[] {
  const { t, has } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const inWords = useEventName();
  const words = (one: IssueSum) => {
    const key = `issue.${one.problem}`;
    return has(key) ? t(key) : one.problem;
  };
  const outcome = (one: IssueSum) => {
    const key = `issueOutcome.${one.outcome}`;
    return has(key) ? t(key) : one.outcome;
  };
  return [
    {
      key: "what",
      title: t("issues.what"),
      lead: true,
      width: "38%",
      render: (one) => (
        <span className={styles.name}>
          {withName && one.name && <Link to={eventPath(one.name)}>{inWords(one.name)}</Link>}
          <span>
            {words(one)} {one.key && <code className="mono">{one.key}</code>}
          </span>
          <span className="muted">{one.source}</span>
        </span>
      ),
    },
    {
      key: "outcome",
      title: t("issues.outcome"),
      render: (one) => <Tag tone={TONES[one.outcome]}>{outcome(one)}</Tag>,
    },
    {
      key: "sample",
      title: t("issues.sample"),
      render: (one) => one.sample && <code className={`mono ${styles.wrap}`}>{one.sample}</code>,
    },
    { key: "count", title: t("issues.count"), align: "end", render: (one) => format.count(one.count) },
    { key: "last", title: t("issues.last"), align: "end", render: (one) => ago(one.last_at) },
  ];
}
