import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { createForm, type FormRow, formsQuery } from "../../api/forms";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { Field } from "../channels/content/Field";
import { type Template, templateOf } from "./draft";
import styles from "./forms.module.css";
import { OpeningTag } from "./OpeningTag";

/** All forms, with what came of them. */
export default function FormsPage() {
  const { t } = useI18n();
  const [isCreating, setCreating] = useState(false);
  const forms = useQuery(formsQuery);
  const create = (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t("forms.new")}
    </Button>
  );
  return (
    <Page title={t("nav.forms")} lead={t("forms.lead")} actions={create}>
      <Panel flush>
        <DataTable
          label={t("nav.forms")}
          columns={useColumns()}
          rows={forms.data?.items}
          rowKey={(form) => form.id}
          error={forms.error}
          onRetry={forms.refetch}
          testId="forms"
          empty={
            <EmptyState title={t("forms.empty")} action={create}>
              {t("forms.empty.text")}
            </EmptyState>
          }
        />
      </Panel>
      {isCreating && <NewForm onClose={() => setCreating(false)} />}
    </Page>
  );
}

function useColumns(): Column<FormRow>[] {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  return [
    {
      key: "name",
      title: t("forms.name"),
      lead: true,
      render: (form) => (
        <Link to={form.published_version ? `/forms/${form.id}` : `/forms/${form.id}/edit`}>{form.name}</Link>
      ),
    },
    { key: "kind", title: t("forms.kind"), render: (form) => t(`forms.kind.${form.kind}`) },
    { key: "state", title: t("forms.state"), render: (form) => <OpeningTag row={form} /> },
    { key: "opened", title: t("forms.opened"), align: "end", render: (form) => format.count(form.opened) },
    { key: "answers", title: t("forms.answers"), align: "end", render: (form) => format.count(form.answers) },
    {
      key: "completion",
      title: t("forms.completion"),
      align: "end",
      render: (form) => (form.opened ? format.share(Math.min(form.answers, form.opened), form.opened) : "–"),
    },
    {
      key: "last",
      title: t("forms.lastAnswer"),
      render: (form) => (form.last_answer_at ? ago(form.last_answer_at) : "–"),
    },
  ];
}

const TEMPLATES: readonly Template[] = ["blank", "satisfaction", "vote", "signup"];

function NewForm({ onClose }: { onClose: () => void }) {
  const { t, locale } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [template, setTemplate] = useState<Template>("blank");
  const make = useMutation({
    mutationFn: () => {
      const kind = template === "vote" ? "vote" : template === "satisfaction" ? "questionnaire" : "form";
      const definition = templateOf(template, kind, locale === "zh");
      return createForm(name.trim() || definition.title, definition);
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["forms"] });
      go(`/forms/${id}/edit`);
    },
  });
  return (
    <Modal
      open
      title={t("forms.new")}
      okText={t("forms.create")}
      onOk={() => make.mutate()}
      confirmLoading={make.isPending}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        <Field label={t("forms.name")} hint={t("forms.name.hint")}>
          {(id) => (
            <Input id={id} maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <fieldset className={styles.plain}>
          <legend>{t("forms.template")}</legend>
          <Radio.Group
            value={template}
            onChange={(event) => setTemplate(event.target.value as Template)}
            options={TEMPLATES.map((value) => ({ value, label: t(`forms.template.${value}`) }))}
          />
        </fieldset>
        {make.error && <ErrorNotice error={make.error} />}
      </div>
    </Modal>
  );
}
