import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { actOnJourney, type JourneyAction, journeyQuery } from "../../api/queries";
import type { Journey } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LiveMark } from "../../ui/LiveMark";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { graphOf, hasChanges, readDefinition } from "./definition";
import { JourneyFlow } from "./JourneyFlow";
import { JourneyStatusTag } from "./JourneyStatusTag";
import styles from "./journeys.module.css";
import { NodeDrawer } from "./NodeDrawer";
import { WhyDrawer } from "./WhyDrawer";

export default function JourneyPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: journey, error, refetch, dataUpdatedAt } = useQuery(journeyQuery(id));
  if (!journey && !error) return <PageSkeleton />;
  return (
    <Page
      title={journey?.name ?? t("nav.journeys")}
      back={{ to: "/journeys", label: t("nav.journeys") }}
      lead={
        journey && (
          <>
            <JourneyStatusTag status={journey.status} />{" "}
            {journey.version > 0 && t("journey.version", { version: journey.version })}
            {hasChanges(journey) && ` · ${t("journey.unpublished")}`}
          </>
        )
      }
      actions={journey && <Actions journey={journey} />}
    >
      {error && !journey && <ErrorNotice error={error} onRetry={refetch} />}
      {journey && (
        <>
          {journey.status === "draft" && <Problems findings={journey.findings} />}
          <Totals journey={journey} />
          <Graph journey={journey} live={<LiveMark failing={error !== null} updatedAt={dataUpdatedAt} />} />
        </>
      )}
    </Page>
  );
}

function Graph({ journey, live }: { journey: Journey; live: React.ReactNode }) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Panel title={t("journey.graph")} extra={live} flush testId="journey-graph">
      <JourneyFlow definition={graphOf(journey)} nodes={journey.nodes} onChoose={setChosen} />
      <NodeDrawer journey={journey} nodeId={chosen} onClose={() => setChosen(null)} />
    </Panel>
  );
}

/** What still keeps a draft from being published, before somebody tries. */
function Problems({ findings }: { findings: Journey["findings"] }) {
  const { t, locale } = useI18n();
  if (findings.length === 0) return null;
  return (
    <div role="note" className={styles.problems}>
      <strong>{t("journey.problems")}</strong>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.path} ${finding.en}`}>{finding[locale]}</li>
        ))}
      </ul>
    </div>
  );
}

function Totals({ journey }: { journey: Journey }) {
  const { t } = useI18n();
  const format = useFormat();
  const figures = [
    [t("journeys.entered"), journey.entered],
    [t("journeys.active"), journey.active],
    [t("journeys.completed"), journey.completed],
    [t("journeys.exited"), journey.exited],
    ...(hasGoal(journey) ? [[t("journeys.goals"), journey.goals] as const] : []),
  ] as const;
  return (
    <dl className={styles.totals} data-testid="journey-totals">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{format.count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether the graph people move through is for something, or an earlier one was. */
function hasGoal(journey: Journey): boolean {
  return journey.goals > 0 || Boolean(readDefinition(graphOf(journey)).goal);
}

const ACTIONS: Record<string, readonly JourneyAction[]> = {
  draft: ["publish"],
  active: ["pause", "stop"],
  paused: ["resume", "stop"],
  stopped: [],
};

/** A journey that runs offers publishing again once its draft was changed. */
function actionsOf(journey: Journey): readonly JourneyAction[] {
  const actions = ACTIONS[journey.status] ?? [];
  return journey.status !== "stopped" && hasChanges(journey) ? ["publish", ...actions] : actions;
}

function Actions({ journey }: { journey: Journey }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (action: JourneyAction) => actOnJourney(journey.id, action),
    onSettled: () =>
      Promise.all(
        [["journey", journey.id], ["journeys"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
  return (
    <>
      {act.error && <ErrorNotice error={act.error} />}
      <Why journeyId={journey.id} />
      <Button onClick={() => navigate(`/journeys/${journey.id}/replays`)}>{t("replay.open")}</Button>
      {journey.version > 0 && (
        <Button onClick={() => navigate(`/journeys/${journey.id}/versions`)}>{t("versions.open")}</Button>
      )}
      {journey.status !== "stopped" && (
        <Button onClick={() => navigate(`/journeys/${journey.id}/edit`)}>{t("journey.edit")}</Button>
      )}
      {actionsOf(journey).map((action) => (
        <Popconfirm
          key={action}
          title={t(`journey.${action}.ask`)}
          okText={t(`journey.${action}`)}
          onConfirm={() => act.mutate(action)}
        >
          <Button
            type={action === "publish" || action === "resume" ? "primary" : "default"}
            danger={action === "stop"}
            loading={act.isPending && act.variables === action}
          >
            {t(`journey.${action}`)}
          </Button>
        </Popconfirm>
      ))}
    </>
  );
}

/** Tells of one person why the journey reached them, or not; in the address, so that it can be passed on. */
function Why({ journeyId }: { journeyId: string }) {
  const { t } = useI18n();
  const [person, setPerson] = useSearchState("person");
  const [isOpen, setOpen] = useState(person !== "");
  const close = () => {
    setOpen(false);
    setPerson("");
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("why.open")}</Button>
      {isOpen && <WhyDrawer journeyId={journeyId} person={person} onPerson={setPerson} onClose={close} />}
    </>
  );
}
