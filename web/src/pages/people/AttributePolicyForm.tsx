import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import {
  type AttributeHistory,
  type AttributePolicy,
  attributePoliciesQuery,
  setAttributePolicy,
} from "../../api/profiles";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./people.module.css";

const POLICIES: readonly AttributePolicy[] = ["newest", "first", "priority", "max", "union"];
/** Sealed values cannot be compared or gathered. */
const ON_SEALED: readonly AttributePolicy[] = ["newest", "first", "priority"];

interface AttributePolicyFormProps {
  attribute: string;
  personId: string;
  history?: AttributeHistory;
}

/** Which statement counts where several were told: of this attribute, for everybody. */
export function AttributePolicyForm({ attribute, personId, history }: AttributePolicyFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(attributePoliciesQuery);
  const kept = data?.items.find((one) => one.key === attribute);
  const [chosen, setPolicy] = useState<AttributePolicy>();
  const [named, setSources] = useState<string[]>();
  const policy = chosen ?? kept?.policy ?? "newest";
  const sources = policy === "priority" ? (named ?? [...(kept?.sources ?? [])]) : [];
  const save = useMutation({
    mutationFn: () => setAttributePolicy(attribute, policy, sources),
    onSuccess: (found) => {
      queries.setQueryData(attributePoliciesQuery.queryKey, found);
      queries.invalidateQueries({ queryKey: ["attribute-history", personId, attribute] });
      queries.invalidateQueries({ queryKey: ["person", personId] });
    },
  });
  if (!history) return null;
  const isSealed = history.classification === "identifier" || history.classification === "name";
  const known = [...new Set(history.items.map((one) => one.source))];
  return (
    <div className={styles.field}>
      <strong>{t("attr.policy")}</strong>
      <small className="muted">{t("attr.policy.hint")}</small>
      <Select
        aria-label={t("attr.policy")}
        value={policy}
        onChange={setPolicy}
        options={(isSealed ? ON_SEALED : POLICIES).map((each) => ({
          value: each,
          label: t(`attr.policy.${each}`),
        }))}
      />
      {policy === "priority" && (
        <Select
          mode="tags"
          aria-label={t("attr.policy.sources")}
          placeholder={t("attr.policy.sources")}
          value={sources}
          onChange={setSources}
          options={known.map((each) => ({ value: each, label: each }))}
        />
      )}
      {kept?.is_recopying && <small className="muted">{t("attr.policy.recopying")}</small>}
      <div>
        <Button
          onClick={() => save.mutate()}
          loading={save.isPending}
          disabled={policy === "priority" && sources.length === 0}
        >
          {t("attr.policy.save")}
        </Button>
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </div>
  );
}
