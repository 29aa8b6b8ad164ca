import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { corpsQuery } from "../../../api/wecom/corps";
import {
  createGroupWelcome,
  deleteGroupWelcome,
  type GroupWelcome,
  groupWelcomesQuery,
} from "../../../api/wecom/groups";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Field } from "../../channels/content/Field";
import { CorpSelect, useCorpChoice } from "../welcomes/CorpSelect";
import styles from "./groups.module.css";

/** What newcomers of groups are told; a group's record says which one it is to have. */
export function WelcomesPanel() {
  const { t } = useI18n();
  const [isOpen, setOpen] = useState(false);
  const welcomes = useQuery(groupWelcomesQuery);
  return (
    <Panel
      flush
      title={t("wecom.groups.welcomes")}
      extra={<Button onClick={() => setOpen(!isOpen)}>{t("wecom.groups.welcome.new")}</Button>}
      testId="group-welcomes"
    >
      {isOpen && <NewWelcome onDone={() => setOpen(false)} />}
      <DataTable
        label={t("wecom.groups.welcomes")}
        columns={useColumns()}
        rows={welcomes.data?.items}
        rowKey={(one) => one.id}
        error={welcomes.error}
        onRetry={welcomes.refetch}
        empty={<EmptyState title={t("wecom.groups.welcome.none")} />}
      />
    </Panel>
  );
}

function useColumns(): Column<GroupWelcome>[] {
  const { t } = useI18n();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: deleteGroupWelcome,
    onSettled: () => queries.invalidateQueries({ queryKey: ["group-welcomes"] }),
  });
  return [
    { key: "name", title: t("wecom.groups.welcome.name"), lead: true, render: (one) => one.draft.name },
    {
      key: "text",
      title: t("wecom.groups.welcome.text"),
      wide: true,
      render: (one) => one.draft.text || "–",
    },
    {
      key: "state",
      title: t("wecom.groups.state"),
      render: (one) => `${t(`wecom.groups.welcome.${one.state}`)} ${one.reason}`,
    },
    { key: "groups", title: t("nav.groups"), render: (one) => one.groups.join("、") || "–" },
    {
      key: "acts",
      title: "",
      align: "end",
      render: (one) => (
        <Popconfirm title={t("wecom.groups.welcome.delete.ask")} onConfirm={() => remove.mutate(one.id)}>
          <Button size="small" danger>
            {t("wecom.groups.welcome.delete")}
          </Button>
        </Popconfirm>
      ),
    },
  ];
}

function NewWelcome({ onDone }: { onDone: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const corps = useQuery(corpsQuery);
  const [corp, chooseCorp] = useCorpChoice(corps.data?.items);
  const save = useMutation({
    mutationFn: () => createGroupWelcome(corp, name.trim(), text),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["group-welcomes"] });
      onDone();
    },
  });
  return (
    <div className={styles.target}>
      {save.error && <ErrorNotice error={save.error} />}
      <CorpSelect corps={corps.data?.items} value={corp} onChange={chooseCorp} />
      <Field label={t("wecom.groups.welcome.name")}>
        {(id) => (
          <Input id={id} value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label={t("wecom.groups.welcome.text")} hint={t("wecom.groups.welcome.hint")}>
        {(id) => (
          <Input.TextArea id={id} value={text} rows={3} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <div>
        <Button
          type="primary"
          disabled={!name.trim() || !text.trim()}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
      </div>
    </div>
  );
}
