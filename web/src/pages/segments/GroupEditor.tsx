import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented } from "antd";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { LeafEditor } from "./LeafEditor";
import styles from "./segments.module.css";
import { type Condition, emptyGroup, emptyLeaf, type Group, LEAF_KINDS, type LeafKind } from "./tree";

interface GroupEditorProps {
  group: Group;
  catalogue: Catalogue | undefined;
  onChange: (group: Group) => void;
  depth?: number;
}

/** Deeper trees stay possible as JSON; three levels are what a person can still read. */
const DEPTH_OFFERED = 3;

export function GroupEditor({ group, catalogue, onChange, depth = 1 }: GroupEditorProps) {
  const { t } = useI18n();
  const replace = (index: number, part: Condition) => onChange({ ...group, of: group.of.with(index, part) });
  const remove = (index: number) => onChange({ ...group, of: group.of.toSpliced(index, 1) });
  const add = (part: Condition) => onChange({ ...group, of: [...group.of, part] });
  return (
    <div className={styles.group}>
      <div className={styles.groupHead}>
        <Segmented<Group["kind"]>
          size="small"
          value={group.kind}
          onChange={(kind) => onChange({ ...group, kind })}
          options={[
            { value: "all", label: t("segment.all") },
            { value: "any", label: t("segment.any") },
          ]}
        />
        <span className="muted">
          {t(group.of.length === 0 ? `segment.${group.kind}.none` : `segment.${group.kind}.hint`)}
        </span>
      </div>
      <ul className={styles.parts}>
        {group.of.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place.
          <li key={index}>
            <Part
              part={part}
              catalogue={catalogue}
              depth={depth}
              onChange={(next) => replace(index, next)}
              onRemove={() => remove(index)}
            />
          </li>
        ))}
      </ul>
      <div className={styles.add}>
        <AddCondition onAdd={(kind) => add(emptyLeaf(kind))} />
        {depth < DEPTH_OFFERED && (
          <Button type="text" size="small" icon={<PlusOutlined />} onClick={() => add(emptyGroup())}>
            {t("segment.addGroup")}
          </Button>
        )}
      </div>
    </div>
  );
}

function AddCondition({ onAdd }: { onAdd: (kind: LeafKind) => void }) {
  const { t } = useI18n();
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: LEAF_KINDS.map((kind) => ({ key: kind, label: t(`leaf.${kind}`) })),
        onClick: ({ key }) => onAdd(key as LeafKind),
      }}
    >
      <Button size="small" icon={<PlusOutlined />}>
        {t("segment.addCondition")}
      </Button>
    </Dropdown>
  );
}

interface PartProps {
  part: Condition;
  catalogue: Catalogue | undefined;
  depth: number;
  onChange: (part: Condition) => void;
  onRemove: () => void;
}

/** One condition or group, with its "not" shown as a switch rather than a level of its own. */
function Part({ part, catalogue, depth, onChange, onRemove }: PartProps) {
  const { t } = useI18n();
  const negated = part.kind === "not";
  const inner = part.kind === "not" ? part.of : part;
  const keepNot = (next: Condition) => onChange(negated ? { kind: "not", of: next } : next);
  return (
    <div className={`${styles.part} ${negated ? styles.negated : ""}`}>
      <div className={styles.partBody}>
        <Inner part={inner} catalogue={catalogue} depth={depth} onChange={keepNot} onRemove={onRemove} />
      </div>
      <div className={styles.partTools}>
        <Button
          size="small"
          type="text"
          aria-pressed={negated}
          danger={negated}
          onClick={() => onChange(negated ? inner : { kind: "not", of: part })}
        >
          {t(negated ? "segment.excluded" : "segment.exclude")}
        </Button>
        <Button
          size="small"
          type="text"
          icon={<DeleteOutlined />}
          aria-label={t("segment.remove")}
          onClick={onRemove}
        />
      </div>
    </div>
  );
}

function Inner({ part, catalogue, depth, onChange, onRemove }: PartProps) {
  switch (part.kind) {
    case "all":
    case "any":
      return <GroupEditor group={part} catalogue={catalogue} onChange={onChange} depth={depth + 1} />;
    case "not":
      return (
        <Part part={part} catalogue={catalogue} depth={depth + 1} onChange={onChange} onRemove={onRemove} />
      );
    default:
      return <LeafEditor leaf={part} catalogue={catalogue} onChange={onChange} />;
  }
}
