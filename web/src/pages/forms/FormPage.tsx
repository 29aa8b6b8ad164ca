import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Tabs } from "antd";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { deleteForm, type Form, formQuery, setFormState } from "../../api/forms";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Answers } from "./Answers";
import styles from "./forms.module.css";
import { NarrowingBar } from "./NarrowingBar";
import { OpeningTag } from "./OpeningTag";
import { Results } from "./Results";
import { Share } from "./Share";
import { useNarrowing } from "./useNarrowing";

/** One form: what was answered, single answers, and how to share it. */
export default function FormPage() {
  const { id = "" } = useParams();
  const form = useQuery(formQuery(id));
  if (form.error && !form.data) return <ErrorNotice error={form.error} onRetry={form.refetch} />;
  if (!form.data) return <PageSkeleton />;
  return <Shown form={form.data} />;
}

function Shown({ form }: { form: Form }) {
  const { t } = useI18n();
  const [search, setSearch] = useSearchParams();
  const { row } = form;
  const { narrowing, kept } = useNarrowing();
  const go = (more: Record<string, string>) => setSearch({ ...kept, ...more }, { replace: true });
  return (
    <Page
      title={row.name}
      back={{ to: "/forms", label: t("nav.forms") }}
      lead={
        <span className={styles.row}>
          <OpeningTag row={row} />
          {row.published_version && <span>{t("forms.version", { n: row.published_version })}</span>}
          {row.published_version && form.is_changed && (
            <span className="muted">{t("forms.unpublished")}</span>
          )}
        </span>
      }
      actions={<Acts form={form} />}
    >
      {row.published_version ? (
        <Tabs
          activeKey={search.get("tab") ?? "results"}
          onChange={(tab) => go({ tab })}
          items={[
            {
              key: "results",
              label: t("forms.tab.results"),
              children: (
                <>
                  <NarrowingBar id={row.id} />
                  <Results
                    id={row.id}
                    narrowing={narrowing}
                    onBar={(question, value) => go({ tab: "answers", question, value })}
                  />
                </>
              ),
            },
            {
              key: "answers",
              label: t("forms.tab.answers"),
              children: (
                <>
                  <NarrowingBar id={row.id} />
                  <Answers
                    form={form}
                    question={search.get("question") ?? ""}
                    value={search.get("value") ?? ""}
                    narrowing={narrowing}
                    onClear={() => go({ tab: "answers" })}
                  />
                </>
              ),
            },
            { key: "share", label: t("forms.tab.share"), children: <Share row={row} /> },
          ]}
        />
      ) : (
        <Panel>
          <EmptyState
            title={t("forms.notPublished")}
            action={<Link to={`/forms/${row.id}/edit`}>{t("forms.edit")}</Link>}
          >
            {t("forms.notPublished.text")}
          </EmptyState>
        </Panel>
      )}
    </Page>
  );
}

function Acts({ form }: { form: Form }) {
  const { t } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const { id, state } = form.row;
  const change = useMutation({
    mutationFn: (to: "open" | "closed" | "archived") => setFormState(id, to),
    onSuccess: async (changed) => {
      queries.setQueryData(["forms", id], changed);
      await queries.invalidateQueries({ queryKey: ["forms"], exact: true });
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteForm(id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["forms"], exact: true });
      go("/forms");
    },
  });
  const error = change.error ?? remove.error;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {state === "open" && <Button onClick={() => change.mutate("closed")}>{t("forms.close")}</Button>}
      {(state === "closed" || state === "archived") && (
        <Button onClick={() => change.mutate("open")}>{t("forms.reopen")}</Button>
      )}
      {state === "closed" && (
        <Popconfirm title={t("forms.archive.sure")} onConfirm={() => change.mutate("archived")}>
          <Button>{t("forms.archive")}</Button>
        </Popconfirm>
      )}
      {state === "draft" && (
        <Popconfirm title={t("forms.delete.sure")} onConfirm={() => remove.mutate()}>
          <Button danger>{t("forms.delete")}</Button>
        </Popconfirm>
      )}
      <Button type="primary" onClick={() => go(`/forms/${id}/edit`)}>
        {t("forms.edit")}
      </Button>
    </>
  );
}
