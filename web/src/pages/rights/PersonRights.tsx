import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { rightsQuery } from "../../api/rights";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Bone } from "../../ui/PageSkeleton";
import { NewRequest } from "./NewRequest";
import styles from "./rights.module.css";
import { Due, StateTag } from "./words";

/** What one person asked about their data. */
export function PersonRights({ personId }: { personId: string }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const { data, error, refetch } = useInfiniteQuery(rightsQuery({ person: personId }));
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title={t("rights.ofPerson")}
      testId="person-rights"
      extra={
        <Button size="small" onClick={() => setMaking(true)}>
          {t("rights.new")}
        </Button>
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone width="60%" />}
      {items?.length === 0 && <p className="muted">{t("rights.ofPerson.empty")}</p>}
      <ul className={styles.stack}>
        {items?.map((one) => (
          <li key={one.id} className={styles.tools}>
            <Link to={`/rights/${one.id}`}>{t(`rights.kind.${one.kind}`)}</Link>
            <StateTag state={one.state} />
            <small className="muted">
              {t("rights.due")} <Due request={one} />
            </small>
          </li>
        ))}
      </ul>
      {making && (
        <NewRequest
          personId={personId}
          onClose={() => setMaking(false)}
          onMade={(id) => navigate(`/rights/${id}`)}
        />
      )}
    </Panel>
  );
}
