import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { corpTagFailuresQuery } from "../../../api/wecom/tags";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import channelStyles from "../../channels/channels.module.css";

/** Changes the platform refused for good; nothing to see while there are none. */
export function Failures({ corp }: { corp: string }) {
  const { t, locale } = useI18n();
  const ago = useAgo();
  const { data } = useQuery(corpTagFailuresQuery(corp));
  if (!data || data.items.length === 0) return null;
  return (
    <Panel title={t("wecom.tags.failures")} testId="corp-tag-failures">
      <ul className={channelStyles.lines}>
        {data.items.map((one) => (
          <li key={`${one.staff}:${one.tag_id}:${one.person_id}:${one.at}`}>
            <span>
              {t(one.wanted ? "wecom.tags.failure.give" : "wecom.tags.failure.take", {
                staff: one.staff,
                tag: one.tag || one.tag_id,
              })}{" "}
              {one.person_id && (
                <Link to={`/people/${one.person_id}`} className="mono">
                  {one.person_id}
                </Link>
              )}
            </span>
            <span className={channelStyles.lineBad}>{locale === "zh" ? one.detail_zh : one.detail_en}</span>
            <span className="muted">{ago(one.at)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
