import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { personGroupsQuery } from "../../../api/profiles";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import styles from "../people.module.css";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "relations", order: 15, Card: Groups };

function Groups({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, isPending, refetch } = useQuery(personGroupsQuery(personId));
  return (
    <Panel title={t("person.groups")} testId="person-groups">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {isPending && <PanelSkeleton rows={2} />}
      {data?.items.length === 0 && <p className="muted">{t("person.groups.empty")}</p>}
      <ul className={styles.facts}>
        {data?.items.map((stay) => (
          <li key={`${stay.group_id} ${stay.joined_at}`}>
            <Link to={`/groups/${stay.group_id}`}>{stay.name || t("person.groups.unnamed")}</Link>
            <span className={styles.factValue}>
              {stay.left_at || stay.is_dismissed ? (
                <Tag tone="plain">{t(stay.left_at ? "person.groups.left" : "person.groups.dismissed")}</Tag>
              ) : (
                <Tag tone="jade">{t("person.groups.in")}</Tag>
              )}
            </span>
            <small>
              {formatDateTime(stay.joined_at, zone)}
              {stay.left_at && ` – ${formatDateTime(stay.left_at, zone)}`}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
