import { Link } from "react-router";
import type { Person } from "../../api/types";
import { useAgo, useNow, useZone } from "../../app/session";
import { formatMoment } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { PersonTags } from "../tags/PersonTags";
import { PersonRelations } from "../wecom/customers/PersonRelations";
import { PersonCorpTags } from "../wecom/tags/PersonCorpTags";
import { AccountTags } from "./AccountTags";
import styles from "./people.module.css";

export function PersonFacts({ person }: { person: Person }) {
  return (
    <>
      <PersonTags personId={person.id} />
      <Segments segments={person.segments} />
      <PersonRelations personId={person.id} />
      <AccountTags personId={person.id} />
      <PersonCorpTags personId={person.id} />
      <Identities identities={person.identities} />
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

function Identities({ identities }: { identities: Person["identities"] }) {
  const { t, has } = useI18n();
  const now = useNow(60_000);
  const zone = useZone();
  return (
    <Panel title={t("person.identities")} testId="person-identities">
      {identities.length === 0 && <p className="muted">{t("person.identities.empty")}</p>}
      <ul className={styles.facts}>
        {identities.map((identity) => {
          const key = `namespace.${identity.namespace}`;
          return (
            <li key={`${identity.namespace}:${identity.scope}:${identity.value_masked}`}>
              <span className={styles.factKey}>{has(key) ? t(key) : identity.namespace}</span>
              <span className={`${styles.factValue} mono`}>{identity.value_masked}</span>
              <small>
                {[
                  identity.scope,
                  identity.first_seen_at && formatMoment(identity.first_seen_at, now, zone),
                  identity.evidence.map((each) => each.replace(/^observed: /, "")).join(", "),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </li>
          );
        })}
      </ul>
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
