import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import {
  decideExperiment,
  type Experiment,
  experimentQuery,
  lookAtExperiment,
  readingsQuery,
  removeExperiment,
  turnExperiment,
} from "../../api/experiments";
import { useMay } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import styles from "./experiments.module.css";
import { ReadingPanels } from "./ReadingPanels";
import { STATUS_TONES } from "./words";

const BACK = "/experiments";

/** One experiment: what it says in plain words first, then who is in it and every figure. */
export default function ExperimentPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(experimentQuery(id));
  if (!data && !error) return <PageSkeleton />;
  const back = { to: BACK, label: t("nav.experiments") };
  if (!data) {
    return (
      <Page title={t("nav.experiments")} back={back}>
        <ErrorNotice error={error} onRetry={refetch} />
      </Page>
    );
  }
  return (
    <Page
      title={data.name}
      lead={
        <>
          <Tag tone={STATUS_TONES[data.status]}>{t(`exp.status.${data.status}`)}</Tag> {data.plan.hypothesis}
        </>
      }
      back={back}
      actions={<Actions experiment={data} />}
    >
      {data.status !== "draft" && <Results experiment={data} />}
      <People experiment={data} />
    </Page>
  );
}

function Actions({ experiment }: { experiment: Experiment }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay()("experiments.write");
  const { id, status } = experiment;
  const done = () => queries.invalidateQueries({ queryKey: ["experiments"] });
  const turn = useMutation({
    mutationFn: (verb: "start" | "stop") => turnExperiment(id, verb),
    onSuccess: done,
  });
  const decide = useMutation({ mutationFn: (arm: string) => decideExperiment(id, arm), onSuccess: done });
  const remove = useMutation({
    mutationFn: () => removeExperiment(id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["experiments"], exact: true });
      navigate(BACK);
    },
  });
  const failed = turn.error ?? decide.error ?? remove.error;
  if (!may) return null;
  return (
    <>
      {failed && <ErrorNotice error={failed} />}
      {(status === "draft" || status === "running") && (
        <Button onClick={() => navigate(`${BACK}/${id}/edit`)}>{t("exp.edit")}</Button>
      )}
      {status === "draft" && (
        <>
          <Button danger loading={remove.isPending} onClick={() => remove.mutate()}>
            {t("exp.remove")}
          </Button>
          <Popconfirm title={t("exp.start.sure")} onConfirm={() => turn.mutate("start")}>
            <Button type="primary" loading={turn.isPending}>
              {t("exp.start")}
            </Button>
          </Popconfirm>
        </>
      )}
      {status === "running" && (
        <Popconfirm title={t("exp.stop.sure")} onConfirm={() => turn.mutate("stop")}>
          <Button loading={turn.isPending}>{t("exp.stop")}</Button>
        </Popconfirm>
      )}
      {status === "stopped" &&
        experiment.plan.arms.map((arm) => (
          <Popconfirm key={arm.key} title={t("exp.decide.sure")} onConfirm={() => decide.mutate(arm.key)}>
            <Button loading={decide.isPending && decide.variables === arm.key}>
              {t("exp.decide", { arm: arm.name })}
            </Button>
          </Popconfirm>
        ))}
    </>
  );
}

function Results({ experiment }: { experiment: Experiment }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const may = useMay()("experiments.write");
  const { data, error, refetch } = useQuery(readingsQuery(experiment.id));
  const look = useMutation({
    mutationFn: () => lookAtExperiment(experiment.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["experiments", experiment.id] }),
  });
  const button = may && (
    <Button loading={look.isPending} onClick={() => look.mutate()}>
      {t("exp.look")}
    </Button>
  );
  const latest = data?.items[0];
  return (
    <>
      {(look.error ?? error) && <ErrorNotice error={(look.error ?? error) as Error} onRetry={refetch} />}
      {data && !latest && (
        <Panel title={t("exp.noLook")} extra={button}>
          {t("exp.noLook.text")}
        </Panel>
      )}
      {latest && <ReadingPanels reading={latest} experiment={experiment} action={button} />}
    </>
  );
}

function People({ experiment }: { experiment: Experiment }) {
  const { t } = useI18n();
  const format = useFormat();
  const [shown, setShown] = useState<Shown | null>(null);
  const names = new Map(experiment.plan.arms.map((arm) => [arm.key, arm.name]));
  const show = (arm: string) =>
    setShown({
      title: `${experiment.name} · ${t("exp.behind", { arm: names.get(arm) ?? arm })}`,
      figure: {
        of: "behaviour/trend",
        body: {
          query: {
            period: { kind: "last_days", days: 366 },
            event: {
              name: "experiments.exposed",
              where: [
                { field: "properties.experiment", op: "eq", value: experiment.id },
                { field: "properties.arm", op: "eq", value: arm },
              ],
            },
            measure: "people",
          },
        },
      },
    });
  return (
    <Panel title={t("exp.people")} testId="experiment-people">
      <div className={styles.people}>
        {experiment.people.map(({ arm, people }) => (
          <span key={arm}>
            {names.get(arm) ?? arm}
            <Button type="link" size="small" disabled={people === 0} onClick={() => show(arm)}>
              {format.count(people)}
            </Button>
          </span>
        ))}
        {experiment.excluded > 0 && (
          <span>
            {t("exp.excluded")} {format.count(experiment.excluded)}
          </span>
        )}
      </div>
      {experiment.winner && (
        <p className={styles.note}>
          {t("exp.winner", { arm: names.get(experiment.winner) ?? experiment.winner })}
        </p>
      )}
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </Panel>
  );
}
