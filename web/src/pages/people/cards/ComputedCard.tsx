import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { personValuesQuery } from "../../../api/computed";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Bone } from "../../../ui/PageSkeleton";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import styles from "../people.module.css";
import type { PersonCard } from "./card";

/** What is computed of a person, each with how long it holds and how fresh it is. */
function ComputedValues({ personId }: { personId: string }) {
  const { t } = useI18n();
  const ago = useAgo();
  const words = useAttributeWords();
  const { data, error, refetch } = useQuery(personValuesQuery(personId));
  return (
    <Panel title={t("nav.computed")} testId="person-computed">
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone width="60%" />}
      {data?.items.length === 0 && <p className="muted">{t("computed.nobodyYet")}</p>}
      <ul className={styles.facts}>
        {data?.items.map((one) => (
          <li key={one.key}>
            <Link to={`/computed-attributes/${one.id}`} className={styles.factKey}>
              {one.name}
            </Link>
            <span className={styles.factValue}>{words.value("", one.value)}</span>
            <small>
              {t("computed.since", { since: ago(one.since), asOf: one.as_of ? ago(one.as_of) : "–" })}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export const card: PersonCard = {
  place: "insight",
  order: 10,
  Card: ({ personId }) => <ComputedValues personId={personId} />,
};
