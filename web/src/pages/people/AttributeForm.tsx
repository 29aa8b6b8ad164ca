import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { type AttributeHistory, setAttribute } from "../../api/profiles";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { asText, kindOf, readValue, VALUE_KINDS, type ValueKind } from "./attributeValue";
import styles from "./people.module.css";

interface AttributeFormProps {
  personId: string;
  attribute: string;
  history?: AttributeHistory;
}

/** Setting one attribute by hand; what was there before stays in its history. */
export function AttributeForm({ personId, attribute, history }: AttributeFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const now = history?.items.find((one) => one.counts)?.value;
  const [text, setText] = useState<string>();
  const [chosen, setKind] = useState<ValueKind>();
  const kind = chosen ?? kindOf(now);
  const shown = text ?? asText(now);
  const value = readValue(shown, kind);
  const save = useMutation({
    mutationFn: (wanted: unknown) => setAttribute(personId, attribute, wanted),
    onSuccess: (found) => {
      queries.setQueryData(["attribute-history", personId, attribute], found);
      queries.invalidateQueries({ queryKey: ["person", personId] });
      setText(undefined);
      setKind(undefined);
    },
  });
  return (
    <div className={styles.field}>
      <div className={styles.valueRow}>
        <Select
          aria-label={t("attr.kind")}
          value={kind}
          onChange={setKind}
          options={VALUE_KINDS.map((each) => ({ value: each, label: t(`attr.kind.${each}`) }))}
          style={{ width: 110 }}
        />
        <Input
          aria-label={t("attr.value")}
          value={shown}
          maxLength={4000}
          status={shown && value === undefined ? "error" : undefined}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <small className="muted">{t(`attr.kind.${kind}.hint`)}</small>
      <div className={styles.valueRow}>
        <Button
          type="primary"
          disabled={!attribute || !shown || value === undefined}
          loading={save.isPending}
          onClick={() => save.mutate(value)}
        >
          {t("attr.set")}
        </Button>
        {now !== undefined && now !== null && (
          <Button danger onClick={() => save.mutate(null)} disabled={save.isPending}>
            {t("attr.clear")}
          </Button>
        )}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </div>
  );
}
