import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useState } from "react";
import { changeMemberRole, type Member } from "../../api/members";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./members.module.css";
import { RoleSelect } from "./RoleSelect";

/** Another role for a member, from their next request on. */
export function RoleChange({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [role, setRole] = useState(member.role);
  const save = useMutation({
    mutationFn: () => changeMemberRole(member.id, role),
    onSuccess: async () => {
      // One's own role may have been the one that changed.
      await Promise.all(
        ["members", "roles", "session"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("members.changeRole.title", { name: member.name || (member.email ?? "") })}
      okText={t("save")}
      okButtonProps={{ disabled: role === member.role, loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.form}>
        <Field label={t("members.role")} hint={t("members.changeRole.hint")}>
          {(id) => <RoleSelect id={id} value={role} onChange={setRole} />}
        </Field>
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}
