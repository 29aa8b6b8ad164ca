import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import {
  type ColumnUse,
  dropMapping,
  type FileExamined,
  type ImportColumn,
  type ImportPlan,
  mappingsQuery,
  saveMapping,
} from "../../../api/imports";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { applyMapping, gapOf, type Role, rolesOf, withRole } from "./plan";
import { TargetEditor } from "./TargetEditor";
import styles from "./wizard.module.css";

interface ColumnsPanelProps {
  examined: FileExamined;
  plan: ImportPlan;
  onChange: (plan: ImportPlan) => void;
}

/** Which column becomes what: proposed, and changed by hand. */
export function ColumnsPanel({ examined, plan, onChange }: ColumnsPanelProps) {
  const { t } = useI18n();
  const uses = new Map(plan.columns.map((use) => [use.column, use]));
  const chosenFor = (column: ImportColumn): ColumnUse => uses.get(column.name) ?? column.proposal;
  const change = (next: ColumnUse) =>
    onChange({
      ...plan,
      columns: examined.columns.map((column) => (column.name === next.column ? next : chosenFor(column))),
    });
  const columns: readonly Column<ImportColumn>[] = [
    {
      key: "column",
      title: t("importWizard.column"),
      lead: true,
      render: (column) => (
        <span className={styles.column}>
          <strong>{column.name}</strong>
          <small className="soft">{column.samples.join(" · ") || t("importWizard.nothing")}</small>
        </span>
      ),
    },
    {
      key: "role",
      title: t("importWizard.role"),
      width: "160px",
      render: (column) =>
        column.is_repeated ? (
          <Tag tone="amber">{t("importWizard.repeated")}</Tag>
        ) : (
          <Select<Role>
            className={styles.field}
            value={chosenFor(column).role}
            aria-label={t("importWizard.roleOf", { column: column.name })}
            options={rolesOf(plan.kind).map((role) => ({ value: role, label: t(`importRole.${role}`) }))}
            onChange={(role) => change(withRole(chosenFor(column), role))}
          />
        ),
    },
    {
      key: "target",
      title: t("importWizard.target"),
      wide: true,
      render: (column) => <TargetEditor use={chosenFor(column)} onChange={change} />,
    },
  ];
  return (
    <Panel
      testId="import-columns"
      title={t("importWizard.columns")}
      extra={<Mappings examined={examined} plan={plan} onChange={onChange} />}
    >
      <DataTable
        label={t("importWizard.columns")}
        columns={columns}
        rows={examined.columns}
        rowKey={(column) => column.name}
        empty={null}
      />
    </Panel>
  );
}

/** Mappings kept for files of the same columns. */
function Mappings({ examined, plan, onChange }: ColumnsPanelProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(mappingsQuery);
  const [chosen, setChosen] = useState<string>();
  const [name, setName] = useState("");
  const settle = () => queries.invalidateQueries({ queryKey: mappingsQuery.queryKey });
  const save = useMutation({ mutationFn: () => saveMapping(name.trim(), plan), onSuccess: settle });
  const drop = useMutation({
    mutationFn: dropMapping,
    onSettled: settle,
    onSuccess: () => setChosen(undefined),
  });
  const choose = (id: string) => {
    const mapping = data?.items.find((one) => one.id === id);
    if (!mapping) return;
    setChosen(id);
    setName(mapping.name);
    onChange(applyMapping(mapping, examined.columns, plan));
  };
  const error = save.error ?? drop.error;
  return (
    <span className={styles.mappings}>
      {data && data.items.length > 0 && (
        <Select
          className={styles.saved}
          value={chosen}
          placeholder={t("importWizard.saved")}
          aria-label={t("importWizard.saved")}
          onChange={choose}
          options={data.items.map((one) => ({
            value: one.id,
            label: one.id === examined.mapping ? t("importWizard.fits", { name: one.name }) : one.name,
          }))}
        />
      )}
      {chosen && (
        <Popconfirm title={t("importWizard.dropMapping")} onConfirm={() => drop.mutate(chosen)}>
          <Button danger size="small">
            {t("importWizard.drop.button")}
          </Button>
        </Popconfirm>
      )}
      <Input
        className={styles.saved}
        value={name}
        maxLength={60}
        placeholder={t("importWizard.mappingName")}
        aria-label={t("importWizard.mappingName")}
        onChange={(event) => setName(event.target.value)}
      />
      <Button
        disabled={!name.trim() || gapOf(plan) !== null}
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        {t("importWizard.saveMapping")}
      </Button>
      {error && <ErrorNotice error={error} />}
    </span>
  );
}
