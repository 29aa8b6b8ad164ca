import { StandardSQL, sql } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import type { WarehouseView } from "../../api/warehouse";
import { useI18n } from "../../i18n";
import styles from "./warehouse.module.css";

// The house's colours, which follow the theme.
const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--blue)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--jade)" },
  { tag: tags.string, color: "var(--amber)" },
  { tag: tags.comment, color: "var(--ink-3)" },
]);

interface Props {
  value: string;
  views: readonly WarehouseView[];
  onChange: (text: string) => void;
  onRun: () => void;
}

/** An editor that knows the views: colours, completion, and Ctrl-Enter to run. */
export function SqlEditor({ value, views, onChange, onRun }: Props) {
  const { t } = useI18n();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  // What changes while the editor stays open: its text belongs to it, others come in below.
  const calls = useRef({ value, onChange, onRun });
  calls.current = { value, onChange, onRun };
  const label = t("warehouse.sql");
  useEffect(() => {
    if (!host.current) return;
    const run = () => {
      calls.current.onRun();
      return true;
    };
    editor.current = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: calls.current.value,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
          basicSetup,
          syntaxHighlighting(COLOURS),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, "data-testid": "sql" }),
          sql({ dialect: StandardSQL, schema: schemaOf(views), upperCaseKeywords: true }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) calls.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => editor.current?.destroy();
  }, [views, label]);
  useEffect(() => {
    const open = editor.current;
    if (open && open.state.doc.toString() !== value) {
      open.dispatch({ changes: { from: 0, to: open.state.doc.length, insert: value } });
    }
  }, [value]);
  return <div ref={host} className={styles.editor} />;
}

function schemaOf(views: readonly WarehouseView[]): Record<string, string[]> {
  return Object.fromEntries(views.map((view) => [view.name, view.columns.map((column) => column.name)]));
}
