import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { type CorpTagGroup, createCorpTags } from "../../../api/wecom/tags";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../channels/content/Field";
import { NAME_MAX, NEW_MAX, namesIn, problemOf } from "./names";
import styles from "./tags.module.css";

interface NewTagsFormProps {
  corp: string;
  /** Where the tags go; without one a new group is made, which cannot be empty. */
  group?: CorpTagGroup;
  onClose: () => void;
}

/** Tags are made on the platform first; names that exist there are taken as they are. */
export function NewTagsForm({ corp, group, onClose }: NewTagsFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [groupName, setGroupName] = useState("");
  const [text, setText] = useState("");
  const names = namesIn(text);
  const problem = problemOf(names);
  const isReady = names.length > 0 && !problem && (group !== undefined || groupName.trim() !== "");
  const create = useMutation({
    mutationFn: () => createCorpTags(corp, group ? { id: group.id } : { name: groupName.trim() }, names),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["corp-tags", corp] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={group ? t("wecom.tags.addTo", { name: group.name }) : t("wecom.tags.newGroup")}
      okText={t("save")}
      okButtonProps={{ disabled: !isReady, loading: create.isPending }}
      onOk={() => create.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        {!group && (
          <Field label={t("wecom.tags.groupName")} hint={t("wecom.tags.groupName.hint")}>
            {(id) => (
              <Input
                id={id}
                autoFocus
                showCount
                maxLength={NAME_MAX}
                value={groupName}
                onChange={(event) => setGroupName(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field
          label={t("wecom.tags.names")}
          hint={t("wecom.tags.names.hint")}
          problem={problem && t(`wecom.tags.names.${problem}`, { max: NEW_MAX })}
        >
          {(id) => (
            <Input.TextArea
              id={id}
              rows={4}
              value={text}
              status={problem ? "error" : undefined}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {create.error && <ErrorNotice error={create.error} />}
      </div>
    </Modal>
  );
}
