import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Checkbox, Input, Modal, Segmented } from "antd";
import { useState } from "react";
import { type PersonTagGroup, saveTagGroup, type TagColor } from "../../api/personTags";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Tag } from "../../ui/Tag";
import { Field } from "../channels/content/Field";
import styles from "../wecom/tags/tags.module.css";
import { COLORS, toneOf } from "./colors";

export const NAME_MAX = 40;

/** A new group, or another name, colour or kind for one. */
export function GroupForm({ group, onClose }: { group: PersonTagGroup | null; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(group?.name ?? "");
  const [color, setColor] = useState<TagColor>(group?.color ?? "gray");
  const [isExclusive, setExclusive] = useState(group?.is_exclusive ?? false);
  const save = useMutation({
    mutationFn: () =>
      saveTagGroup(group?.id ?? null, { name: name.trim(), color, is_exclusive: isExclusive }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["person-tags"] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={group ? t("ownTags.editGroup") : t("ownTags.newGroup")}
      okText={t("save")}
      okButtonProps={{ disabled: name.trim() === "", loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        <Field label={t("ownTags.groupName")}>
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
        <Segmented<TagColor>
          aria-label={t("ownTags.color")}
          value={color}
          onChange={setColor}
          options={COLORS.map((value) => ({
            value,
            label: <Tag tone={toneOf(value)}>{t(`ownTags.color.${value}`)}</Tag>,
          }))}
        />
        <Checkbox checked={isExclusive} onChange={(event) => setExclusive(event.target.checked)}>
          {t("ownTags.exclusive.label")}
        </Checkbox>
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}
