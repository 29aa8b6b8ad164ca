import { useInfiniteQuery } from "@tanstack/react-query";
import { journalQuery } from "../../../api/wecom/welcomes";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import { Outcome } from "./JournalTable";
import styles from "./welcomes.module.css";

/** How one person was welcomed; nothing where they never were. */
export function PersonWelcomes({ personId }: { personId: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const { data } = useInfiniteQuery(journalQuery({ person: personId }));
  const rows = data?.pages[0]?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Panel title={t("wecom.welcomes.ofPerson")} testId="person-welcomes">
      <ul className={styles.stack}>
        {rows.map((row) => (
          <li key={row.id}>
            <small className="muted">
              {formatDateTime(row.happened_at, zone)} · {row.staff_name}
              {row.rule_name && ` · ${row.rule_name}`}
            </small>
            <br />
            <Outcome row={row} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
