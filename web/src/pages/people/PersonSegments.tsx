import { Link } from "react-router";
import type { Person } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import styles from "./people.module.css";

/** The segments and lists a person is in now, and the instant they came in; the latest first. */
export function PersonSegments({ segments }: { segments: Person["segments"] }) {
  const { t } = useI18n();
  const ago = useAgo();
  const zone = useZone();
  return (
    <Panel title={t("nav.segments")} testId="person-segments">
      {segments.length === 0 ? (
        <p className="muted">{t("person.segments.empty")}</p>
      ) : (
        <ul className={styles.memberships}>
          {segments.map((segment) => (
            <li key={segment.id}>
              <Link to={`/segments/${segment.id}`}>
                <Tag tone={segment.is_list ? "blue" : "jade"}>{segment.name}</Tag>
              </Link>
              <small className="muted" title={t("person.segments.since", { ago: ago(segment.since) })}>
                {segment.is_list && `${t("person.segments.list")} · `}
                <time dateTime={segment.since}>{formatDateTime(segment.since, zone)}</time>
              </small>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
