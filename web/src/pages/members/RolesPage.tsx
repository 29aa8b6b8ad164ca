import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { type Role, removeRole, rolesQuery } from "../../api/members";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./members.module.css";
import { RoleForm } from "./RoleForm";
import { useRoleName } from "./words";

/** Roles and what they allow: those built in to look at, the brand's own to make and change. */
export default function RolesPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(rolesQuery);
  const [form, setForm] = useState<{ role: Role | null } | null>(null);
  return (
    <Page
      title={t("nav.roles")}
      lead={t("roles.lead")}
      actions={
        <Button type="primary" onClick={() => setForm({ role: null })}>
          {t("roles.create")}
        </Button>
      }
    >
      <Panel flush>
        <DataTable
          label={t("nav.roles")}
          testId="roles-table"
          columns={useColumns((role) => setForm({ role }))}
          rows={data?.items}
          rowKey={(role) => role.key}
          error={error}
          onRetry={refetch}
          empty={null}
        />
      </Panel>
      {form && data && <RoleForm role={form.role} catalogue={data.catalogue} onClose={() => setForm(null)} />}
    </Page>
  );
}

function useColumns(onOpen: (role: Role) => void): Column<Role>[] {
  const { t } = useI18n();
  const format = useFormat();
  const roleName = useRoleName();
  return [
    {
      key: "name",
      title: t("roles.name"),
      lead: true,
      render: (role) => (
        <>
          {roleName(role.key, role.name)} {role.is_built_in && <Tag>{t("roles.builtIn")}</Tag>}
        </>
      ),
    },
    { key: "areas", title: t("roles.permissions"), wide: true, render: (role) => <Areas role={role} /> },
    {
      key: "members",
      title: t("roles.members"),
      align: "end",
      render: (role) => format.count(role.members),
    },
    {
      key: "actions",
      title: t("members.actions"),
      align: "end",
      render: (role) => <Actions role={role} onOpen={() => onOpen(role)} />,
    },
  ];
}

/** The parts of the product a role reaches; all permissions stand in the form. */
function Areas({ role }: { role: Role }) {
  const { t, has } = useI18n();
  const areas = [...new Set(role.permissions.map((one) => one.split(".")[0]))];
  if (areas.length === 0) return <span className="muted">{t("roles.none")}</span>;
  return (
    <span className={styles.permissions}>
      {areas.map((area) => {
        const key = `permissionArea.${area}`;
        const onlyReads = role.permissions
          .filter((one) => one.startsWith(`${area}.`))
          .every((one) => one.endsWith(".read"));
        return (
          <Tag key={area} tone={onlyReads ? "plain" : "jade"}>
            {has(key) ? t(key) : area}
          </Tag>
        );
      })}
    </span>
  );
}

function Actions({ role, onOpen }: { role: Role; onOpen: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeRole(role.key),
    onSettled: () => queries.invalidateQueries({ queryKey: ["roles"] }),
  });
  const isOurs = !role.is_built_in && role.is_givable;
  return (
    <span className={styles.actions}>
      <Button size="small" onClick={onOpen}>
        {t(isOurs ? "roles.edit" : "roles.view")}
      </Button>
      {isOurs && (
        <Popconfirm
          title={t("roles.remove.ask", { name: role.name ?? "" })}
          okText={t("roles.remove")}
          okButtonProps={{ danger: true }}
          disabled={role.members > 0}
          onConfirm={() => remove.mutate()}
        >
          <Button
            size="small"
            danger
            disabled={role.members > 0}
            title={role.members > 0 ? t("roles.inUse") : undefined}
            loading={remove.isPending}
          >
            {t("roles.remove")}
          </Button>
        </Popconfirm>
      )}
      {remove.error && <ErrorNotice error={remove.error} />}
    </span>
  );
}
