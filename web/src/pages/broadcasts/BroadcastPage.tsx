import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useNavigate, useParams } from "react-router";
import {
  type Broadcast,
  type BroadcastVerb,
  broadcastQuery,
  removeBroadcast,
  turnBroadcast,
} from "../../api/broadcasts";
import { useMay, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { CampaignProgress } from "../messages/Campaigns";
import styles from "./broadcasts.module.css";
import { PeoplePanel } from "./PeoplePanel";
import { ResultPanel } from "./ResultPanel";
import { BACK, STATUS_TONES } from "./words";

/** One broadcast: how far it is, what it brought, who got it and who did not. */
export default function BroadcastPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, refetch } = useQuery(broadcastQuery(id));
  const back = { to: BACK, label: t("nav.broadcasts") };
  if (!data && !error) return <PageSkeleton />;
  if (!data) {
    return (
      <Page title={t("nav.broadcasts")} back={back}>
        <ErrorNotice error={error} onRetry={refetch} />
      </Page>
    );
  }
  return (
    <Page
      title={data.name}
      lead={
        <>
          <Tag tone={STATUS_TONES[data.status]}>{t(`bct.status.${data.status}`)}</Tag>{" "}
          {data.next_at && `${t("bct.next")} ${formatDateTime(data.next_at, zone)}`}
        </>
      }
      back={back}
      actions={<Actions broadcast={data} />}
    >
      {data.run > 0 && (
        <>
          <ResultPanel id={id} />
          {data.progress.planned > 0 && (
            <Panel title={t("bct.progress")} testId="broadcast-progress">
              <CampaignProgress campaign={data.progress} />
              <Reasons broadcast={data} />
            </Panel>
          )}
          <PeoplePanel broadcast={data} />
        </>
      )}
      <Moves broadcast={data} />
    </Page>
  );
}

function Reasons({ broadcast }: { broadcast: Broadcast }) {
  const { t, locale } = useI18n();
  const format = useFormat();
  if (!broadcast.progress.reasons.length) return null;
  return (
    <>
      <h3>{t("bct.reasons")}</h3>
      <ul className={styles.list}>
        {broadcast.progress.reasons.map((one) => (
          <li key={`${one.state}:${one.reason}`}>
            <span>{one.reason_text[locale]}</span>
            <span className="num">{format.count(one.count)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Moves({ broadcast }: { broadcast: Broadcast }) {
  const { t } = useI18n();
  const zone = useZone();
  if (!broadcast.moves.length) return null;
  return (
    <Panel title={t("bct.moves")} testId="broadcast-moves">
      <ul className={styles.list}>
        {broadcast.moves.map((one) => (
          <li key={`${one.at}:${one.to_status}`}>
            <span>
              {t("bct.move", {
                from: t(`bct.status.${one.from_status}`),
                to: t(`bct.status.${one.to_status}`),
              })}
              {one.reason && ` · ${one.reason}`}
            </span>
            <span>
              {one.actor === "quanyu" ? t("bct.system") : one.actor} · {formatDateTime(one.at, zone)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Actions({ broadcast }: { broadcast: Broadcast }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay()("messages.send");
  const { id, status } = broadcast;
  const turn = useMutation({
    mutationFn: (verb: BroadcastVerb) => turnBroadcast(id, verb),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["broadcasts"] }),
  });
  const remove = useMutation({
    mutationFn: () => removeBroadcast(id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["broadcasts"], exact: true });
      navigate(BACK);
    },
  });
  if (!may) return null;
  const failed = turn.error ?? remove.error;
  const is = (...statuses: Broadcast["status"][]) => statuses.includes(status);
  const verb = (name: Exclude<BroadcastVerb, "cancel" | "schedule">) => (
    <Button loading={turn.isPending && turn.variables === name} onClick={() => turn.mutate(name)}>
      {t(`bct.${name}`)}
    </Button>
  );
  return (
    <>
      {failed && <ErrorNotice error={failed} />}
      {is("draft") && (
        <>
          <Button onClick={() => navigate(`${BACK}/${id}/edit`)}>{t("bct.edit")}</Button>
          {broadcast.run === 0 && (
            <Button danger loading={remove.isPending} onClick={() => remove.mutate()}>
              {t("bct.remove")}
            </Button>
          )}
          <Popconfirm title={t("bct.start.sure")} onConfirm={() => turn.mutate("schedule")}>
            <Button type="primary" loading={turn.isPending}>
              {t("bct.schedule")}
            </Button>
          </Popconfirm>
        </>
      )}
      {is("scheduled") && verb("unschedule")}
      {is("snapshotting", "sending") && verb("pause")}
      {is("paused") && verb("resume")}
      {is("scheduled", "snapshotting", "sending", "paused") && (
        <Popconfirm title={t("bct.cancel.sure")} onConfirm={() => turn.mutate("cancel")}>
          <Button danger loading={turn.isPending && turn.variables === "cancel"}>
            {t("bct.cancel")}
          </Button>
        </Popconfirm>
      )}
    </>
  );
}
