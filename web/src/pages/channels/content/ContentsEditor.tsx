import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Radio } from "antd";
import { useRef } from "react";
import type { ReplyContent } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ContentFields } from "./ContentFields";
import {
  CONTENT_KINDS,
  CONTENTS_MAX,
  type ContentKind,
  emptyContent,
  type Mode,
  moved,
  problemsOf,
  togetherProblem,
} from "./content";
import styles from "./content.module.css";

interface ContentsEditorProps {
  accountId: string;
  contents: readonly ReplyContent[];
  mode: Mode;
  onChange: (contents: ReplyContent[], mode: Mode) => void;
  /** What the server said of each content, by its place. */
  refusals?: ReadonlyMap<number, string>;
  /** Whether blanks are pointed out: not before somebody tried to save. */
  strict: boolean;
}

/** The messages of one answer, in the order they go out. */
export function ContentsEditor({
  accountId,
  contents,
  mode,
  onChange,
  refusals,
  strict,
}: ContentsEditorProps) {
  const { t } = useI18n();
  const list = useRef<HTMLOListElement>(null);
  const together = togetherProblem(contents);
  const add = (kind: ContentKind) => {
    onChange([...contents, emptyContent(kind)], mode);
    // The new fields are at the end of the list; whoever added them wants to fill them in.
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>("li:last-child :is(input, textarea)")?.focus(),
    );
  };
  return (
    <fieldset className={styles.contents}>
      <legend>{t("content.legend")}</legend>
      <ol ref={list}>
        {contents.map((content, index) => (
          <ContentCard
            // biome-ignore lint/suspicious/noArrayIndexKey: a content has no name but its place.
            key={index}
            accountId={accountId}
            content={content}
            index={index}
            count={contents.length}
            problem={
              refusals?.get(index) ??
              (strict
                ? problemsOf(content, { index, mode })
                    .map((key) => t(key))
                    .join(" ")
                : "")
            }
            onChange={(next) => onChange(contents.toSpliced(index, 1, next), mode)}
            onMove={(by) => onChange(moved(contents, index, by), mode)}
            onRemove={() => onChange(contents.toSpliced(index, 1), mode)}
          />
        ))}
      </ol>
      {together && (
        <p role="alert" className={styles.problem}>
          {t(together)}
        </p>
      )}
      {contents.length < CONTENTS_MAX && <AddBar onAdd={add} first={contents.length === 0} />}
      {contents.length > 1 && (
        <Radio.Group
          aria-label={t("content.mode")}
          value={mode}
          onChange={(event) => onChange([...contents], event.target.value)}
          options={(["all", "one"] as const).map((value) => ({ value, label: t(`content.mode.${value}`) }))}
        />
      )}
    </fieldset>
  );
}

interface ContentCardProps {
  accountId: string;
  content: ReplyContent;
  index: number;
  count: number;
  problem: string;
  onChange: (content: ReplyContent) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function ContentCard({
  accountId,
  content,
  index,
  count,
  problem,
  onChange,
  onMove,
  onRemove,
}: ContentCardProps) {
  const { t } = useI18n();
  const name = t("content.nth", { n: index + 1, kind: t(`contentKind.${content.kind ?? "text"}`) });
  return (
    <li className={styles.content} aria-label={name}>
      <header>
        <strong>{name}</strong>
        <span>
          <Button
            type="text"
            size="small"
            icon={<ArrowUpOutlined />}
            aria-label={t("content.up")}
            disabled={index === 0}
            onClick={() => onMove(-1)}
          />
          <Button
            type="text"
            size="small"
            icon={<ArrowDownOutlined />}
            aria-label={t("content.down")}
            disabled={index === count - 1}
            onClick={() => onMove(1)}
          />
          <Button
            type="text"
            size="small"
            danger
            icon={<DeleteOutlined />}
            aria-label={t("content.remove")}
            onClick={onRemove}
          />
        </span>
      </header>
      <ContentFields accountId={accountId} content={content} onChange={onChange} />
      {problem && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
    </li>
  );
}

function AddBar({ onAdd, first }: { onAdd: (kind: ContentKind) => void; first: boolean }) {
  const { t } = useI18n();
  // A transfer is the whole answer, so it is offered only where nothing else is said.
  const kinds = first ? CONTENT_KINDS : CONTENT_KINDS.filter((kind) => kind !== "transfer");
  return (
    <fieldset className={styles.add} aria-label={t("content.add")}>
      {kinds.map((kind) => (
        <Button key={kind} size="small" onClick={() => onAdd(kind)}>
          + {t(`contentKind.${kind}`)}
        </Button>
      ))}
    </fieldset>
  );
}
