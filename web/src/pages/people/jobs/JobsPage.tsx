import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Progress } from "antd";
import { Link } from "react-router";
import {
  cancelPeopleJob,
  failuresPath,
  type PeopleJob,
  peopleJobsQuery,
  undoPeopleJob,
} from "../../../api/peopleJobs";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { Tag, type Tone } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useDeedWords } from "./useDeedWords";

const TONES: Record<PeopleJob["state"], Tone> = { running: "amber", done: "jade", cancelled: "plain" };

/** Everything asked for about many people: how far it is, who asked, and the way back. */
export default function JobsPage() {
  const { t } = useI18n();
  const ago = useAgo();
  const { data, error, refetch } = useQuery(peopleJobsQuery);
  const columns: Column<PeopleJob>[] = [
    { key: "deed", title: t("peopleJobs.deed"), lead: true, render: (job) => <Deed job={job} /> },
    {
      key: "state",
      title: t("peopleJobs.state"),
      render: (job) => <Tag tone={TONES[job.state]}>{t(`peopleJobs.state.${job.state}`)}</Tag>,
    },
    { key: "progress", title: t("peopleJobs.progress"), wide: true, render: (job) => <Advance job={job} /> },
    {
      key: "who",
      title: t("peopleJobs.who"),
      render: (job) => (
        <span className="muted">
          {job.actor} · {ago(job.created_at)}
        </span>
      ),
    },
    { key: "do", title: "", align: "end", render: (job) => <Actions job={job} /> },
  ];
  return (
    <Page
      title={t("peopleJobs.title")}
      lead={t("peopleJobs.lead")}
      back={{ to: "/people", label: t("nav.people") }}
    >
      <Panel flush>
        <DataTable
          label={t("peopleJobs.title")}
          testId="people-jobs"
          columns={columns}
          rows={data?.items}
          rowKey={(job) => job.id}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState title={t("peopleJobs.none")} action={<Link to="/people">{t("nav.people")}</Link>}>
              {t("peopleJobs.none.text")}
            </EmptyState>
          }
        />
      </Panel>
    </Page>
  );
}

function Deed({ job }: { job: PeopleJob }) {
  const { t } = useI18n();
  const text = useDeedWords()(job);
  return (
    <span>
      <strong>{job.undoes ? t("peopleJobs.did.undo", { text }) : text}</strong>
      {job.undone_by && <span className="muted"> · {t("peopleJobs.undone")}</span>}
    </span>
  );
}

function Advance({ job }: { job: PeopleJob }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <div style={{ minWidth: 150 }}>
      {job.state === "running" && (
        <Progress
          percent={Math.floor((job.done / Math.max(1, job.people)) * 100)}
          size="small"
          aria-label={t("progress")}
        />
      )}
      <span>
        {t("peopleJobs.figures", {
          done: format.count(job.done),
          people: format.count(job.people),
          changed: format.count(job.changed),
        })}
      </span>
      {job.failed > 0 && (
        <>
          {" "}
          <a href={failuresPath(job.id)} download>
            {t("peopleJobs.failed", { count: format.count(job.failed), n: job.failed })}
          </a>
        </>
      )}
    </div>
  );
}

function Actions({ job }: { job: PeopleJob }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settled = () => queries.invalidateQueries({ queryKey: ["people-jobs"] });
  const cancel = useMutation({ mutationFn: () => cancelPeopleJob(job.id), onSettled: settled });
  const undo = useMutation({ mutationFn: () => undoPeopleJob(job.id), onSettled: settled });
  const error = cancel.error ?? undo.error;
  return (
    <>
      {job.state === "running" && (
        <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("peopleJobs.cancel")}
        </Button>
      )}
      {job.can_undo && (
        <Popconfirm
          title={t("peopleJobs.undoAsk")}
          okText={t("peopleJobs.undo")}
          onConfirm={() => undo.mutate()}
        >
          <Button size="small" loading={undo.isPending}>
            {t("peopleJobs.undo")}
          </Button>
        </Popconfirm>
      )}
      {error && <ErrorNotice error={error} />}
    </>
  );
}
