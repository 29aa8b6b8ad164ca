import { Link } from "react-router";
import type { Person } from "../../api/types";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import styles from "./people.module.css";

/** The segments a person is in now. */
export function PersonSegments({ segments }: { segments: Person["segments"] }) {
  const { t } = useI18n();
  return (
    <Panel title={t("nav.segments")}>
      {segments.length === 0 ? (
        <p className="muted">{t("person.segments.empty")}</p>
      ) : (
        <ul className={styles.tags}>
          {segments.map((segment) => (
            <li key={segment.id}>
              <Link to={`/segments/${segment.id}`}>
                <Tag tone="jade">{segment.name}</Tag>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
