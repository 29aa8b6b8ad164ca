import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { previewQuery } from "../../api/queries";
import { formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Bone } from "../../ui/PageSkeleton";
import { useDebounced } from "../../ui/useDebounced";
import { useFormat } from "../../ui/useFormat";
import { PersonName } from "../people/PersonName";
import { ExplainDrawer } from "./ExplainDrawer";
import styles from "./segments.module.css";
import { type Condition, countLeaves, isComplete, toJson } from "./tree";

const SAMPLE_SHOWN = 8;

/** How many people the tree on the screen means right now, and who some of them are. */
export function Preview({ tree }: { tree: Condition }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const settled = useDebounced(tree, 400);
  const complete = isComplete(settled);
  const [asked, setAsked] = useState<string | null>(null);
  const { data, error, isFetching, refetch } = useQuery({
    ...previewQuery(toJson(settled)),
    enabled: complete,
  });
  return (
    <Panel title={t("preview.title")} className={styles.preview} testId="segment-preview">
      {!complete && <p className="soft">{t("preview.incomplete")}</p>}
      {complete && countLeaves(settled) === 0 && <p className="soft">{t("preview.everyone")}</p>}
      {complete && error && <ErrorNotice error={error} onRetry={refetch} />}
      {complete && !error && !data && <Bone width="60%" height={40} />}
      {complete && !error && data && (
        <div className={isFetching ? styles.fetching : undefined} aria-busy={isFetching}>
          <p className={`${styles.count} num`} data-testid="preview-count">
            {format.count(data.count)}
            <small>{t("preview.people", { n: data.count })}</small>
          </p>
          <p className="muted">{t("preview.took", { time: formatDuration(data.took_ms / 1000, tag) })}</p>
          <ul className={styles.sample}>
            {data.sample.slice(0, SAMPLE_SHOWN).map((person) => (
              <li key={person.id}>
                <PersonName
                  id={person.id}
                  name={person.display_name}
                  seed={person.avatar_seed}
                  note={person.city}
                />
                <Button type="link" size="small" onClick={() => setAsked(person.id)}>
                  {t("explain.why")}
                </Button>
              </li>
            ))}
          </ul>
          <Button type="link" size="small" onClick={() => setAsked("")}>
            {t("explain.somebody")}
          </Button>
        </div>
      )}
      {asked !== null && (
        <ExplainDrawer tree={settled} person={asked} onPerson={setAsked} onClose={() => setAsked(null)} />
      )}
    </Panel>
  );
}
