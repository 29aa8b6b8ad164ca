import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { checkLiveCode, type LiveCode, liveCodeQuery, resumeLiveCode } from "../../../api/wecom/codes";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { type MessageKey, useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import styles from "./codes.module.css";
import { Figures } from "./Figures";
import { LeadAway } from "./LeadAway";
import { Pictures } from "./Pictures";
import { Trail } from "./Trail";
import { PushTag, StatusTags } from "./words";

export default function CodePage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(liveCodeQuery(id));
  if (!data && !error) return <PageSkeleton />;
  return (
    <Page
      title={data?.row.name ?? t("nav.liveCodes")}
      back={{ to: "/codes", label: t("nav.liveCodes") }}
      lead={data && <StatusTags row={data.row} />}
      actions={data && <Actions code={data} />}
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && (
        <div className={styles.columns}>
          <div className={styles.stack}>
            <Now code={data} />
            <Panel title={t("wecom.codes.figures")} testId="live-code-figures">
              <Figures id={data.row.id} />
            </Panel>
            <Panel title={t("wecom.codes.trail")} testId="live-code-trail">
              <Trail code={data} />
            </Panel>
          </div>
          <div className={styles.stack}>
            <Pictures code={data} />
            <Platform code={data} />
          </div>
        </div>
      )}
    </Page>
  );
}

function useChange(change: (id: string) => Promise<LiveCode>, id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => change(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["live-codes"] }),
  });
}

function Actions({ code }: { code: LiveCode }) {
  const { t } = useI18n();
  const [away, setAway] = useState<"pause" | "delete" | null>(null);
  const { id, status } = code.row;
  const resume = useChange(resumeLiveCode, id);
  if (status === "deleted") return null;
  return (
    <>
      {(status === "live" || status === "paused") && (
        <Link to={`/codes/${id}/edit`}>
          <Button>{t("wecom.codes.change")}</Button>
        </Link>
      )}
      {status === "live" ? (
        <Button onClick={() => setAway("pause")}>{t("wecom.codes.pause")}</Button>
      ) : (
        <Button loading={resume.isPending} onClick={() => resume.mutate()}>
          {t("wecom.codes.resume")}
        </Button>
      )}
      <Button danger onClick={() => setAway("delete")}>
        {t("wecom.codes.delete")}
      </Button>
      {resume.error && <ErrorNotice error={resume.error} />}
      {away && <LeadAway code={code} how={away} onClose={() => setAway(null)} />}
    </>
  );
}

type Member = LiveCode["members"][number];

function Now({ code }: { code: LiveCode }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const columns: Column<Member>[] = [
    { key: "name", title: t("wecom.codes.member"), lead: true, render: (one) => one.name },
    { key: "role", title: t("wecom.codes.distribution"), render: (one) => t(`wecom.codes.role.${one.role}`) },
    {
      key: "obstacle",
      title: t("wecom.codes.obstacle"),
      render: (one) => (
        <Tag tone={one.obstacle ? "amber" : "jade"}>
          {t(`wecom.codes.obstacle.${one.obstacle ?? "free"}`)}
        </Tag>
      ),
    },
    {
      key: "weight",
      title: t("wecom.codes.weight"),
      align: "end",
      render: (one) => (one.role === "keeper" ? "–" : format.count(one.weight)),
    },
    {
      key: "adds",
      title: t("wecom.codes.addsToday"),
      align: "end",
      render: (one) => capped(one.adds_today, one.daily_cap, format.count),
    },
    {
      key: "held",
      title: t("wecom.codes.held"),
      align: "end",
      render: (one) => capped(one.held, one.held_cap, format.count),
    },
  ];
  return (
    <Panel
      flush
      title={t("wecom.codes.now")}
      extra={
        code.next_border && (
          <span className="muted">
            {t("wecom.codes.nextBorder")} {formatDateTime(code.next_border, zone)}
          </span>
        )
      }
    >
      {code.warnings.map((warning) => (
        <p key={warning} className="muted" style={{ paddingInline: 20 }}>
          {t(`wecom.codes.warning.${warning}` as MessageKey)}
        </p>
      ))}
      <DataTable
        label={t("wecom.codes.members")}
        columns={columns}
        rows={code.members}
        rowKey={(one) => `${one.role}:${one.userid}`}
        empty={null}
        testId="live-code-members"
      />
    </Panel>
  );
}

const capped = (value: number, cap: number | null | undefined, count: (value: number) => string) =>
  cap == null ? count(value) : `${count(value)} / ${count(cap)}`;

/** What the platform's code should say, and says. */
function Platform({ code }: { code: LiveCode }) {
  const { t } = useI18n();
  const zone = useZone();
  const check = useChange(checkLiveCode, code.row.id);
  const { way } = code;
  const names = new Map(code.members.map((one) => [one.userid, one.name]));
  const people = (userids: readonly string[]) =>
    userids.map((userid) => names.get(userid) ?? userid).join("、") || "–";
  const at = (instant: string | null | undefined) => (instant ? formatDateTime(instant, zone) : "–");
  const facts = [
    [t("wecom.codes.wanted"), people(way.wanted_users)],
    [t("wecom.codes.actual"), people(way.actual_users)],
    [t("wecom.codes.pushedAt"), at(way.pushed_at)],
    [t("wecom.codes.checkedAt"), at(way.checked_at)],
  ] as const;
  return (
    <Panel
      title={t("wecom.codes.push")}
      testId="live-code-way"
      extra={
        <Button size="small" loading={check.isPending} onClick={() => check.mutate()}>
          {t("wecom.codes.check")}
        </Button>
      }
    >
      <p>
        <PushTag push={way.status} />
      </p>
      <Reason way={way} />
      <dl className={styles.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {check.error && <ErrorNotice error={check.error} />}
    </Panel>
  );
}

function Reason({ way }: { way: LiveCode["way"] }) {
  const { locale } = useI18n();
  const text = locale === "zh" ? way.reason_zh : way.reason;
  return text ? <p className="muted">{text}</p> : null;
}
