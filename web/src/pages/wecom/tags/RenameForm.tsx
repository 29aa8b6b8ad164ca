import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { renameCorpTag } from "../../../api/wecom/tags";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../channels/content/Field";
import { NAME_MAX } from "./names";

interface RenameFormProps {
  corp: string;
  item: { id: string; name: string };
  onClose: () => void;
}

export function RenameForm({ corp, item, onClose }: RenameFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(item.name);
  const rename = useMutation({
    mutationFn: () => renameCorpTag(corp, item.id, name.trim()),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["corp-tags", corp] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("wecom.tags.rename.named", { name: item.name })}
      okText={t("save")}
      okButtonProps={{ disabled: name.trim() === "", loading: rename.isPending }}
      onOk={() => rename.mutate()}
      onCancel={onClose}
    >
      <Field label={t("wecom.tags.name")}>
        {(id) => (
          <Input
            id={id}
            autoFocus
            showCount
            maxLength={NAME_MAX}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {rename.error && <ErrorNotice error={rename.error} />}
    </Modal>
  );
}
