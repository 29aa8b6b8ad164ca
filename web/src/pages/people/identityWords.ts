import type { IdentityEvidence, KnownIdentity } from "../../api/types";
import { useI18n } from "../../i18n";

const LIMIT = "limit:";

/** What the identity card says in words: kinds, evidence, states and reasons. */
export function useIdentityWords() {
  const { t, has } = useI18n();
  const word = (key: string, fallback: string) => (has(key) ? t(key) : fallback);
  const kind = (namespace: string) => word(`namespace.${namespace}`, namespace);
  return {
    kind,
    flag: (flag: string) => word(`identity.flag.${flag}`, flag),
    state: (state: string) => word(`identity.state.${state}`, state),
    decision: (what: string) => word(`identity.decision.${what}`, what),
    moved: (what: string) => word(`identity.moved.${what}`, what),
    reason: (reason: string) =>
      reason.startsWith(LIMIT)
        ? t("identity.reason.limit", { kind: kind(reason.slice(LIMIT.length)) })
        : word(`identity.why.${reason}`, reason),
    evidence: (edge: IdentityEvidence, other: KnownIdentity | undefined, when: string) => {
      const values = {
        other: other ? `${kind(other.namespace)} ${other.value_masked}` : "…",
        source: edge.source,
        when,
      };
      if (edge.evidence === "observed") return t("identity.evidence.observed", values);
      if (edge.evidence === "explicit") return t("identity.evidence.explicit", values);
      return t("identity.evidence.model", { ...values, model: edge.evidence });
    },
  };
}
