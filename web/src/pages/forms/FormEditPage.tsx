import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { checkQuery, type Form, type FormDefinition, formQuery, saveForm } from "../../api/forms";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useDebounced } from "../../ui/useDebounced";
import { Field } from "../channels/content/Field";
import { changePage, emptyPage, nextKey } from "./draft";
import styles from "./forms.module.css";
import { PageEditor } from "./PageEditor";
import { Preview } from "./Preview";
import { PublishDialog } from "./PublishDialog";
import { RulesEditor } from "./RulesEditor";
import { ThanksEditor } from "./ThanksEditor";

export default function FormEditPage() {
  const { id = "" } = useParams();
  const form = useQuery({ ...formQuery(id), refetchOnWindowFocus: false });
  if (form.error && !form.data) return <ErrorNotice error={form.error} />;
  if (!form.data) return <PageSkeleton />;
  return <Editor key={id} form={form.data} />;
}

/** Draws a form up: what is wrong shows as it is typed, and the phone beside it is the real page. */
function Editor({ form }: { form: Form }) {
  const { t, locale } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const { id } = form.row;
  const [name, setName] = useState(form.row.name);
  const [definition, setDefinition] = useState<FormDefinition>(form.draft);
  const [isPublishing, setPublishing] = useState(false);
  const checked = useQuery(checkQuery(name, useDebounced(definition, 400)));
  const issues = checked.data?.items ?? form.issues;
  const save = useMutation({
    mutationFn: () => saveForm(id, name.trim() || form.row.name, definition),
    onSuccess: async (saved) => {
      queries.setQueryData(["forms", id], saved);
      await queries.invalidateQueries({ queryKey: ["forms"], exact: true });
    },
  });
  const change = (changed: FormDefinition) => {
    if (save.isSuccess || save.error) save.reset();
    setDefinition(changed);
  };
  const publish = () => save.mutate(undefined, { onSuccess: () => setPublishing(true) });
  return (
    <Page
      title={name || t("forms.new")}
      back={
        form.row.published_version
          ? { to: `/forms/${id}`, label: form.row.name }
          : { to: "/forms", label: t("nav.forms") }
      }
      actions={
        <>
          <span className="muted" role="status">
            {save.isSuccess && t("forms.saved")}
          </span>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {t("forms.save")}
          </Button>
          <Button type="primary" disabled={issues.length > 0} onClick={publish}>
            {t("forms.publish")}
          </Button>
        </>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      {issues.length > 0 && (
        <div className={styles.issues} role="status" data-testid="form-issues">
          <strong>{t("forms.issues", { n: issues.length })}</strong>
          <ul>
            {issues.slice(0, 5).map((issue) => (
              <li key={`${issue.place} ${issue.code}`}>{locale === "zh" ? issue.text_zh : issue.text}</li>
            ))}
          </ul>
        </div>
      )}
      <div className={styles.builder}>
        <div className={styles.column} data-testid="form-builder">
          <Panel>
            <div className={styles.stack}>
              <Field label={t("forms.title")}>
                {(field) => (
                  <Input
                    id={field}
                    maxLength={200}
                    value={definition.title}
                    onChange={(event) => change({ ...definition, title: event.target.value })}
                  />
                )}
              </Field>
              <Field label={t("forms.intro")}>
                {(field) => (
                  <Input.TextArea
                    id={field}
                    autoSize={{ minRows: 1, maxRows: 5 }}
                    maxLength={2000}
                    value={definition.intro}
                    onChange={(event) => change({ ...definition, intro: event.target.value })}
                  />
                )}
              </Field>
              <Field label={t("forms.name")} hint={t("forms.name.hint")}>
                {(field) => (
                  <Input
                    id={field}
                    maxLength={80}
                    value={name}
                    onChange={(event) => setName(event.target.value)}
                  />
                )}
              </Field>
            </div>
          </Panel>
          {definition.pages.map((page, at) => (
            <PageEditor
              key={page.key}
              definition={definition}
              at={at}
              issues={issues}
              onChange={change}
              onChangePage={(changed) => change(changePage(definition, at, changed))}
            />
          ))}
          <Button
            onClick={() => {
              const key = nextKey(
                "p",
                definition.pages.map((page) => page.key),
              );
              change({ ...definition, pages: [...definition.pages, emptyPage(key)] });
            }}
            disabled={definition.pages.length >= 30}
          >
            {t("forms.page.add")}
          </Button>
          <RulesEditor definition={definition} onChange={change} />
          <ThanksEditor definition={definition} onChange={change} />
        </div>
        <Preview definition={definition} />
      </div>
      {isPublishing && (
        <PublishDialog
          id={id}
          onClose={() => setPublishing(false)}
          onPublished={() => go(`/forms/${id}?tab=share`)}
        />
      )}
    </Page>
  );
}
