import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { personRelationsQuery } from "../../../api/wecom/staff";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Status, useWay } from "./CustomersTable";

/** On a person's page: which members have them, since when, how they came, and whether they stayed. */
export function PersonRelations({ personId }: { personId: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const wayOf = useWay();
  const { data, error, refetch } = useQuery(personRelationsQuery(personId));
  if (!data && !error) return null;
  if (data?.items.length === 0) return null;
  return (
    <Panel title={t("wecom.person")} testId="person-wecom">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      <ul style={{ display: "flex", flexDirection: "column", gap: 10 }}>
        {data?.items.map((row) => (
          <li key={`${row.corp}:${row.staff_userid}`}>
            <div>
              {row.staff_id ? <Link to={`/staff/${row.staff_id}`}>{row.staff_name}</Link> : row.staff_name}{" "}
              <Status row={row} />
            </div>
            <small className="muted">
              {[row.added_at && formatDate(row.added_at, zone), wayOf(row), row.state]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
