import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm, Space } from "antd";
import { useState } from "react";
import { corpsQuery } from "../../../api/wecom/corps";
import {
  changeGroupWelcome,
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
  // "new", or the welcome that is being changed.
  const [open, setOpen] = useState<GroupWelcome | "new" | null>(null);
  const welcomes = useQuery(groupWelcomesQuery);
  return (
    <Panel
      flush
      title={t("wecom.groups.welcomes")}
      extra={
        <Button onClick={() => setOpen(open === "new" ? null : "new")}>
          {t("wecom.groups.welcome.new")}
        </Button>
      }
      testId="group-welcomes"
    >
      {open && (
        <WelcomeForm
          key={open === "new" ? "" : open.id}
          welcome={open === "new" ? null : open}
          onDone={() => setOpen(null)}
        />
      )}
      <DataTable
        label={t("wecom.groups.welcomes")}
        columns={useColumns(setOpen)}
        rows={welcomes.data?.items}
        rowKey={(one) => one.id}
        error={welcomes.error}
        onRetry={welcomes.refetch}
        empty={<EmptyState title={t("wecom.groups.welcome.none")} />}
      />
    </Panel>
  );
}

function useColumns(edit: (welcome: GroupWelcome) => void): Column<GroupWelcome>[] {
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
        <Space>
          <Button size="small" onClick={() => edit(one)}>
            {t("wecom.groups.welcome.edit")}
          </Button>
          <Popconfirm title={t("wecom.groups.welcome.delete.ask")} onConfirm={() => remove.mutate(one.id)}>
            <Button size="small" danger>
              {t("wecom.groups.welcome.delete")}
            </Button>
          </Popconfirm>
        </Space>
      ),
    },
  ];
}

/** Makes a welcome, or changes one; a card it has stays. */
function WelcomeForm({ welcome, onDone }: { welcome: GroupWelcome | null; onDone: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(welcome?.draft.name ?? "");
  const [text, setText] = useState(welcome?.draft.text ?? "");
  const corps = useQuery(corpsQuery);
  const [corp, chooseCorp] = useCorpChoice(corps.data?.items);
  const save = useMutation({
    mutationFn: () =>
      welcome
        ? changeGroupWelcome(welcome.id, { ...welcome.draft, name: name.trim(), text })
        : createGroupWelcome(corp, name.trim(), text),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["group-welcomes"] });
      onDone();
    },
  });
  return (
    <div className={styles.target}>
      {save.error && <ErrorNotice error={save.error} />}
      {!welcome && <CorpSelect corps={corps.data?.items} value={corp} onChange={chooseCorp} />}
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
          disabled={!name.trim() || !(text.trim() || welcome?.draft.card)}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
      </div>
    </div>
  );
}
