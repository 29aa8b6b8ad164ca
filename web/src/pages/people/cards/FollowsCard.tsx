import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { personFollowsQuery } from "../../../api/profiles";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import styles from "../people.module.css";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "relations", order: 18, Card: Follows };

function Follows({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, isPending, refetch } = useQuery(personFollowsQuery(personId));
  return (
    <Panel title={t("person.follows")} testId="person-follows">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {isPending && <PanelSkeleton rows={2} />}
      {data?.items.length === 0 && <p className="muted">{t("person.follows.empty")}</p>}
      <ul className={styles.facts}>
        {data?.items.map((follow) => (
          <li key={follow.account_id}>
            <Link to={`/channels/${follow.account_id}`}>{follow.account}</Link>
            <span className={styles.factValue}>
              <Tag tone={follow.subscribed ? "jade" : "plain"}>
                {t(
                  follow.subscribed === null
                    ? "person.follows.unknown"
                    : follow.subscribed
                      ? "person.follows.yes"
                      : "person.follows.no",
                )}
              </Tag>
            </span>
            <small>
              {formatDate(follow.changed_at ?? follow.subscribed_at ?? follow.first_seen_at, zone)}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
