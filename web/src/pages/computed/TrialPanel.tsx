import { useQuery } from "@tanstack/react-query";
import { computedTrialQuery } from "../../api/computed";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Bone } from "../../ui/PageSkeleton";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { useDebounced } from "../../ui/useDebounced";
import { useFormat } from "../../ui/useFormat";
import { PersonName } from "../people/PersonName";
import styles from "./computed.module.css";
import { type Definition, isReady } from "./definition";
import { Spread } from "./Spread";

/** What the definition on the screen gives for a sample of people; nothing is saved. */
export function TrialPanel({
  definition,
  attributeKey,
}: {
  definition: Definition;
  attributeKey: string | null;
}) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useAttributeWords();
  const settled = useDebounced(definition, 500);
  const ready = isReady(settled);
  const { data, error, isFetching, refetch } = useQuery({
    ...computedTrialQuery(settled, attributeKey),
    enabled: ready,
  });
  return (
    <Panel title={t("computed.trial")} className={styles.trial} testId="computed-trial">
      {!ready && <p className="soft">{t("computed.incomplete")}</p>}
      {ready && error && <ErrorNotice error={error} onRetry={refetch} />}
      {ready && !error && !data && <Bone width="60%" height={40} />}
      {ready && !error && data && (
        <div className={isFetching ? styles.fetching : undefined} aria-busy={isFetching}>
          <p className={`${styles.count} num`}>
            {format.share(data.with_value, data.examined)}
            <small>{t("computed.withValue")}</small>
          </p>
          <p className="muted">
            {t(data.examined < data.total ? "computed.sampled" : "computed.examined", {
              examined: format.count(data.examined),
              total: format.count(data.total),
              differing: format.count(data.differing),
            })}
          </p>
          <Spread spread={data.distribution} />
          <ul className={styles.sample}>
            {data.sample.map((row) => (
              <li key={row.person.id}>
                <PersonName
                  id={row.person.id}
                  name={row.person.display_name}
                  seed={row.person.avatar_seed}
                  note={row.person.city}
                />
                <strong className="num">{words.value("", row.value)}</strong>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}
