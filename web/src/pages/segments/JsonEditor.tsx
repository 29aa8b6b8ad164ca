import { Button, Input } from "antd";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import styles from "./segments.module.css";
import { type Condition, parseTree } from "./tree";

/** The same tree as text: what the API and `quanyu segment count FILE.json` take. */
export function JsonEditor({ tree, onChange }: { tree: Condition; onChange: (tree: Condition) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState(() => JSON.stringify(tree, null, 2));
  const [problem, setProblem] = useState("");
  const apply = () => {
    try {
      onChange(parseTree(text));
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className={styles.json}>
      <Input.TextArea
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoSize={{ minRows: 12, maxRows: 30 }}
        spellCheck={false}
        aria-label="JSON"
        status={problem ? "error" : undefined}
        style={{ fontFamily: "var(--mono)", fontSize: 13 }}
      />
      {problem && (
        <p role="alert" className={styles.problem}>
          {t("segment.jsonProblem", { problem })}
        </p>
      )}
      <div className={styles.add}>
        <Button onClick={apply}>{t("segment.applyJson")}</Button>
        <CopyButton text={text} />
      </div>
    </div>
  );
}
