import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useCallback, useState } from "react";
import { Link } from "react-router";
import { journeysQuery } from "../../../api/queries";
import { type Replay, type ReplayReport, replayPeopleQuery } from "../../../api/replays";
import type { Journey } from "../../../api/types";
import { CHART_GRID, Chart } from "../../../charts/Chart";
import type { Palette } from "../../../charts/palette";
import { formatDuration } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { useFormat } from "../../../ui/useFormat";
import { inOrder, readDefinition } from "../definition";
import { useNodeWords } from "../words";
import styles from "./replay.module.css";

interface ReportProps {
  journey: Journey;
  replay: Replay;
  report: ReplayReport;
}

/** Who would have entered and what would have come of them; every figure leads to some of the people behind it. */
export function Report({ journey, replay, report }: ReportProps) {
  const [of, setOf] = useState<string>();
  return (
    <>
      <Totals report={report} onOpen={setOf} />
      <Days report={report} />
      <Nodes journey={journey} report={report} onOpen={setOf} />
      <Sends journey={journey} report={report} onOpen={setOf} />
      <Conflicts report={report} />
      <Notes report={report} />
      <People journey={journey} replay={replay} of={of} onClose={() => setOf(undefined)} />
    </>
  );
}

type Open = (of: string) => void;

function Totals({ report, onOpen }: { report: ReplayReport; onOpen: Open }) {
  const { t, has } = useI18n();
  const format = useFormat();
  const word = (name: string) => {
    const key = `nodeOutcome.${name}`;
    const own = `replay.outcome.${name}`;
    return has(own) ? t(own) : has(key) ? t(key) : name;
  };
  const figures = [
    [t("replay.people"), report.people, "entered"],
    [t("replay.entries"), report.entries, "entered"],
    ...Object.entries(report.outcomes).map(
      ([name, count]) => [word(name), count, `outcome:${name}`] as const,
    ),
    [t("journeys.goals"), report.goals, "goal"],
  ] as const;
  return (
    <dl className={styles.totals} data-testid="replay-totals">
      {figures.map(([label, count, of]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Figure count={count} onOpen={() => onOpen(of)}>
              {format.count(count)}
            </Figure>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A number that opens the people behind it, unless there is nobody. */
function Figure({
  count,
  onOpen,
  children,
}: {
  count: number;
  onOpen: () => void;
  children: React.ReactNode;
}) {
  if (count === 0) return <span className="num">{children}</span>;
  return (
    <button type="button" className={`${styles.figure} num`} onClick={onOpen}>
      {children}
    </button>
  );
}

function Days({ report }: { report: ReplayReport }) {
  const { t } = useI18n();
  const option = useCallback(
    (palette: Palette) => ({
      color: [palette.blue, palette.jade, palette.amber],
      grid: CHART_GRID,
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: report.days.map((one) => one.day.slice(5)) },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        { name: t("replay.entered"), type: "line", data: report.days.map((one) => one.entered) },
        { name: t("replay.sent"), type: "bar", stack: "all", data: report.days.map((one) => one.sent) },
        { name: t("replay.refused"), type: "bar", stack: "all", data: report.days.map((one) => one.refused) },
      ],
    }),
    [report, t],
  );
  if (report.entries === 0) return null;
  return (
    <Panel title={t("replay.byDay")}>
      <p className={styles.legend}>
        <span data-series="entered">{t("replay.entered")}</span>
        <span data-series="sent">{t("replay.sent")}</span>
        <span data-series="refused">{t("replay.refused")}</span>
      </p>
      <Chart height={240} label={t("replay.byDay")} option={option} />
    </Panel>
  );
}

interface Row {
  id: string;
  name: string;
}

/** The steps of a journey that a report speaks of, in the order people come to them. */
function useRows(journey: Journey, names: readonly string[]): Row[] {
  const words = useNodeWords();
  return inOrder(readDefinition(journey.definition))
    .filter(([id]) => names.includes(id))
    .map(([id, node]) => ({ id, name: words.node(node) }));
}

function Nodes({ journey, report, onOpen }: { journey: Journey; report: ReplayReport; onOpen: Open }) {
  const { t, has } = useI18n();
  const format = useFormat();
  const rows = useRows(journey, Object.keys(report.nodes));
  const columns: Column<Row>[] = [
    { key: "node", title: t("replay.node"), lead: true, render: (row) => row.name },
    {
      key: "arrived",
      title: t("replay.arrived"),
      align: "end",
      render: (row) => format.count(report.nodes[row.id]?.arrived ?? 0),
    },
    {
      key: "ways",
      title: t("replay.ways"),
      wide: true,
      render: (row) => (
        <span className={styles.ways}>
          {Object.entries(report.nodes[row.id]?.ways ?? {}).map(([way, count]) => (
            <span key={way}>
              {has(`nodeOutcome.${way}`) ? t(`nodeOutcome.${way}` as never) : way}{" "}
              <Figure count={count} onOpen={() => onOpen(`way:${row.id}:${way}`)}>
                {format.count(count)}
              </Figure>
            </span>
          ))}
        </span>
      ),
    },
    {
      key: "standing",
      title: t("replay.standing"),
      align: "end",
      render: (row) => {
        const count = report.nodes[row.id]?.standing ?? 0;
        return (
          <Figure count={count} onOpen={() => onOpen(`standing:${row.id}`)}>
            {format.count(count)}
          </Figure>
        );
      },
    },
  ];
  return (
    <Panel title={t("replay.nodes")} flush>
      <DataTable
        label={t("replay.nodes")}
        testId="replay-nodes"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        empty={null}
      />
    </Panel>
  );
}

function Sends({ journey, report, onOpen }: { journey: Journey; report: ReplayReport; onOpen: Open }) {
  const { t, locale } = useI18n();
  const format = useFormat();
  const rows = useRows(journey, Object.keys(report.sends));
  if (rows.length === 0) return null;
  const columns: Column<Row>[] = [
    { key: "node", title: t("replay.node"), lead: true, render: (row) => row.name },
    {
      key: "planned",
      title: t("replay.planned"),
      align: "end",
      render: (row) => format.count(report.sends[row.id]?.planned ?? 0),
    },
    {
      key: "sent",
      title: t("replay.sent"),
      align: "end",
      render: (row) => {
        const one = report.sends[row.id];
        return (
          <>
            <Figure count={one?.sent ?? 0} onOpen={() => onOpen(`sent:${row.id}`)}>
              {format.count(one?.sent ?? 0)}
            </Figure>
            {one && one.held > 0 && (
              <span className={styles.below}>{t("replay.held", { count: format.count(one.held) })}</span>
            )}
          </>
        );
      },
    },
    {
      key: "refused",
      title: t("replay.refused"),
      wide: true,
      render: (row) => (
        <span className={styles.reasons}>
          {report.sends[row.id]?.refused.map((one) => (
            <span key={one.reason}>
              {one.reason_text[locale]}{" "}
              <Figure count={one.count} onOpen={() => onOpen(`refused:${row.id}:${one.reason}`)}>
                {format.count(one.count)}
              </Figure>
            </span>
          ))}
        </span>
      ),
    },
  ];
  return (
    <Panel title={t("replay.messages")} flush>
      <DataTable
        label={t("replay.messages")}
        testId="replay-sends"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        empty={null}
      />
    </Panel>
  );
}

function Conflicts({ report }: { report: ReplayReport }) {
  const { t } = useI18n();
  const format = useFormat();
  const journeys = useQuery(journeysQuery);
  const nameOf = (id: string) => journeys.data?.items.find((one) => one.id === id)?.name ?? id;
  if (report.conflicts.length === 0) return null;
  return (
    <Panel title={t("replay.conflicts")}>
      <p className={styles.below}>{t("replay.conflicts.text")}</p>
      <ul className={styles.conflicts}>
        {report.conflicts.map((one) => (
          <li key={one.journey_id ?? "none"}>
            {one.journey_id ? (
              <Link to={`/journeys/${one.journey_id}`}>{nameOf(one.journey_id)}</Link>
            ) : (
              t("replay.conflicts.other")
            )}
            {" · "}
            {t("replay.conflicts.count", {
              messages: format.count(one.messages),
              people: format.count(one.people),
            })}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** How the figures came about, so that nobody takes them for more than they are. */
function Notes({ report }: { report: ReplayReport }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  return (
    <Panel title={t("replay.notes")}>
      <ul className={styles.notes}>
        <li>{t("replay.note.rules")}</li>
        <li>{t("replay.note.behaviour")}</li>
        {report.questions > 0 && (
          <li>
            {t("replay.note.conditions", {
              questions: format.count(report.questions),
              tick: formatDuration(report.tick_s, tag),
            })}
          </li>
        )}
        {report.computed_entries && <li>{t("replay.note.computed")}</li>}
        <li>{t("replay.note.took", { seconds: String(report.seconds) })}</li>
      </ul>
    </Panel>
  );
}

function People({
  journey,
  replay,
  of,
  onClose,
}: {
  journey: Journey;
  replay: Replay;
  of?: string;
  onClose: () => void;
}) {
  const { t } = useI18n();
  return (
    <Drawer open={of !== undefined} onClose={onClose} title={t("replay.someOf")} size={420}>
      {of && <SomePeople journey={journey.id} replay={replay.id} of={of} />}
    </Drawer>
  );
}

function SomePeople({ journey, replay, of }: { journey: string; replay: string; of: string }) {
  const { t } = useI18n();
  const found = useQuery(replayPeopleQuery(journey, replay, of));
  if (found.error) return <ErrorNotice error={found.error} onRetry={found.refetch} />;
  if (!found.data) return <PanelSkeleton rows={5} />;
  if (found.data.items.length === 0) return <EmptyState title={t("replay.nobody")} />;
  return (
    <ul className={styles.people} data-testid="replay-people">
      {found.data.items.map((person) => (
        <li key={person.id}>
          <Link to={`/people/${person.id}`}>{person.name || person.id}</Link>
        </li>
      ))}
    </ul>
  );
}
