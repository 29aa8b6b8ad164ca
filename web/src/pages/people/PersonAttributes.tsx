import { Button } from "antd";
import { useState } from "react";
import type { Person } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { AttributeDrawer } from "./AttributeDrawer";
import styles from "./people.module.css";
import { RevealButton } from "./RevealButton";

/** What is known of a person: the value that counts, who told it, and when; each leads to its history. */
export function PersonAttributes({ person }: { person: Person }) {
  const { t } = useI18n();
  const ago = useAgo();
  const words = useAttributeWords();
  const [open, setOpen] = useState<string | null>(null);
  const { attributes } = person;
  return (
    <Panel
      title={t("person.attributes")}
      testId="person-attributes"
      extra={
        <>
          <RevealButton person={person} />{" "}
          <Button size="small" onClick={() => setOpen("")}>
            {t("attr.add")}
          </Button>
        </>
      }
    >
      {attributes.length === 0 && <p className="muted">{t("person.attributes.empty")}</p>}
      <ul className={styles.facts}>
        {attributes.map((attribute) => (
          <li key={attribute.key}>
            <button
              type="button"
              className={styles.factKey}
              title={t("attr.history.of", { name: words.name(attribute.key) })}
              onClick={() => setOpen(attribute.key)}
            >
              {words.name(attribute.key)}
            </button>
            <span className={styles.factValue}>{words.value(attribute.key, attribute.value)}</span>
            <small>
              {[attribute.source, attribute.occurred_at && ago(attribute.occurred_at)]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </li>
        ))}
      </ul>
      <AttributeDrawer personId={person.id} attribute={open} onClose={() => setOpen(null)} />
    </Panel>
  );
}
