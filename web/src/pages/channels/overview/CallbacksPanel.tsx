import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { callbacksQuery } from "../../../api/channels";
import type { SeenCallback } from "../../../api/types";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useEventName } from "../../../ui/useEventName";
import styles from "../channels.module.css";

interface CallbacksPanelProps {
  account: { id: string };
  /** What to do when nothing has come yet. */
  empty?: string;
}

export function CallbacksPanel({ account, empty }: CallbacksPanelProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(callbacksQuery(account.id));
  if (!data && !error) return <PanelSkeleton />;
  return (
    <Panel title={t("callbacks.title")} testId="last-callbacks">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data?.items.length === 0 && (
        <EmptyState title={t("callbacks.empty")}>{empty ?? t("callbacks.empty.text")}</EmptyState>
      )}
      <ol className={styles.lines}>
        {data?.items.map((seen, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two callbacks may be alike in everything.
          <li key={`${seen.received_at}:${index}`}>
            <Callback seen={seen} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Callback({ seen }: { seen: SeenCallback }) {
  const { t } = useI18n();
  const ago = useAgo();
  const words = useEventName()(seen.name);
  return (
    <>
      {seen.person_id ? <Link to={`/people/${seen.person_id}`}>{words}</Link> : <span>{words}</span>}
      {seen.summary && <span className={styles.summary}>{seen.summary}</span>}
      {seen.answered_by && <Tag tone="jade">{t("callbacks.answered")}</Tag>}
      <span className="muted">{ago(seen.received_at)}</span>
    </>
  );
}
