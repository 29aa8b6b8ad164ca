import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { corpsQuery } from "../../../api/wecom/corps";
import { deleteWelcome, saveWelcome, type WelcomeDraft, welcomeQuery } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { JournalTable } from "./JournalTable";
import { RuleForm } from "./RuleForm";
import { TryPanel } from "./TryPanel";
import { VariantResults } from "./VariantResults";
import { draftOf, newDraft, problemsOf } from "./welcome";
import styles from "./welcomes.module.css";

/** One rule: written on the left, seen on the right, and below what came of it. */
export default function WelcomePage() {
  const { id = "new" } = useParams();
  const { t } = useI18n();
  const isNew = id === "new";
  const corps = useQuery(corpsQuery);
  const rule = useQuery({ ...welcomeQuery(id), enabled: !isNew });
  const corp = corps.data?.items[0]?.id;
  const error = rule.error ?? corps.error;
  if (error) return <ErrorNotice error={error} />;
  if (isNew ? !corps.data : !rule.data) return <PageSkeleton />;
  const draft =
    rule.data && !isNew ? draftOf(rule.data) : newDraft(corp ?? "", t("wecom.welcomes.slot.default"));
  return <Editor key={id} id={isNew ? null : id} initial={draft} />;
}

function Editor({ id, initial }: { id: string | null; initial: WelcomeDraft }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [isStrict, setStrict] = useState(false);
  const problems = problemsOf(draft);
  const save = useMutation({
    mutationFn: () => saveWelcome(id, draft),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["welcomes"] });
      if (id === null) void navigate(`/welcomes/${saved.id}`, { replace: true });
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteWelcome(id ?? ""),
    onSuccess: async () => {
      void navigate("/welcomes", { replace: true });
      await queries.invalidateQueries({ queryKey: ["welcomes"] });
    },
  });
  const submit = () => {
    setStrict(true);
    if (problems.length === 0) save.mutate();
  };
  const error = save.error ?? remove.error;
  return (
    <Page
      title={id === null ? t("wecom.welcomes.new") : t("wecom.welcomes.edit")}
      back={{ to: "/welcomes", label: t("nav.welcomes") }}
      lead={save.isSuccess && <span role="status">{t("wecom.welcomes.saved")}</span>}
      actions={
        <>
          {id !== null && (
            <Popconfirm title={t("wecom.welcomes.delete.ask")} onConfirm={() => remove.mutate()}>
              <Button danger loading={remove.isPending}>
                {t("wecom.welcomes.delete")}
              </Button>
            </Popconfirm>
          )}
          <Button type="primary" loading={save.isPending} onClick={submit}>
            {t("wecom.welcomes.save")}
          </Button>
        </>
      }
    >
      {error && <ErrorNotice error={error} />}
      {isStrict && problems.length > 0 && (
        <ul role="alert" className={styles.over}>
          {problems.map((problem) => (
            <li key={problem}>{t(`wecom.welcomes.problem.${problem}` as "wecom.welcomes.problem.name")}</li>
          ))}
        </ul>
      )}
      <div className={styles.editor}>
        <RuleForm draft={draft} isNew={id === null} onChange={setDraft} />
        <TryPanel draft={draft} isWhole={problems.length === 0} />
      </div>
      {id !== null && (
        <>
          <VariantResults id={id} />
          <JournalTable welcome={id} />
        </>
      )}
    </Page>
  );
}
