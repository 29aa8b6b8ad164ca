import { Button, Input } from "antd";
import { useState } from "react";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import type { Definition, Note } from "../definition";
import styles from "./canvas.module.css";

interface NotesProps {
  definition: Definition;
  node: string;
  onChange: (definition: Definition) => void;
}

const TEXT_MAX = 1_000;

/** What colleagues wrote beside a step, and room to write more. */
export function Notes({ definition, node, onChange }: NotesProps) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const all = definition.notes ?? [];
  const write = () => {
    onChange({ ...definition, notes: [...all, { id: Date.now().toString(36), node, text: text.trim() }] });
    setText("");
  };
  return (
    <section className={styles.notes} aria-label={t("canvas.notes")} data-testid="step-notes">
      <NoteList
        notes={all.filter((note) => note.node === node)}
        onRemove={(id) => onChange({ ...definition, notes: all.filter((note) => note.id !== id) })}
      />
      <div className={styles.write}>
        <Input.TextArea
          autoSize={{ minRows: 1, maxRows: 4 }}
          maxLength={TEXT_MAX}
          value={text}
          aria-label={t("canvas.notes.write")}
          placeholder={t("canvas.notes.write")}
          onChange={(event) => setText(event.target.value)}
        />
        <Button disabled={text.trim() === ""} onClick={write}>
          {t("canvas.notes.add")}
        </Button>
      </div>
    </section>
  );
}

/** Notes with who wrote them and when; one that was not saved yet bears neither. */
export function NoteList({ notes, onRemove }: { notes: readonly Note[]; onRemove?: (id: string) => void }) {
  const { t } = useI18n();
  const ago = useAgo();
  return notes.map((note) => (
    <div key={note.id} className={styles.note}>
      <p>{note.text}</p>
      <small>
        {note.at ? `${note.author ?? ""} · ${ago(note.at)}` : t("canvas.notes.unsaved")}
        {onRemove && (
          <Button type="link" size="small" onClick={() => onRemove(note.id)}>
            {t("canvas.notes.remove")}
          </Button>
        )}
      </small>
    </div>
  ));
}
