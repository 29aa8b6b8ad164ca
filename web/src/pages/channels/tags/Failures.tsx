import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { tagFailuresQuery } from "../../../api/channels";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import type { TabProps } from "../ChannelPage";
import styles from "../channels.module.css";

/** Changes WeChat refused for good, and why; nothing is shown while there are none. */
export function Failures({ account }: TabProps) {
  const { t, locale } = useI18n();
  const ago = useAgo();
  const { data } = useQuery(tagFailuresQuery(account.id));
  if (!data || data.items.length === 0) return null;
  return (
    <Panel title={t("tags.failures")} testId="tag-failures">
      <ul className={styles.lines}>
        {data.items.map((failure) => (
          <li key={`${failure.tag_id}:${failure.person_id}:${failure.at}`}>
            <span>
              {t(failure.wanted ? "tags.failure.give" : "tags.failure.take", { tag: failure.tag })}{" "}
              {failure.person_id && (
                <Link to={`/people/${failure.person_id}`} className="mono">
                  {failure.person_id}
                </Link>
              )}
            </span>
            <span className={styles.lineBad}>{locale === "zh" ? failure.detail_zh : failure.detail_en}</span>
            <span className="muted">{ago(failure.at)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
