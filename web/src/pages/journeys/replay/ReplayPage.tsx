import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress, Select } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { journeyQuery } from "../../../api/queries";
import {
  cancelReplay,
  isOpen,
  type Replay,
  replayQuery,
  replaysQuery,
  startReplay,
} from "../../../api/replays";
import type { Journey } from "../../../api/types";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { type MessageKey, useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { useSearchState } from "../../../ui/useSearchState";
import { Report } from "./Report";
import styles from "./replay.module.css";

const DAYS = [7, 14, 30, 60, 90];

/** What the draft would have done over the last days; nothing is sent, nobody is moved. */
export default function ReplayPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: journey, error } = useQuery(journeyQuery(id));
  const replays = useQuery(replaysQuery(id));
  const [chosen, choose] = useSearchState("replay");
  if (!journey && !error) return <PageSkeleton />;
  const shown = chosen || replays.data?.items[0]?.id;
  return (
    <Page
      title={t("replay.title")}
      lead={t("replay.lead")}
      back={{ to: `/journeys/${id}`, label: journey?.name ?? t("nav.journeys") }}
    >
      {error && !journey && <ErrorNotice error={error} />}
      {journey && <Start journey={journey} onStarted={choose} />}
      {replays.data && replays.data.items.length > 1 && (
        <Earlier items={replays.data.items} chosen={shown} onChoose={choose} />
      )}
      {journey && shown && <Shown journey={journey} id={shown} />}
      {replays.data?.items.length === 0 && (
        <Panel>
          <EmptyState title={t("replay.empty")}>{t("replay.empty.text")}</EmptyState>
        </Panel>
      )}
    </Page>
  );
}

function Start({ journey, onStarted }: { journey: Journey; onStarted: (id: string) => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [days, setDays] = useState(30);
  const start = useMutation({
    mutationFn: () => startReplay(journey.id, days),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ["journey-replays", journey.id] });
      onStarted(made.id);
    },
  });
  return (
    <Panel title={t("replay.start")}>
      <div className={styles.tools}>
        <Select
          aria-label={t("replay.days")}
          value={days}
          onChange={setDays}
          options={DAYS.map((value) => ({ value, label: t("replay.lastDays", { days: value }) }))}
          style={{ minWidth: 140 }}
        />
        <Button type="primary" loading={start.isPending} onClick={() => start.mutate()}>
          {t("replay.go")}
        </Button>
      </div>
      {start.error && <ErrorNotice error={start.error} />}
    </Panel>
  );
}

function Earlier({
  items,
  chosen,
  onChoose,
}: {
  items: readonly Replay[];
  chosen?: string;
  onChoose: (id: string) => void;
}) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <Select
      aria-label={t("replay.earlier")}
      value={chosen}
      onChange={onChoose}
      options={items.map((one) => ({
        value: one.id,
        label: `${formatDateTime(one.created_at, zone)} · ${t("replay.lastDays", { days: one.days })} · ${t(`replay.state.${one.state}`)}`,
      }))}
      className={styles.earlier}
    />
  );
}

function Shown({ journey, id }: { journey: Journey; id: string }) {
  const { data: replay, error, refetch } = useQuery(replayQuery(journey.id, id));
  if (error && !replay) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!replay) return <PageSkeleton />;
  if (replay.report) return <Report journey={journey} replay={replay} report={replay.report} />;
  return isOpen(replay) ? <Running journey={journey} replay={replay} /> : <Ended replay={replay} />;
}

function Running({ journey, replay }: { journey: Journey; replay: Replay }) {
  const { t, has } = useI18n();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelReplay(journey.id, replay.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["journey-replay", journey.id] }),
  });
  const step = `replay.step.${replay.step}`;
  return (
    <Panel title={t(`replay.state.${replay.state}`)}>
      <div role="status" className={styles.running}>
        <Progress percent={Math.round(replay.progress * 100)} aria-label={t("replay.title")} />
        <span className={styles.below}>{has(step) ? t(step as MessageKey) : ""}</span>
      </div>
      <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
        {t("replay.cancel")}
      </Button>
    </Panel>
  );
}

function Ended({ replay }: { replay: Replay }) {
  const { t, locale } = useI18n();
  return (
    <Panel>
      <EmptyState title={t(`replay.state.${replay.state}`)}>
        {locale === "zh" ? replay.error_zh : replay.error}
      </EmptyState>
    </Panel>
  );
}
