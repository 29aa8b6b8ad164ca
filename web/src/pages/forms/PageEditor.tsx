import { DeleteOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input } from "antd";
import { useState } from "react";
import type { FormDefinition, FormIssue, FormPage } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import {
  changeQuestion,
  KINDS,
  kindWord,
  moveQuestion,
  newQuestion,
  nextKey,
  type QuestionKind,
  questionsOf,
  withoutQuestion,
} from "./draft";
import styles from "./forms.module.css";
import { QuestionEditor } from "./QuestionEditor";

interface PageEditorProps {
  definition: FormDefinition;
  at: number;
  issues: readonly FormIssue[];
  onChange: (definition: FormDefinition) => void;
  onChangePage: (change: Partial<FormPage>) => void;
}

/** One page of questions. */
export function PageEditor({ definition, at, issues, onChange, onChangePage }: PageEditorProps) {
  const { t } = useI18n();
  const [opened, setOpened] = useState("");
  const page = definition.pages[at];
  if (!page) return null;
  const questions = page.questions ?? [];
  const keys = questionsOf(definition).map((one) => one.key);
  const optionWord = (n: number) => t("forms.option.label", { n });
  const add = (kind: QuestionKind) => {
    const key = nextKey("q", keys);
    onChangePage({ questions: [...questions, newQuestion(kind, key, optionWord)] });
    setOpened(key);
  };
  return (
    <Panel
      title={t("forms.page", { n: at + 1 })}
      extra={
        definition.pages.length > 1 && (
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("forms.page.remove")}
            onClick={() =>
              onChange({ ...definition, pages: definition.pages.filter((_, index) => index !== at) })
            }
          />
        )
      }
    >
      <div className={styles.stack}>
        {definition.pages.length > 1 && (
          <Input
            aria-label={t("forms.page.title")}
            placeholder={t("forms.page.title")}
            maxLength={200}
            value={page.title}
            onChange={(event) => onChangePage({ title: event.target.value })}
          />
        )}
        {questions.map((question) => (
          <QuestionEditor
            key={question.key}
            question={question}
            definition={definition}
            isOpen={opened === question.key}
            issues={issues.filter(
              (issue) => issue.place === `q:${question.key}` || issue.place.startsWith(`q:${question.key}.`),
            )}
            onOpen={() => setOpened(opened === question.key ? "" : question.key)}
            onChange={(changed) => onChange(changeQuestion(definition, question.key, changed))}
            onMove={(by) => onChange(moveQuestion(definition, question.key, by))}
            onRemove={() => onChange(withoutQuestion(definition, question.key))}
          />
        ))}
        <Dropdown
          trigger={["click"]}
          menu={{
            items: KINDS.map((kind) => ({ key: kind, label: t(kindWord(kind)) })),
            onClick: ({ key }) => add(key as QuestionKind),
          }}
        >
          <Button type="dashed" block disabled={keys.length >= 100}>
            {t("forms.question.add")}
          </Button>
        </Dropdown>
      </div>
    </Panel>
  );
}
