import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { type ComparedField, type Decision, decideMatch, type Match } from "../../../api/matches";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Tag, type Tone } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { PersonName } from "../PersonName";
import styles from "./review.module.css";

const TONES: Record<string, Tone> = { equal: "jade", close: "jade", similar: "amber", swapped: "amber" };

/** Two people beside each other, why they may be one, and what somebody says to it. */
export function MatchCard({ match }: { match: Match }) {
  const { t } = useI18n();
  const ago = useAgo();
  const format = useFormat();
  return (
    <li className={styles.match} data-testid="match">
      <div className={styles.sides}>
        <PersonName id={match.a.id} name={match.a.display_name} note={match.a.city} />
        <PersonName id={match.b.id} name={match.b.display_name} note={match.b.city} />
      </div>
      <table className={styles.fields}>
        <caption>
          {t("review.score", { share: likelihood(match.score, format), model: match.model })}
          <span className="muted"> · {t("review.found", { when: ago(match.found_at) })}</span>
        </caption>
        <tbody>
          {match.fields.map((field) => (
            <FieldRow key={field.field} field={field} />
          ))}
        </tbody>
      </table>
      {match.state === "open" ? <OpenActions match={match} /> : <DecidedActions match={match} />}
    </li>
  );
}

/** Never quite certain: a model does not know. */
function likelihood(score: number, format: ReturnType<typeof useFormat>): string {
  return `${format.decimal(Math.min(score * 100, 99.9), 1)}%`;
}

function FieldRow({ field }: { field: ComparedField }) {
  const { t, has } = useI18n();
  const format = useFormat();
  const name = `review.field.${field.field}`;
  const level = `review.level.${field.level}`;
  return (
    <tr>
      <th scope="row">{has(name) ? t(name) : field.field}</th>
      <td>{field.a.join("、") || "–"}</td>
      <td>{field.b.join("、") || "–"}</td>
      <td title={t("review.bits", { bits: format.decimal(field.bits, 1) })}>
        <Tag tone={TONES[field.level] ?? "plain"}>{has(level) ? t(level) : field.level}</Tag>
      </td>
    </tr>
  );
}

function OpenActions({ match }: { match: Match }) {
  const { t } = useI18n();
  const decide = useDecision();
  return (
    <>
      <div className={styles.actions}>
        <Button
          type="primary"
          loading={decide.isPending && decide.variables?.how === "accept"}
          disabled={decide.isPending}
          onClick={() => decide.mutate({ id: match.id, how: "accept" })}
        >
          {t("review.accept")}
        </Button>
        <Button
          loading={decide.isPending && decide.variables?.how === "refuse"}
          disabled={decide.isPending}
          onClick={() => decide.mutate({ id: match.id, how: "refuse" })}
        >
          {t("review.refuse")}
        </Button>
      </div>
      {decide.error && <ErrorNotice error={decide.error} />}
    </>
  );
}

function DecidedActions({ match }: { match: Match }) {
  const { t } = useI18n();
  const ago = useAgo();
  const decide = useDecision();
  const values = { who: match.decided_by, when: match.decided_at ? ago(match.decided_at) : "" };
  return (
    <>
      <div className={styles.actions}>
        <small className="muted">
          {match.is_automatic ? t("review.decided.automatic", values) : t("review.decided", values)}
        </small>
        <Button
          size="small"
          loading={decide.isPending}
          onClick={() => decide.mutate({ id: match.id, how: "undo" })}
        >
          {t("review.undo")}
        </Button>
      </div>
      {decide.error && <ErrorNotice error={decide.error} />}
    </>
  );
}

function useDecision() {
  const queries = useQueryClient();
  return useMutation<unknown, Error, { id: string; how: Decision }>({
    mutationFn: decideMatch,
    onSettled: () => {
      for (const key of ["matches", "match-summary", "people", "person", "person-evidence", "timeline"])
        queries.invalidateQueries({ queryKey: [key] });
    },
  });
}
