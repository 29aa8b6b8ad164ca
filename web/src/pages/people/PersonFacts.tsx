import { Link } from "react-router";
import type { Person } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { PersonTags } from "../tags/PersonTags";
import { PersonRelations } from "../wecom/customers/PersonRelations";
import { PersonCorpTags } from "../wecom/tags/PersonCorpTags";
import { AccountTags } from "./AccountTags";
import { PersonIdentity } from "./PersonIdentity";
import styles from "./people.module.css";

export function PersonFacts({ person }: { person: Person }) {
  return (
    <>
      <PersonTags personId={person.id} />
      <Segments segments={person.segments} />
      <PersonRelations personId={person.id} />
      <AccountTags personId={person.id} />
      <PersonCorpTags personId={person.id} />
      <PersonIdentity personId={person.id} />
      <Attributes attributes={person.attributes} />
    </>
  );
}

function Segments({ segments }: { segments: Person["segments"] }) {
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

function Attributes({ attributes }: { attributes: Person["attributes"] }) {
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
