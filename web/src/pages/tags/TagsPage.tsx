import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type OwnTag, tagBookQuery, tagJobsQuery } from "../../api/personTags";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import channelStyles from "../channels/channels.module.css";
import styles from "../wecom/tags/tags.module.css";
import { GroupForm } from "./GroupForm";
import { GroupPanel } from "./GroupPanel";

/** Tags of ours: groups, tags, who carries them, and changes of many people under way. */
export default function TagsPage() {
  const { t } = useI18n();
  const [isCreating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery(tagBookQuery);
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
          {data?.groups.map((group) => (
            <GroupPanel key={group.id} group={group} />
          ))}
        </Panel>
        <Jobs tags={tags} />
      </div>
      {isCreating && <GroupForm group={null} onClose={() => setCreating(false)} />}
    </Page>
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
