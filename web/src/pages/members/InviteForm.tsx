import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { inviteMember, type MemberLink } from "../../api/members";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./members.module.css";
import { RoleSelect } from "./RoleSelect";

interface InviteFormProps {
  onClose: () => void;
  onMade: (link: MemberLink) => void;
}

/** Inviting somebody: their address and role make a link to pass on. */
export function InviteForm({ onClose, onMade }: InviteFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("");
  const invite = useMutation({
    mutationFn: () => inviteMember({ email: email.trim(), role }),
    onSuccess: async (link) => {
      await queries.invalidateQueries({ queryKey: ["members"] });
      onMade(link);
      onClose();
    },
  });
  const isReady = email.includes("@") && role !== "";
  return (
    <Modal
      open
      title={t("members.invite")}
      okText={t("members.invite.make")}
      okButtonProps={{ disabled: !isReady, loading: invite.isPending }}
      onOk={() => invite.mutate()}
      onCancel={onClose}
    >
      <div className={styles.form}>
        <Field label={t("members.email")} hint={t("members.invite.hint")}>
          {(id) => (
            <Input
              id={id}
              type="email"
              autoFocus
              maxLength={254}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("members.role")}>
          {(id) => <RoleSelect id={id} value={role} onChange={setRole} />}
        </Field>
        {invite.error && <ErrorNotice error={invite.error} />}
      </div>
    </Modal>
  );
}
