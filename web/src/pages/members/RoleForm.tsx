import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { type Role, type RoleList, saveRole } from "../../api/members";
import type { Permission } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./members.module.css";
import { PermissionAreas } from "./PermissionAreas";
import { useRoleName } from "./words";

interface RoleFormProps {
  role: Role | null;
  catalogue: RoleList["catalogue"];
  onClose: () => void;
}

/** What a role allows, by part of the product; those built in are only shown. */
export function RoleForm({ role, catalogue, onClose }: RoleFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const roleName = useRoleName();
  const [name, setName] = useState(role?.name ?? "");
  const [chosen, setChosen] = useState<readonly Permission[]>(role?.permissions ?? []);
  const isFixed = role !== null && (role.is_built_in || !role.is_givable);
  const save = useMutation({
    mutationFn: () => saveRole(role?.key ?? null, { name: name.trim(), permissions: [...chosen] }),
    onSuccess: async () => {
      await Promise.all(
        ["roles", "members", "session"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
      onClose();
    },
  });
  return (
    <Modal
      open
      width={860}
      title={role ? roleName(role.key, role.name) : t("roles.create")}
      okText={t("save")}
      footer={isFixed ? null : undefined}
      okButtonProps={{ disabled: !name.trim() || chosen.length === 0, loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.form}>
        {isFixed ? (
          <p className="soft">{t(role.is_built_in ? "roles.fixed" : "roles.beyond")}</p>
        ) : (
          <Field label={t("roles.name")}>
            {(id) => (
              <Input id={id} maxLength={40} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
        )}
        <PermissionAreas catalogue={catalogue} chosen={chosen} onChange={isFixed ? null : setChosen} />
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}
