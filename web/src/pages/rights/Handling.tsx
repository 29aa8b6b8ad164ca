import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import {
  confirmErasure,
  endRightsRequest,
  erasurePreviewQuery,
  type RightsRequest,
  rightsSettingsQuery,
} from "../../api/rights";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { Stores } from "./Progress";
import styles from "./rights.module.css";

const OUTCOME_MAX = 300;

/** What is to be done with a request that is not closed: by kind, and refusing it. */
export function Handling({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const isErasure = request.kind === "erasure";
  if (request.state !== "open" && request.state !== "confirmed") return null;
  return (
    <>
      {isErasure && <ErasurePreviewPanel request={request} />}
      <Panel title={t(`rights.kind.${request.kind}.hint`)} testId="rights-handling">
        <div className={styles.stack}>
          {request.kind === "correction" && <Correct request={request} />}
          {(request.kind === "objection" || request.kind === "restriction") && (
            <p className="muted">{t("rights.close.stops")}</p>
          )}
          {isErasure && <Confirm request={request} />}
          <Ending request={request} />
        </div>
      </Panel>
    </>
  );
}

function useSettled(id: string) {
  const queries = useQueryClient();
  return () => {
    for (const key of [["rights-request", id], ["rights"], ["consent"]])
      queries.invalidateQueries({ queryKey: key });
  };
}

function Correct({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  return (
    <p>
      <Button type="primary" onClick={() => navigate(`/people/${request.person}?tab=profile`)}>
        {t("rights.correct")}
      </Button>
    </p>
  );
}

function ErasurePreviewPanel({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(erasurePreviewQuery(request.id));
  if (!data && !error) return <PanelSkeleton />;
  const sum = (rows: Record<string, number>) => Object.values(rows).reduce((all, one) => all + one, 0);
  return (
    <Panel title={t("rights.preview")} testId="erasure-preview">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && (
        <>
          <dl className={styles.figures}>
            {(
              [
                ["identifiers", data.identifiers],
                ["events", data.events],
                ["erased", sum(data.erased)],
                ["redacted", sum(data.redacted)],
              ] as const
            ).map(([key, count]) => (
              <div key={key}>
                <dt>{t(`rights.preview.${key}`)}</dt>
                <dd className="num">{format.count(count)}</dd>
              </div>
            ))}
          </dl>
          <Stores rows={{ ...data.erased, ...data.redacted }} />
        </>
      )}
    </Panel>
  );
}

function Confirm({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const zone = useZone();
  const { data: settings } = useQuery(rightsSettingsQuery);
  const settled = useSettled(request.id);
  const confirm = useMutation({ mutationFn: () => confirmErasure(request.id), onSettled: settled });
  if (request.state === "confirmed" && request.starts_at)
    return <p>{t("rights.startsAt", { at: formatDateTime(request.starts_at, zone) })}</p>;
  return (
    <>
      <p className="muted">{t("rights.confirm.ask", { hours: settings?.delay_hours ?? "…" })}</p>
      <p>
        <Popconfirm
          title={t("rights.confirm")}
          okText={t("rights.confirm.yes")}
          okButtonProps={{ danger: true }}
          onConfirm={() => confirm.mutate()}
        >
          <Button danger type="primary" loading={confirm.isPending}>
            {t("rights.confirm")}
          </Button>
        </Popconfirm>
      </p>
      {confirm.error && <ErrorNotice error={confirm.error} />}
    </>
  );
}

/** Closing with what became of it, or refusing with the reason; an erasure closes itself. */
function Ending({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const [outcome, setOutcome] = useState("");
  const settled = useSettled(request.id);
  const end = useMutation({
    mutationFn: (how: "close" | "refuse") => endRightsRequest(request.id, how, outcome.trim()),
    onSettled: settled,
  });
  const isErasure = request.kind === "erasure";
  const ready = outcome.trim() !== "";
  return (
    <>
      <Input
        value={outcome}
        maxLength={OUTCOME_MAX}
        aria-label={t("rights.outcome")}
        placeholder={t(isErasure ? "rights.refusal.example" : "rights.outcome.example")}
        onChange={(event) => setOutcome(event.target.value)}
      />
      <span className={styles.tools}>
        {!isErasure && (
          <Button disabled={!ready} loading={end.isPending} onClick={() => end.mutate("close")}>
            {t("rights.close")}
          </Button>
        )}
        <Button danger disabled={!ready} loading={end.isPending} onClick={() => end.mutate("refuse")}>
          {t(request.state === "confirmed" ? "rights.takeBack" : "rights.refuse")}
        </Button>
      </span>
      {end.error && <ErrorNotice error={end.error} />}
    </>
  );
}
