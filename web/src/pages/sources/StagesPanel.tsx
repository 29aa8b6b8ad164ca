import type { StageLag } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./sources.module.css";

/** Behind this the pipeline is not merely busy. */
const LATE_S = 60;
const SUBSCRIBER = "react:";

/** How far each stage behind the log is; what is behind is durable and catches up by itself. */
export function StagesPanel({ stages }: { stages: readonly StageLag[] | undefined }) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<StageLag>[] = [
    {
      key: "stage",
      title: t("sources.stage"),
      lead: true,
      width: "50%",
      render: (one) => <Stage name={one.stage} />,
    },
    { key: "events", title: t("sources.behind"), align: "end", render: (one) => format.count(one.events) },
    {
      key: "seconds",
      title: t("sources.behindSince"),
      align: "end",
      render: (one) =>
        one.events === 0 ? (
          <Tag tone="jade">{t("sources.upToDate")}</Tag>
        ) : (
          <Tag tone={one.seconds > LATE_S ? "red" : "amber"}>
            {t("sources.seconds", { count: Math.round(one.seconds) })}
          </Tag>
        ),
    },
  ];
  return (
    <Panel flush title={t("sources.stages")} testId="source-stages">
      <p className={styles.note}>{t("sources.stages.text")}</p>
      <DataTable
        label={t("sources.stages")}
        columns={columns}
        rows={stages && worthShowing(stages)}
        rowKey={(one) => one.stage}
        empty={null}
      />
    </Panel>
  );
}

/** Subscribers that have caught up are one row: there are many, and nothing is to be done. */
function worthShowing(stages: readonly StageLag[]): StageLag[] {
  const reacting = stages.filter((one) => one.stage.startsWith(SUBSCRIBER));
  const behind = reacting.filter((one) => one.events > 0);
  const all = { stage: SUBSCRIBER, events: 0, seconds: 0 };
  return [...stages.filter((one) => !reacting.includes(one)), ...(behind.length > 0 ? behind : [all])];
}

function Stage({ name }: { name: string }) {
  const { t } = useI18n();
  if (name === "resolve" || name === "store") return t(`sources.stage.${name}` satisfies MessageKey);
  if (name === SUBSCRIBER) return t("sources.stage.reactAll");
  return (
    <span>
      {t("sources.stage.react")} <code className="mono">{name.slice(SUBSCRIBER.length)}</code>
    </span>
  );
}
