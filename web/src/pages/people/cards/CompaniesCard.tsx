import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { companiesOfPersonQuery } from "../../../api/companies";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import styles from "../people.module.css";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "relations", order: 30, Card: Companies };

function Companies({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, isPending, refetch } = useQuery(companiesOfPersonQuery(personId));
  return (
    <Panel title={t("person.companies")} testId="person-companies">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {isPending && <PanelSkeleton rows={2} />}
      {data?.items.length === 0 && <p className="muted">{t("person.companies.empty")}</p>}
      <ul className={styles.facts}>
        {data?.items.map((one) => (
          <li key={one.company.id}>
            <Link to={`/companies/${one.company.id}`}>{one.company.name || one.company.id}</Link>
            <span className={styles.factValue}>
              {one.until && <Tag>{t("person.companies.left")}</Tag>}
              {one.is_primary && <Tag tone="jade">{t("companies.contact.primary")}</Tag>}
              {one.roles.map((role) => (
                <Tag key={role}>{role}</Tag>
              ))}
            </span>
            <small>
              {formatDate(one.since, zone)}
              {one.until && ` – ${formatDate(one.until, zone)}`}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
