import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Progress } from "antd";
import { Link } from "react-router";
import {
  exportFilePath,
  type PeopleExport,
  peopleExportsQuery,
  removePeopleExport,
  resumePeopleExport,
  stopPeopleExport,
} from "../../../api/peopleExports";
import { useAgo, useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useColumnWords } from "../list/useColumnWords";

/** Who took people out of the platform, why, and who downloaded the file. */
export default function ExportsPage() {
  const { t } = useI18n();
  const ago = useAgo();
  const { data, error, refetch } = useQuery(peopleExportsQuery);
  const columns: Column<PeopleExport>[] = [
    {
      key: "what",
      title: t("peopleExports.what"),
      lead: true,
      wide: true,
      render: (one) => <What one={one} />,
    },
    { key: "state", title: t("peopleJobs.state"), render: (one) => <State one={one} /> },
    {
      key: "who",
      title: t("peopleJobs.who"),
      render: (one) => (
        <span className="muted">
          {one.actor} · {ago(one.created_at)}
        </span>
      ),
    },
    { key: "taken", title: t("peopleExports.taken"), render: (one) => <Taken one={one} /> },
    { key: "do", title: "", align: "end", render: (one) => <Actions one={one} /> },
  ];
  return (
    <Page
      title={t("peopleExports.title")}
      lead={t("peopleExports.lead")}
      back={{ to: "/people", label: t("nav.people") }}
    >
      <Panel flush>
        <DataTable
          label={t("peopleExports.title")}
          testId="people-exports"
          columns={columns}
          rows={data?.items}
          rowKey={(one) => one.id}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState title={t("peopleExports.none")} action={<Link to="/people">{t("nav.people")}</Link>}>
              {t("peopleExports.none.text")}
            </EmptyState>
          }
        />
      </Panel>
    </Page>
  );
}

function What({ one }: { one: PeopleExport }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useColumnWords();
  return (
    <div>
      <strong>{one.reason}</strong>{" "}
      <Tag tone={one.unmasked ? "amber" : "plain"}>
        {t(one.unmasked ? "peopleExports.clear" : "peopleExports.masked")}
      </Tag>
      <div className="muted">
        {t("peopleExports.people", { count: format.count(one.people), n: one.people })}
        {` · ${t(`peopleExports.format.${one.format}`)}`}
        {one.columns.length > 0 && ` · ${one.columns.map(words).join("、")}`}
      </div>
    </div>
  );
}

function State({ one }: { one: PeopleExport }) {
  const { t } = useI18n();
  const zone = useZone();
  if (one.removed) {
    return (
      <Tag>
        {t(`peopleExports.removed.${one.removed}`)}
        {one.removed_by && ` · ${one.removed_by}`}
      </Tag>
    );
  }
  if (one.state === "done") {
    return (
      <span className="muted">{t("peopleExports.until", { at: formatDateTime(one.expires_at, zone) })}</span>
    );
  }
  return (
    <div style={{ minWidth: 120 }}>
      <Tag tone="amber">{t(`peopleExports.state.${one.state}`)}</Tag>
      <Progress
        percent={Math.floor((one.done / Math.max(1, one.people)) * 100)}
        size="small"
        aria-label={t("progress")}
      />
    </div>
  );
}

function Taken({ one }: { one: PeopleExport }) {
  const { t } = useI18n();
  const ago = useAgo();
  if (one.fetches.length === 0) return <span className="muted">{t("peopleExports.notTaken")}</span>;
  return (
    <>
      {one.fetches.slice(0, 3).map((fetch) => (
        <div key={fetch.fetched_at} className="muted">
          {fetch.actor} · {ago(fetch.fetched_at)}
        </div>
      ))}
      {one.fetches.length > 3 && <span className="muted">…</span>}
    </>
  );
}

function Actions({ one }: { one: PeopleExport }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settled = () => queries.invalidateQueries({ queryKey: ["people-exports"] });
  const stop = useMutation({ mutationFn: () => stopPeopleExport(one.id), onSettled: settled });
  const resume = useMutation({ mutationFn: () => resumePeopleExport(one.id), onSettled: settled });
  const remove = useMutation({ mutationFn: () => removePeopleExport(one.id), onSettled: settled });
  const error = stop.error ?? resume.error ?? remove.error;
  if (one.removed) return null;
  return (
    <>
      {one.can_fetch && (
        <Button size="small" type="primary" href={exportFilePath(one.id)}>
          {t("peopleExports.fetch")}
        </Button>
      )}{" "}
      {one.state === "running" && (
        <Button size="small" loading={stop.isPending} onClick={() => stop.mutate()}>
          {t("importUndo.stop")}
        </Button>
      )}
      {one.state === "stopped" && (
        <Button size="small" loading={resume.isPending} onClick={() => resume.mutate()}>
          {t("importUndo.resume")}
        </Button>
      )}{" "}
      <Popconfirm
        title={t("peopleExports.removeAsk")}
        okText={t("peopleExports.remove")}
        onConfirm={() => remove.mutate()}
      >
        <Button size="small" loading={remove.isPending}>
          {t("peopleExports.remove")}
        </Button>
      </Popconfirm>
      {error && <ErrorNotice error={error} />}
    </>
  );
}
