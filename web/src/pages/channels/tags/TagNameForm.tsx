import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { saveTag } from "../../../api/channels";
import type { AccountTag } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import type { TabProps } from "../ChannelPage";
import { bytesOf } from "../content/content";
import { Field } from "../content/Field";
import { isName, NAME_BYTES_MAX } from "./names";

interface TagNameFormProps extends TabProps {
  tag: AccountTag | null;
  onClose: () => void;
}

/** Naming a tag; it is created or renamed on WeChat first. */
export function TagNameForm({ account, tag, onClose }: TagNameFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(tag?.name ?? "");
  const save = useMutation({
    mutationFn: () => saveTag(account.id, tag?.id ?? null, name.trim()),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["account-tags", account.id] });
      onClose();
    },
  });
  const bytes = bytesOf(name.trim());
  return (
    <Modal
      open
      title={t(tag ? "tags.rename" : "tags.create")}
      okText={t("save")}
      okButtonProps={{ disabled: !isName(name), loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <Field
        label={t("tags.name")}
        hint={<span className="num">{t("content.bytes", { bytes, max: NAME_BYTES_MAX })}</span>}
        problem={bytes > NAME_BYTES_MAX && t("tags.name.problem")}
      >
        {(id) => (
          <Input
            id={id}
            autoFocus
            value={name}
            status={bytes > NAME_BYTES_MAX ? "error" : undefined}
            onChange={(event) => setName(event.target.value)}
            onPressEnter={() => isName(name) && !save.isPending && save.mutate()}
          />
        )}
      </Field>
      {save.error && <ErrorNotice error={save.error} />}
    </Modal>
  );
}
