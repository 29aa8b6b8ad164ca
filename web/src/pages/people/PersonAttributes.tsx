import type { Person } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useAttributeWords } from "../../ui/useAttributeWords";
import styles from "./people.module.css";

/** What is known of a person: the value that counts, who told it, and when. */
export function PersonAttributes({ attributes }: { attributes: Person["attributes"] }) {
  const { t } = useI18n();
  const ago = useAgo();
  const words = useAttributeWords();
  return (
    <Panel title={t("person.attributes")} testId="person-attributes">
      {attributes.length === 0 && <p className="muted">{t("person.attributes.empty")}</p>}
      <ul className={styles.facts}>
        {attributes.map((attribute) => (
          <li key={attribute.key}>
            <span className={styles.factKey} title={attribute.key}>
              {words.name(attribute.key)}
            </span>
            <span className={styles.factValue}>{words.value(attribute.key, attribute.value)}</span>
            <small>
              {[attribute.source, attribute.occurred_at && ago(attribute.occurred_at)]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
