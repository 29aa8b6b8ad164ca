import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useCallback, useState } from "react";
import { Link, useParams } from "react-router";
import {
  type CustomerGroup,
  type GroupDay,
  type GroupMember,
  groupDaysQuery,
  groupMembersQuery,
  groupQuery,
  refreshGroup,
} from "../../../api/wecom/groups";
import { useZone } from "../../../app/session";
import { CHART_GRID, Chart } from "../../../charts/Chart";
import type { Palette } from "../../../charts/palette";
import { formatCalendarDate, formatDay, formatTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import styles from "./groups.module.css";
import { RecordForm } from "./RecordForm";

/** One group: who is in it, who came and went, and what it is for. */
export default function GroupPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const group = useQuery(groupQuery(id));
  if (group.error && !group.data) {
    return (
      <Page title={t("nav.groups")} back={{ to: "/groups", label: t("nav.groups") }}>
        <ErrorNotice error={group.error} onRetry={group.refetch} />
      </Page>
    );
  }
  if (!group.data) return <PageSkeleton />;
  return (
    <Page
      title={group.data.name || group.data.chat_id}
      lead={group.data.record.purpose}
      back={{ to: "/groups", label: t("nav.groups") }}
      actions={<Refresh id={id} />}
    >
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Facts group={group.data} />
          <Days id={id} />
          <Members id={id} />
        </div>
        <RecordForm key={group.data.id} group={group.data} />
      </div>
    </Page>
  );
}

function Refresh({ id }: { id: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const ask = useMutation({
    mutationFn: () => refreshGroup(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["groups"] }),
  });
  return (
    <Button loading={ask.isPending} onClick={() => ask.mutate()}>
      {t("wecom.groups.refresh")}
    </Button>
  );
}

function Facts({ group }: { group: CustomerGroup }) {
  const { t } = useI18n();
  const format = useFormat();
  const rows = [
    [t("wecom.groups.owner"), group.owner_name || group.owner || "–"],
    [t("wecom.groups.members"), format.count(group.members)],
    [t("wecom.groups.customers"), format.count(group.customers)],
    [t("wecom.groups.growth"), `+${group.joined_7d ?? 0} / −${group.left_7d ?? 0}`],
  ] as const;
  return (
    <Panel testId="group-facts">
      <dl className={styles.totals}>
        {rows.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      {group.state === "dismissed" && <Tag>{t("wecom.groups.dismissed")}</Tag>}
      {group.handover === 1 && <Tag tone="amber">{t("wecom.groups.ownerLeft")}</Tag>}
      {group.notice && <p className="soft">{group.notice}</p>}
    </Panel>
  );
}

function Days({ id }: { id: string }) {
  const { t } = useI18n();
  const days = useQuery(groupDaysQuery(id));
  return (
    <Panel title={t("wecom.groups.days")}>
      {days.error && !days.data && <ErrorNotice error={days.error} onRetry={days.refetch} />}
      {days.data && <DaysChart days={days.data.days} />}
    </Panel>
  );
}

function DaysChart({ days }: { days: readonly GroupDay[] }) {
  const { t, tag } = useI18n();
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: { trigger: "axis" },
      xAxis: {
        type: "category",
        data: days.map((day) => formatCalendarDate(day.date, tag)),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: palette.muted },
        splitLine: { lineStyle: { color: palette.line } },
      },
      series: [["joined", palette.jade] as const, ["left", palette.amber] as const].map(([name, color]) => ({
        type: "bar",
        name: t(`wecom.groups.${name}`),
        barMaxWidth: 12,
        itemStyle: { color, borderRadius: [3, 3, 0, 0] },
        data: days.map((day) => day[name]),
      })),
    }),
    [days, tag, t],
  );
  return <Chart option={option} height={180} label={t("wecom.groups.days")} />;
}

function Members({ id }: { id: string }) {
  const { t } = useI18n();
  const [inside, setInside] = useState<"in" | "out">("in");
  const members = useQuery(groupMembersQuery(id, inside === "in"));
  return (
    <Panel
      flush
      title={t("wecom.groups.people")}
      extra={
        <Segmented<"in" | "out">
          size="small"
          aria-label={t("wecom.groups.people")}
          value={inside}
          onChange={setInside}
          options={[
            { value: "in", label: t("wecom.groups.inside") },
            { value: "out", label: t("wecom.groups.gone") },
          ]}
        />
      }
    >
      <DataTable
        label={t("wecom.groups.people")}
        columns={useColumns()}
        rows={members.data?.items}
        rowKey={(one) => `${one.person_id}${one.userid}${one.name}${one.joined_at}`}
        error={members.error}
        onRetry={members.refetch}
        testId="group-members"
        empty={<EmptyState title={t("wecom.groups.nobody")} />}
      />
    </Panel>
  );
}

function useColumns(): Column<GroupMember>[] {
  const { t } = useI18n();
  const zone = useZone();
  const at = (iso: string) => `${formatDay(iso, zone)} ${formatTime(iso, zone)}`;
  return [
    {
      key: "name",
      title: t("wecom.groups.who"),
      lead: true,
      render: (one) => {
        const name = one.name || one.userid || "–";
        return (
          <>
            {one.person_id ? <Link to={`/people/${one.person_id}`}>{name}</Link> : name}{" "}
            {!one.is_customer && <Tag tone="blue">{t("wecom.groups.colleague")}</Tag>}
          </>
        );
      },
    },
    { key: "joined", title: t("wecom.groups.joinedAt"), render: (one) => at(one.joined_at) },
    {
      key: "how",
      title: t("wecom.groups.how"),
      render: (one) =>
        [
          t(`wecom.groups.scene.${([1, 2, 3] as const).find((scene) => scene === one.join_scene) ?? 0}`),
          one.invitor_name || one.invitor,
        ]
          .filter(Boolean)
          .join(" · "),
    },
    {
      key: "left",
      title: t("wecom.groups.leftAt"),
      render: (one) =>
        one.left_at
          ? `${at(one.left_at)} · ${t(`wecom.groups.leave.${([0, 1, 2] as const).find((how) => how === one.leave_scene) ?? "unknown"}`)}`
          : "–",
    },
  ];
}
