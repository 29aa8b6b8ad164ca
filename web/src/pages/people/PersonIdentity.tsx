import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { personEvidenceQuery, undoIdentityDecision } from "../../api/identity";
import type { IdentityDecision, IdentityEvidence, KnownIdentity } from "../../api/types";
import { useNow, useZone } from "../../app/session";
import { formatMoment } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useIdentityWords } from "./identityWords";
import styles from "./people.module.css";
import { MarkForm, SeparateForm } from "./SeparateForm";

/** Why these identities are one person, and separating them where they are not. */
export function PersonIdentity({ personId }: { personId: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(personEvidenceQuery(personId));
  const [chosen, setChosen] = useState<string[]>([]);
  const [doing, setDoing] = useState<"separate" | "mark" | null>(null);
  if (!data && !error) return null;
  const theirs = data?.identities.filter((one) => one.person === data.person) ?? [];
  const picked = theirs.filter((one) => chosen.includes(one.id));
  const only = picked.length === 1 ? picked[0] : undefined;
  const close = () => {
    setDoing(null);
    setChosen([]);
  };
  return (
    <Panel title={t("identity.title")} testId="person-identities">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && theirs.length === 0 && <p className="muted">{t("person.identities.empty")}</p>}
      <ul className={styles.identities}>
        {theirs.map((one) => (
          <Identity
            key={one.id}
            identity={one}
            all={data?.identities ?? []}
            evidence={data?.evidence.filter((edge) => edge.a === one.id || edge.b === one.id) ?? []}
            checked={chosen.includes(one.id)}
            onCheck={(on) => setChosen(on ? [...chosen, one.id] : chosen.filter((id) => id !== one.id))}
          />
        ))}
      </ul>
      <div className={styles.identityActions}>
        <Button
          disabled={picked.length === 0 || picked.length === theirs.length}
          onClick={() => setDoing("separate")}
        >
          {t("identity.separate")}
        </Button>
        <Button disabled={only === undefined} onClick={() => setDoing("mark")}>
          {t(only?.flag ? "identity.unmark" : "identity.mark")}
        </Button>
      </div>
      {theirs.length > 1 && picked.length === 0 && <small className="muted">{t("identity.hint")}</small>}
      {data && <Decisions decisions={data.decisions} personId={personId} />}
      {doing === "separate" && (
        <SeparateForm personId={personId} chosen={picked} all={theirs} onClose={close} />
      )}
      {doing === "mark" && only && <MarkForm personId={personId} identity={only} onClose={close} />}
    </Panel>
  );
}

interface IdentityProps {
  identity: KnownIdentity;
  all: KnownIdentity[];
  evidence: IdentityEvidence[];
  checked: boolean;
  onCheck: (on: boolean) => void;
}

function Identity({ identity, all, evidence, checked, onCheck }: IdentityProps) {
  const words = useIdentityWords();
  const now = useNow(60_000);
  const zone = useZone();
  const { t } = useI18n();
  const name = words.kind(identity.namespace);
  return (
    <li>
      <Checkbox checked={checked} onChange={(event) => onCheck(event.target.checked)}>
        {name} <span className="mono">{identity.value_masked}</span>
      </Checkbox>
      {identity.flag && <Tag tone="amber">{words.flag(identity.flag)}</Tag>}
      <small className="muted">
        {[identity.scope, t("identity.since", { when: formatMoment(identity.first_seen_at, now, zone) })]
          .filter(Boolean)
          .join(" · ")}
      </small>
      <ul>
        {evidence.map((edge) => {
          const other = all.find((one) => one.id === (edge.a === identity.id ? edge.b : edge.a));
          return (
            <li key={`${edge.a}:${edge.b}:${edge.evidence}`}>
              <Tag tone={edge.state === "held" ? "jade" : "plain"}>{words.state(edge.state)}</Tag>{" "}
              {words.evidence(edge, other, formatMoment(edge.first_event_at, now, zone))}
              {edge.reason && <> · {words.reason(edge.reason)}</>}
              {edge.note && <> · {edge.note}</>}
            </li>
          );
        })}
      </ul>
    </li>
  );
}

function Decisions({ decisions, personId }: { decisions: IdentityDecision[]; personId: string }) {
  const { t } = useI18n();
  const words = useIdentityWords();
  const queries = useQueryClient();
  const now = useNow(60_000);
  const zone = useZone();
  const undo = useMutation({
    mutationFn: undoIdentityDecision,
    onSettled: () => {
      for (const key of ["person", "person-evidence", "timeline"])
        queries.invalidateQueries({ queryKey: [key, personId] });
    },
  });
  if (decisions.length === 0) return null;
  return (
    <section className={styles.decisions}>
      <h4>{t("identity.decisions")}</h4>
      <ul>
        {decisions.map((one) => (
          <li key={one.id}>
            <span>
              {words.decision(one.kind)}：{one.reason}
            </span>
            <small className="muted">
              {one.actor} · {formatMoment(one.decided_at, now, zone)}
              {one.undone_at && ` · ${t("identity.undone", { who: one.undone_by })}`}
            </small>
            {!one.undone_at && (
              <Button size="small" type="link" loading={undo.isPending} onClick={() => undo.mutate(one.id)}>
                {t("identity.undo")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {undo.error && <ErrorNotice error={undo.error} />}
    </section>
  );
}
