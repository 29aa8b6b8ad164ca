import { DeleteOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { officialAccountsQuery } from "../../api/channels";
import { catalogueQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { GroupEditor } from "../segments/GroupEditor";
import { asGroup } from "../segments/tree";
import {
  type ConditionNode,
  type Definition,
  insertBefore,
  removeStep,
  type StepNode,
  type WaitEventNode,
  type WaitNode,
} from "./definition";
import { EventPicker } from "./EventPicker";
import { Field, SecondsInput } from "./fields";
import styles from "./journeys.module.css";
import { NodeIcon } from "./NodeIcon";
import { SendForm } from "./SendForm";

interface StepFormProps {
  id: string;
  node: StepNode;
  definition: Definition;
  onChange: (node: StepNode) => void;
  onReshape: (definition: Definition) => void;
}

export function StepForm({ id, node, definition, onChange, onReshape }: StepFormProps) {
  const { t } = useI18n();
  const removable = node.kind === "wait" || node.kind === "send";
  return (
    <section className={styles.form} data-node={id}>
      <InsertBar onInsert={(kind, account) => onReshape(insertBefore(definition, id, kind, account))} />
      <header className={styles.formHead}>
        <h3>
          <NodeIcon kind={node.kind} /> {t(`nodeKind.${node.kind}`)}
        </h3>
        {removable && (
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
    </section>
  );
}

function InsertBar({ onInsert }: { onInsert: (kind: "wait" | "send", accountId: string) => void }) {
  const { t } = useI18n();
  const { data } = useQuery(officialAccountsQuery);
  const account = data?.items[0]?.id ?? "";
  return (
    <div className={styles.insert}>
      <button type="button" onClick={() => onInsert("wait", account)}>
        + {t("nodeKind.wait")}
      </button>
      <button type="button" onClick={() => onInsert("send", account)}>
        + {t("nodeKind.send")}
      </button>
    </div>
  );
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
