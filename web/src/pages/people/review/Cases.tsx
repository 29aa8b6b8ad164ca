import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { type IdentityCase, identityCasesQuery, settleCase } from "../../../api/matches";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useIdentityWords } from "../identityWords";
import { knownName } from "../knownName";
import { MarkForm } from "../SeparateForm";
import styles from "./review.module.css";

/** Values that did not join people because a limit refused, or that tie too many together. */
export function Cases() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(identityCasesQuery);
  return (
    <Panel title={t("review.cases")} testId="identity-cases">
      <p className="muted">{t("review.cases.lead")}</p>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data?.items.length === 0 && (
        <EmptyState title={t("review.cases.empty")}>{t("review.cases.empty.text")}</EmptyState>
      )}
      <ul className={styles.matches}>
        {data?.items.map((one) => (
          <Case key={one.identity.id} one={one} />
        ))}
      </ul>
      {data && !data.is_all && <p className="muted">{t("review.cases.more")}</p>}
    </Panel>
  );
}

function Case({ one }: { one: IdentityCase }) {
  const { t } = useI18n();
  const ago = useAgo();
  const format = useFormat();
  const words = useIdentityWords();
  const queries = useQueryClient();
  const [marking, setMarking] = useState(false);
  const refresh = () => {
    for (const key of ["identity-cases", "match-summary"]) queries.invalidateQueries({ queryKey: [key] });
  };
  const settle = useMutation({ mutationFn: () => settleCase(one.identity.id), onSettled: refresh });
  return (
    <li className={styles.match} data-testid="identity-case">
      <div className={styles.caseHead}>
        <strong>
          {words.kind(one.identity.namespace)} <span className="mono">{one.identity.value_masked}</span>
        </strong>
        <Tag tone="amber">
          {one.kind === "quarantined" ? words.flag("quarantined") : t("review.case.refused")}
        </Tag>
        <small className="muted">{t("review.case.since", { when: ago(one.since) })}</small>
      </div>
      <p>
        {t("review.case.people", { count: format.count(one.people), n: one.people })}
        {one.reasons.map(words.reason).join("；")}
      </p>
      <p className={styles.people}>
        {one.shown.map((row) => (
          <Link key={row.id} to={`/people/${row.id}`}>
            {knownName(row.id, row.display_name) ?? row.id}
          </Link>
        ))}
      </p>
      <div className={styles.actions}>
        <Button onClick={() => setMarking(true)}>
          {t(one.identity.flag ? "identity.unmark" : "identity.mark")}
        </Button>
        <Button loading={settle.isPending} onClick={() => settle.mutate()}>
          {t("review.case.settle")}
        </Button>
      </div>
      {settle.error && <ErrorNotice error={settle.error} />}
      {marking && (
        <MarkForm
          personId={one.identity.person}
          identity={one.identity}
          onClose={() => {
            setMarking(false);
            refresh();
          }}
        />
      )}
    </li>
  );
}
