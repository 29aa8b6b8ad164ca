import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { rolesQuery } from "../../api/members";
import { useI18n } from "../../i18n";
import { useRoleName } from "./words";

interface RoleSelectProps {
  id: string;
  value: string;
  onChange: (role: string) => void;
}

/** The roles of the brand; those with more than one has oneself cannot be given. */
export function RoleSelect({ id, value, onChange }: RoleSelectProps) {
  const { t } = useI18n();
  const { data, isPending } = useQuery(rolesQuery);
  const roleName = useRoleName();
  return (
    <Select
      id={id}
      value={value || undefined}
      onChange={onChange}
      loading={isPending}
      placeholder={t("members.role")}
      options={data?.items.map((role) => ({
        value: role.key,
        label: roleName(role.key, role.name),
        disabled: !role.is_givable,
      }))}
      style={{ width: "100%" }}
    />
  );
}
