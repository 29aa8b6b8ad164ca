import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { type OwnTag, type PersonTagGroup, saveOwnTag } from "../../api/personTags";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "../wecom/tags/tags.module.css";
import { NAME_MAX } from "./GroupForm";

interface TagFormProps {
  group: PersonTagGroup;
  tag: OwnTag | null;
  onClose: () => void;
}

/** A new tag, or other words and another lifetime for one; who carries it stays. */
export function TagForm({ group, tag, onClose }: TagFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(tag?.name ?? "");
  const [description, setDescription] = useState(tag?.description ?? "");
  const [days, setDays] = useState<number | null>(tag?.lasts_days ?? null);
  const save = useMutation({
    mutationFn: () =>
      saveOwnTag(group.id, tag?.id ?? null, {
        name: name.trim(),
        description: description.trim(),
        lasts_days: days,
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["person-tags"] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t(tag ? "ownTags.editTag" : "ownTags.newTagIn", { name: group.name })}
      okText={t("save")}
      okButtonProps={{ disabled: name.trim() === "", loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        <Field label={t("ownTags.name")}>
          {(id) => (
            <Input
              id={id}
              autoFocus
              maxLength={NAME_MAX}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("ownTags.description")}>
          {(id) => (
            <Input
              id={id}
              maxLength={200}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("ownTags.lastsDays")} hint={t("ownTags.lastsDays.hint")}>
          {(id) => <InputNumber id={id} min={1} max={3650} precision={0} value={days} onChange={setDays} />}
        </Field>
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}
