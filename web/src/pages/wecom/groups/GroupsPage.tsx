import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress, Select } from "antd";
import { Link } from "react-router";
import { type CustomerGroup, groupsQuery, handoversQuery, syncGroups } from "../../../api/wecom/groups";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { SearchBox } from "../../../ui/SearchBox";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";
import styles from "./groups.module.css";
import { WelcomesPanel } from "./WelcomesPanel";

const ROOM = 500;
export const AXES = ["source_channel", "member_attribute", "behaviour_type", "funnel_stage"] as const;
const WORDS = [...AXES, "store", "owner"] as const;

/** Every customer group, found by what it is for. */
export default function GroupsPage() {
  const { t } = useI18n();
  const format = useFormat();
  const [q, setQ] = useSearchState("q");
  const chosen = useChosenWords();
  const groups = useQuery(groupsQuery({ q: q || undefined, ...chosen.values }));
  const data = groups.data;
  return (
    <Page
      title={t("nav.groups")}
      lead={
        data
          ? t("wecom.groups.total", {
              groups: format.count(data.active),
              people: format.count(data.customers),
            })
          : t("wecom.groups.lead")
      }
      actions={
        <>
          <SearchBox value={q} onChange={setQ} label={t("wecom.groups.search")} />
          <SyncButton />
        </>
      }
    >
      <Handovers />
      <div className={styles.filters}>
        {WORDS.map((word) => (
          <Select
            key={word}
            allowClear
            aria-label={t(`wecom.groups.${word}`)}
            placeholder={t(`wecom.groups.${word}`)}
            value={chosen.values[word] || undefined}
            onChange={(value?: string) => chosen.set[word](value ?? "")}
            options={data?.words[word]?.map((value) => ({ value, label: value }))}
          />
        ))}
      </div>
      <Panel flush>
        <DataTable
          label={t("nav.groups")}
          columns={useColumns()}
          rows={data?.items}
          rowKey={(group) => group.id}
          error={groups.error}
          onRetry={groups.refetch}
          testId="groups"
          empty={<EmptyState title={t("wecom.groups.empty")}>{t("wecom.groups.empty.text")}</EmptyState>}
        />
      </Panel>
      <WelcomesPanel />
    </Page>
  );
}

function useChosenWords() {
  const [source_channel, setSource] = useSearchState("source_channel");
  const [member_attribute, setAttribute] = useSearchState("member_attribute");
  const [behaviour_type, setBehaviour] = useSearchState("behaviour_type");
  const [funnel_stage, setStage] = useSearchState("funnel_stage");
  const [store, setStore] = useSearchState("store");
  const [owner, setOwner] = useSearchState("owner");
  return {
    values: { source_channel, member_attribute, behaviour_type, funnel_stage, store, owner },
    set: {
      source_channel: setSource,
      member_attribute: setAttribute,
      behaviour_type: setBehaviour,
      funnel_stage: setStage,
      store: setStore,
      owner: setOwner,
    },
  };
}

function SyncButton() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const sync = useMutation({
    mutationFn: () => syncGroups(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["groups"] }),
  });
  return (
    <>
      <Button loading={sync.isPending} onClick={() => sync.mutate()}>
        {t("wecom.groups.sync")}
      </Button>
      {sync.error && <ErrorNotice error={sync.error} />}
    </>
  );
}

/** Groups whose owner has left wait for somebody. */
function Handovers() {
  const { t } = useI18n();
  const { data } = useQuery(handoversQuery);
  if (!data?.items.length) return null;
  return (
    <Panel title={t("wecom.groups.handovers")} testId="group-handovers">
      <div className={styles.notice}>
        <span>{t("wecom.groups.handovers.text")}</span>
        {data.items.map((task) => (
          <span key={task.group}>
            <Link to={`/groups/${task.group}`}>{task.name || task.chat_id}</Link>{" "}
            <span className="muted">
              {t("wecom.groups.handovers.left", { owner: task.old_owner_name || task.old_owner })}
            </span>
          </span>
        ))}
      </div>
    </Panel>
  );
}

function useColumns(): Column<CustomerGroup>[] {
  const { t } = useI18n();
  const format = useFormat();
  return [
    {
      key: "name",
      title: t("wecom.groups.name"),
      lead: true,
      render: (group) => (
        <>
          <Link to={`/groups/${group.id}`}>{group.name || group.chat_id}</Link>{" "}
          {group.state === "dismissed" && <Tag>{t("wecom.groups.dismissed")}</Tag>}
          {group.handover === 1 && <Tag tone="amber">{t("wecom.groups.ownerLeft")}</Tag>}
        </>
      ),
    },
    {
      key: "owner",
      title: t("wecom.groups.owner"),
      render: (group) => group.owner_name || group.owner || "–",
    },
    {
      key: "axes",
      title: t("wecom.groups.axes"),
      render: (group) =>
        AXES.map((axis) => group.record[axis])
          .filter(Boolean)
          .join(" · ") || "–",
    },
    {
      key: "fill",
      title: t("wecom.groups.members"),
      align: "end",
      render: (group) => (
        <>
          {format.count(group.members)}
          <Progress
            percent={(group.members / ROOM) * 100}
            showInfo={false}
            size="small"
            aria-label={t("wecom.groups.fill")}
          />
        </>
      ),
    },
    {
      key: "growth",
      title: t("wecom.groups.growth"),
      align: "end",
      render: (group) => `+${format.count(group.joined_7d ?? 0)} / −${format.count(group.left_7d ?? 0)}`,
    },
  ];
}
