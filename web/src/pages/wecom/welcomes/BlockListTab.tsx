import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import type { Corp } from "../../../api/wecom/corps";
import { corpTagsQuery } from "../../../api/wecom/tags";
import { blockListQuery, saveBlockList, type WelcomeBlockList } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Field } from "../../channels/content/Field";
import { CorpSelect, useCorpChoice } from "./CorpSelect";
import styles from "./welcomes.module.css";

export function BlockListTab({ corps }: { corps: readonly Corp[] | undefined }) {
  const { t } = useI18n();
  const [corp, setCorp] = useCorpChoice(corps);
  if (!corp) return <EmptyState title={t("wecom.welcomes.noCorp")} />;
  return (
    <Panel>
      <div className={styles.stack}>
        <p className="soft">{t("wecom.welcomes.blocked.text")}</p>
        <CorpSelect corps={corps} value={corp} onChange={setCorp} />
        <Words key={corp} corp={corp} />
      </div>
    </Panel>
  );
}

const FIELDS = ["names", "companies", "alert"] as const;

function Words({ corp }: { corp: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error } = useQuery(blockListQuery(corp));
  const { data: tags } = useQuery(corpTagsQuery(corp));
  const [changed, setChanged] = useState<WelcomeBlockList>();
  const save = useMutation({
    mutationFn: (words: WelcomeBlockList) => saveBlockList(corp, words),
    onSuccess: (words) => {
      queries.setQueryData(blockListQuery(corp).queryKey, words);
      setChanged(undefined);
    },
  });
  const words = changed ?? data;
  if (error) return <ErrorNotice error={error} />;
  if (!words) return null;
  return (
    <>
      {FIELDS.map((field) => (
        <Field
          key={field}
          label={t(`wecom.welcomes.blocked.${field}`)}
          hint={field === "alert" ? undefined : t("wecom.welcomes.blocked.hint")}
        >
          {(id) => (
            <Select
              id={id}
              mode="tags"
              open={false}
              suffixIcon={null}
              value={words[field]}
              onChange={(value: string[]) => setChanged({ ...words, [field]: value })}
            />
          )}
        </Field>
      ))}
      <Field label={t("wecom.welcomes.blocked.tag")}>
        {(id) => (
          <Select
            id={id}
            allowClear
            value={words.tag || undefined}
            onChange={(tag: string | undefined) => setChanged({ ...words, tag: tag ?? "" })}
            options={tags?.groups.map((group) => ({
              label: group.name,
              options: group.tags.map((tag) => ({ value: tag.id, label: tag.name })),
            }))}
          />
        )}
      </Field>
      {save.error && <ErrorNotice error={save.error} />}
      <div>
        <Button
          type="primary"
          disabled={!changed}
          loading={save.isPending}
          onClick={() => save.mutate(words)}
        >
          {t("wecom.welcomes.save")}
        </Button>
      </div>
    </>
  );
}
