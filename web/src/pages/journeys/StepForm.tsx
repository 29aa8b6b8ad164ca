import { DeleteOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Input, Select } from "antd";
import { officialAccountsQuery } from "../../api/channels";
import { catalogueQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { GroupEditor } from "../segments/GroupEditor";
import { asGroup } from "../segments/tree";
import {
  addWay,
  type ConditionNode,
  type Definition,
  exitsOf,
  INSERT_KINDS,
  type InsertKind,
  inOrder,
  insertBefore,
  isRemovable,
  leadTo,
  removeStep,
  removeWay,
  type StepNode,
  type WaitEventNode,
  type WaitNode,
} from "./definition";
import { EventPicker } from "./EventPicker";
import { Field, SecondsInput } from "./fields";
import styles from "./journeys.module.css";
import { NodeIcon } from "./NodeIcon";
import { RandomFields } from "./RandomFields";
import { SendForm } from "./SendForm";
import { useNodeWords } from "./words";

interface StepFormProps {
  id: string;
  node: StepNode;
  definition: Definition;
  onChange: (node: StepNode) => void;
  onReshape: (definition: Definition) => void;
}

export function StepForm({ id, node, definition, onChange, onReshape }: StepFormProps) {
  const { t } = useI18n();
  return (
    <section className={styles.form} data-node={id}>
      <InsertBar onInsert={(kind, account) => onReshape(insertBefore(definition, id, kind, account))} />
      <header className={styles.formHead}>
        <h3>
          <NodeIcon kind={node.kind} /> {t(`nodeKind.${node.kind}`)}
        </h3>
        {isRemovable(definition, id) && (
          <Button
            type="text"
            size="small"
            icon={<DeleteOutlined />}
            aria-label={t("journey.removeStep")}
            onClick={() => onReshape(removeStep(definition, id))}
          />
        )}
      </header>
      <Field label={t("journey.stepName")}>
        <Input
          value={node.label ?? ""}
          maxLength={80}
          aria-label={t("journey.stepName")}
          placeholder={t("journey.stepName.hint")}
          onChange={(event) => onChange({ ...node, label: event.target.value })}
        />
      </Field>
      <KindFields node={node} onChange={onChange} />
      {node.kind === "random" && (
        <RandomFields
          node={node}
          onChange={onChange}
          onAdd={() => onReshape(addWay(definition, id, node))}
          onRemove={(name) => onReshape(removeWay(definition, id, node, name))}
        />
      )}
      <WaysOut id={id} node={node} definition={definition} onReshape={onReshape} />
    </section>
  );
}

function InsertBar({ onInsert }: { onInsert: (kind: InsertKind, accountId: string) => void }) {
  const { t } = useI18n();
  const { data } = useQuery(officialAccountsQuery);
  const account = data?.items[0]?.id ?? "";
  return (
    <div className={styles.insert}>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: INSERT_KINDS.map((kind) => ({
            key: kind,
            icon: <NodeIcon kind={kind} />,
            label: t(`nodeKind.${kind}`),
            onClick: () => onInsert(kind, account),
          })),
        }}
      >
        <button type="button">+ {t("journey.insert")}</button>
      </Dropdown>
    </div>
  );
}

interface WaysOutProps {
  id: string;
  node: StepNode;
  definition: Definition;
  onReshape: (definition: Definition) => void;
}

const NEW_END = "";

/** Where each way out leads: to any other step, or to an end of its own. */
function WaysOut({ id, node, definition, onReshape }: WaysOutProps) {
  const { t } = useI18n();
  const words = useNodeWords();
  const options = [
    ...inOrder(definition)
      .map(([other, each], index) => ({ value: other, label: `${index + 1} · ${words.node(each)}` }))
      .filter(({ value }) => value !== id),
    { value: NEW_END, label: `+ ${t("nodeKind.end")}` },
  ];
  return exitsOf(node).map(([way, target]) => {
    const label = way === "next" ? t("journey.leadsTo") : t("journey.wayLeadsTo", { way: t(`way.${way}`) });
    return (
      <Field key={way} label={label}>
        <Select
          aria-label={label}
          value={target in definition.nodes ? target : undefined}
          onChange={(to: string) => onReshape(leadTo(definition, id, way, to === NEW_END ? null : to))}
          options={options}
          style={{ width: "100%" }}
        />
      </Field>
    );
  });
}

function KindFields({ node, onChange }: { node: StepNode; onChange: (node: StepNode) => void }) {
  switch (node.kind) {
    case "wait":
      return <WaitFields node={node} onChange={onChange} />;
    case "send":
      return <SendForm node={node} onChange={onChange} />;
    case "wait_event":
      return <WaitEventFields node={node} onChange={onChange} />;
    case "condition":
      return <ConditionFields node={node} onChange={onChange} />;
    case "random":
    case "end":
      return null;
  }
}

interface FieldsProps<T extends StepNode> {
  node: T;
  onChange: (node: T) => void;
}

function WaitFields({ node, onChange }: FieldsProps<WaitNode>) {
  const { t } = useI18n();
  return (
    <Field label={t("journey.waitFor")}>
      <SecondsInput
        label={t("journey.waitFor")}
        value={node.seconds}
        onChange={(seconds) => onChange({ ...node, seconds })}
      />
    </Field>
  );
}

function WaitEventFields({ node, onChange }: FieldsProps<WaitEventNode>) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("leaf.event")}>
        <EventPicker value={node.event} onChange={(event) => onChange({ ...node, event })} />
      </Field>
      <Field label={t("journey.waitAtMost")}>
        <SecondsInput
          label={t("journey.waitAtMost")}
          value={node.timeout_s}
          min={1}
          onChange={(timeout_s) => onChange({ ...node, timeout_s: Math.max(1, timeout_s) })}
        />
      </Field>
    </>
  );
}

/** The same conditions as a segment's, asked of one person at this moment. */
function ConditionFields({ node, onChange }: FieldsProps<ConditionNode>) {
  const { data: catalogue } = useQuery(catalogueQuery);
  return (
    <div className={styles.condition}>
      <GroupEditor
        group={asGroup(node.test)}
        catalogue={catalogue}
        onChange={(test) => onChange({ ...node, test })}
        depth={2}
      />
    </div>
  );
}
