import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { type TagConflict, tagConflictsQuery } from "../../../api/wecom/tags";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { Tag, type Tone } from "../../../ui/Tag";
import styles from "./tags.module.css";

const TONES: Record<TagConflict["winner"], Tone> = { platform: "plain", ours: "jade", gave_up: "amber" };

/** The journal of conflicts: what the platform's side undid, and who had the last word. */
export function Conflicts({ corp }: { corp: string }) {
  const { t } = useI18n();
  const ago = useAgo();
  const found = useInfiniteQuery(tagConflictsQuery(corp));
  const columns: Column<TagConflict>[] = [
    {
      key: "what",
      title: t("wecom.tags.conflict.what"),
      lead: true,
      width: "46%",
      render: (one) => (
        <span>
          {t(one.seen ? "wecom.tags.conflict.given" : "wecom.tags.conflict.taken", {
            staff: one.staff,
            tag: one.tag || one.tag_id,
          })}
          {one.person_id && (
            <>
              {" "}
              <Link to={`/people/${one.person_id}`} className="mono">
                {one.person_id}
              </Link>
            </>
          )}
        </span>
      ),
    },
    {
      key: "origin",
      title: t("wecom.tags.conflict.origin"),
      render: (one) => <span className={styles.small}>{one.origin}</span>,
    },
    {
      key: "winner",
      title: t("wecom.tags.conflict.winner"),
      render: (one) => <Tag tone={TONES[one.winner]}>{t(`wecom.tags.winner.${one.winner}`)}</Tag>,
    },
    { key: "at", title: t("wecom.tags.at"), align: "end", render: (one) => ago(one.found_at) },
  ];
  return (
    <Panel flush title={t("wecom.tags.conflicts")}>
      <DataTable
        label={t("wecom.tags.conflicts")}
        testId="tag-conflicts"
        columns={columns}
        rows={found.data?.pages.flatMap((page) => page.items)}
        rowKey={(one) => one.id}
        error={found.error}
        onRetry={found.refetch}
        empty={
          <EmptyState title={t("wecom.tags.conflicts.empty")}>
            {t("wecom.tags.conflicts.empty.text")}
          </EmptyState>
        }
      />
      <LoadMore pager={found} />
    </Panel>
  );
}
