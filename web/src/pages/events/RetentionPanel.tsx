import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { retentionQuery } from "../../api/events";
import type { HeldEvents, Keep, RetentionRun, RetentionView } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { inUnits } from "./bytes";
import styles from "./events.module.css";
import { KeepForm } from "./KeepForm";
import { eventPath } from "./paths";

const SHOWN = 20;

/** How long events are kept: the rule of all names, what is held of each, and how far the daily run is. */
export function RetentionPanel() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(retentionQuery);
  return (
    <Panel title={t("keep.title")} testId="event-retention">
      <p className="soft">{t("keep.text")}</p>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={4} />}
      {data && (
        <>
          <h3 className={styles.heading}>{t("keep.everyOther")}</h3>
          <KeepForm key={JSON.stringify(ruleOf(data, null))} saved={ruleOf(data, null)} />
          <Run run={data.run} />
          <Archive view={data} />
          <Held view={data} />
        </>
      )}
    </Panel>
  );
}

/** The same for one name. */
export function KeepPanel({ name }: { name: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(retentionQuery);
  const held = data?.held.find((one) => one.name === name);
  return (
    <Panel title={t("keep.title")} testId="event-keep">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={2} />}
      {data && (
        <>
          <p className="soft">
            {t("keep.held", {
              count: format.count(held?.events ?? 0),
              size: inUnits(held?.size_bytes ?? 0),
              dropped: format.count(held?.dropped ?? 0),
            })}{" "}
            {!ruleOf(data, name) && !held?.is_kept_for_good && t("keep.byDefault")}
          </p>
          {held?.is_kept_for_good ? (
            <p className="muted">{t("keep.forGood.text")}</p>
          ) : (
            <KeepForm key={JSON.stringify(ruleOf(data, name))} name={name} saved={ruleOf(data, name)} />
          )}
        </>
      )}
    </Panel>
  );
}

function ruleOf(view: RetentionView, name: string | null): Keep | undefined {
  return view.rules.find((one) => one.name === name);
}

function Run({ run }: { run: RetentionRun | null }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  if (!run) return null;
  const dropped = { count: format.count(run.events), archived: format.count(run.archived) };
  return (
    <p className="muted" data-testid="retention-run">
      {run.state === "done"
        ? t("keep.run.done", { ...dropped, at: ago(run.finished_at ?? run.started_at) })
        : t("keep.run.running", {
            ...dropped,
            step: t(`keepStep.${run.step}`),
            done: run.done,
            total: run.total,
          })}
      {run.error && ` ${t("keep.run.waits", { error: run.error })}`}
    </p>
  );
}

function Archive({ view }: { view: RetentionView }) {
  const { t } = useI18n();
  const format = useFormat();
  const { archive } = view;
  if (archive.files === 0) return null;
  return (
    <p className="muted">
      {t("keep.archived", {
        count: format.count(archive.events - archive.retired),
        retired: format.count(archive.retired),
        size: inUnits(archive.size_bytes),
        day: archive.oldest_day ?? "",
      })}
    </p>
  );
}

function Held({ view }: { view: RetentionView }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const zone = useZone();
  const inWords = useEventName();
  const ruled = new Set(view.rules.map((one) => one.name));
  const rows = view.held.filter((one, place) => place < SHOWN || ruled.has(one.name));
  const columns: Column<HeldEvents>[] = [
    {
      key: "name",
      title: t("catalogue.event"),
      lead: true,
      width: "32%",
      render: (one) => <Link to={eventPath(one.name)}>{inWords(one.name)}</Link>,
    },
    { key: "events", title: t("keep.events"), align: "end", render: (one) => format.count(one.events) },
    { key: "size", title: t("keep.size"), align: "end", render: (one) => inUnits(one.size_bytes) },
    {
      key: "oldest",
      title: t("keep.oldest"),
      align: "end",
      render: (one) => <time title={formatDateTime(one.oldest_at, zone)}>{ago(one.oldest_at)}</time>,
    },
    { key: "rule", title: t("keep.rule"), render: (one) => <Rule view={view} held={one} /> },
    { key: "dropped", title: t("keep.dropped"), align: "end", render: (one) => format.count(one.dropped) },
  ];
  return (
    <>
      <DataTable
        label={t("keep.title")}
        columns={columns}
        rows={rows}
        rowKey={(one) => one.name}
        empty={<p className="muted">{t("keep.empty")}</p>}
      />
      {rows.length < view.held.length && (
        <p className="muted">{t("keep.more", { shown: rows.length, count: view.held.length })}</p>
      )}
    </>
  );
}

function Rule({ view, held }: { view: RetentionView; held: HeldEvents }) {
  const { t } = useI18n();
  if (held.is_kept_for_good) return <span className="muted">{t("keep.forGood")}</span>;
  const own = ruleOf(view, held.name);
  const rule = own ?? ruleOf(view, null);
  const days = (value: number | null | undefined) =>
    value ? t("keep.forDays", { days: value }) : t("keep.forGood");
  return (
    <span className={own ? undefined : "muted"}>
      {days(rule?.warehouse_days)}
      {rule?.archive_days ? ` · ${t("keep.archive")} ${days(rule.archive_days)}` : ""}
    </span>
  );
}
