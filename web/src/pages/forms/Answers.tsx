import { DeleteOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { download } from "../../api/download";
import {
  type AnswerRow,
  answerFile,
  answersQuery,
  deleteAnswer,
  exportAddress,
  type Form,
  type Narrowing,
} from "../../api/forms";
import { useZone } from "../../app/session";
import { formatDay, formatTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { Keep, type Shown } from "../behaviour/Keep";
import { questionsOf } from "./draft";
import styles from "./forms.module.css";

interface AnswersProps {
  form: Form;
  question: string;
  value: string;
  narrowing: Narrowing;
  onClear: () => void;
}

/** Single answers, or those behind one bar. */
export function Answers({ form, question, value, narrowing, onClear }: AnswersProps) {
  const { t } = useI18n();
  const { id, name } = form.row;
  const answers = useInfiniteQuery(answersQuery(id, question, value, narrowing));
  const rows = answers.data?.pages.flatMap((page) => page.items);
  const [failure, setFailure] = useState<Error | null>(null);
  return (
    <Panel
      flush
      title={useBarTitle(form, question, value) ?? undefined}
      extra={
        <>
          {question && (
            <Button type="link" onClick={onClear}>
              {t("forms.filter.clear")}
            </Button>
          )}
          <Button
            onClick={() => {
              setFailure(null);
              download(exportAddress(id, question, value, narrowing), `${name}.csv`).catch((error: Error) =>
                setFailure(error),
              );
            }}
          >
            {t("forms.export")}
          </Button>
        </>
      }
    >
      {failure && <ErrorNotice error={failure} />}
      {rows && rows.length > 0 && <KeepAnswerers form={form} of={{ question, value, narrowing }} />}
      <DataTable
        label={t("forms.tab.answers")}
        columns={useColumns(id)}
        rows={rows}
        rowKey={(one) => one.id}
        error={answers.error}
        onRetry={answers.refetch}
        testId="form-answers"
        empty={<EmptyState title={t("forms.results.none")}>{t("forms.results.none.text")}</EmptyState>}
      />
      <LoadMore pager={answers} />
    </Panel>
  );
}

type Bar = Pick<AnswersProps, "question" | "value" | "narrowing">;

/** The known people among those who answered so, as a list. */
function KeepAnswerers({ form, of }: { form: Form; of: Bar }) {
  const { from, to, source, unmarked } = of.narrowing;
  const narrowing = { first_day: from || null, last_day: to || null, source, unmarked: unmarked === "true" };
  const { question, value } = of;
  const shown: Shown = {
    title: useBarTitle(form, question, value) ?? form.row.name,
    figure: { of: "forms", body: { form: form.row.id, question, value, narrowing } },
  };
  return (
    <div className={styles.answerers}>
      <Keep key={JSON.stringify(shown)} shown={shown} definition={null} />
    </div>
  );
}

function useBarTitle(form: Form, question: string, value: string): string | null {
  const { t } = useI18n();
  if (!question) {
    return null;
  }
  const asked = questionsOf(form.published ?? form.draft).find((one) => one.key === question);
  const option = asked && "options" in asked && asked.options.find((one) => one.key === value);
  let label = option ? option.label : value;
  if (asked?.kind === "ranking") {
    const [key, place] = value.split("/");
    const ranked = asked.options.find((one) => one.key === key)?.label ?? key;
    label = `${ranked} · ${t("forms.place", { n: place ?? "" })}`;
  }
  return t("forms.filtered", { title: asked?.title ?? question, label });
}

function useColumns(form: string): Column<AnswerRow>[] {
  const { t } = useI18n();
  const zone = useZone();
  return [
    {
      key: "person",
      title: t("forms.answer.person"),
      lead: true,
      render: (one) =>
        one.person ? (
          <Link to={`/people/${one.person}`}>{one.person_name ?? one.person}</Link>
        ) : (
          t("forms.answer.unknown")
        ),
    },
    {
      key: "content",
      title: t("forms.answer.content"),
      wide: true,
      render: (one) => <Values form={form} answer={one} />,
    },
    { key: "source", title: t("forms.source"), render: (one) => one.source || "–" },
    {
      key: "at",
      title: t("forms.answer.at"),
      render: (one) => (
        <>
          <span className="num">
            {formatDay(one.submitted_at, zone)} {formatTime(one.submitted_at, zone)}
          </span>{" "}
          {one.edited_at && <Tag>{t("forms.answer.edited")}</Tag>}
          {one.is_repeat && <Tag tone="amber">{t("forms.answer.repeat")}</Tag>}
        </>
      ),
    },
    { key: "acts", title: "", align: "end", render: (one) => <Remove form={form} answer={one.id} /> },
  ];
}

/** What was answered, question by question. */
export function Values({ form, answer }: { form: string; answer: AnswerRow }) {
  return (
    <dl className={styles.values}>
      {answer.values.map((value) => (
        <div key={value.question}>
          <dt>{value.title}</dt>
          <dd>
            {(value.files ?? []).length === 0 && value.text}
            {(value.files ?? []).map((file) => (
              <a
                key={file.id}
                className={styles.file}
                href={answerFile(form, answer.id, file.id)}
                target="_blank"
                rel="noreferrer"
              >
                {file.name}
              </a>
            ))}
          </dd>
        </div>
      ))}
      {answer.result && (
        <div>
          <dt>{answer.score}</dt>
          <dd>{answer.result}</dd>
        </div>
      )}
    </dl>
  );
}

function Remove({ form, answer }: { form: string; answer: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteAnswer(form, answer),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["form-answers", form] });
      await queries.invalidateQueries({ queryKey: ["form-results", form] });
    },
  });
  return (
    <Popconfirm title={t("forms.answer.delete.sure")} onConfirm={() => remove.mutate()}>
      <Button
        type="text"
        icon={<DeleteOutlined />}
        loading={remove.isPending}
        aria-label={t("forms.answer.delete")}
      />
    </Popconfirm>
  );
}
