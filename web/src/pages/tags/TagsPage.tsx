import { ArrowDownOutlined, ArrowUpOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import {
  arrangeTagGroups,
  type OwnTag,
  type PersonTagGroup,
  tagBookQuery,
  tagJobsQuery,
} from "../../api/personTags";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import channelStyles from "../channels/channels.module.css";
import { moved } from "../wecom/tags/names";
import styles from "../wecom/tags/tags.module.css";
import { GroupForm } from "./GroupForm";
import { GroupPanel } from "./GroupPanel";

/** Tags of ours: groups, tags, who carries them, and changes of many people under way. */
export default function TagsPage() {
  const { t } = useI18n();
  const [isCreating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery(tagBookQuery);
  const queries = useQueryClient();
  const arrange = useMutation({
    mutationFn: arrangeTagGroups,
    onSettled: () => queries.invalidateQueries({ queryKey: ["person-tags"] }),
  });
  const tags = data?.groups.flatMap((group) => group.tags) ?? [];
  return (
    <Page
      title={t("nav.tags")}
      lead={t("ownTags.lead")}
      actions={
        <Button type="primary" onClick={() => setCreating(true)}>
          {t("ownTags.newGroup")}
        </Button>
      }
    >
      <div className={styles.stack}>
        <Panel flush testId="person-tags">
          {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
          {!data && !error && <PanelSkeleton />}
          {data?.groups.length === 0 && (
            <EmptyState title={t("ownTags.empty")}>{t("ownTags.empty.text")}</EmptyState>
          )}
          {arrange.error && <ErrorNotice error={arrange.error} />}
          {data?.groups.map((group, place) => (
            <GroupPanel
              key={group.id}
              group={group}
              tools={<GroupMovers groups={data.groups} place={place} onArrange={arrange.mutate} />}
            />
          ))}
        </Panel>
        <Jobs tags={tags} />
      </div>
      {isCreating && <GroupForm group={null} onClose={() => setCreating(false)} />}
    </Page>
  );
}

interface GroupMoversProps {
  groups: readonly PersonTagGroup[];
  place: number;
  onArrange: (ids: readonly string[]) => void;
}

/** Moving a group up or down among the others. */
function GroupMovers({ groups, place, onArrange }: GroupMoversProps) {
  const { t } = useI18n();
  const ids = groups.map((group) => group.id);
  const name = groups[place]?.name ?? "";
  return (
    <>
      <Button
        type="text"
        size="small"
        icon={<ArrowUpOutlined />}
        disabled={place === 0}
        aria-label={t("ownTags.group.up", { name })}
        onClick={() => onArrange(moved(ids, place, -1))}
      />
      <Button
        type="text"
        size="small"
        icon={<ArrowDownOutlined />}
        disabled={place === ids.length - 1}
        aria-label={t("ownTags.group.down", { name })}
        onClick={() => onArrange(moved(ids, place, 1))}
      />
    </>
  );
}

function Jobs({ tags }: { tags: readonly OwnTag[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const { data } = useQuery(tagJobsQuery);
  if (!data || data.items.length === 0) return null;
  const nameOf = (id: string) => tags.find((tag) => tag.id === id)?.name ?? id;
  return (
    <Panel title={t("ownTags.jobs")} testId="person-tag-jobs">
      <ul className={channelStyles.lines}>
        {data.items.map((job) => (
          <li key={job.id}>
            <span>
              {t(job.add.length > 0 ? "ownTags.job.give" : "ownTags.job.take", {
                tags: [...job.add, ...job.remove].map(nameOf).join("、"),
              })}
            </span>
            <span>
              {t(job.finished_at ? "ownTags.job.done" : "ownTags.job.running", {
                people: format.count(job.people),
                done: format.count(job.done),
                changed: format.count(job.changed),
              })}
            </span>
            <span className="muted">
              {job.actor} · {ago(job.created_at)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
