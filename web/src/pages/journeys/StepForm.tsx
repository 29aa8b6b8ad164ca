import { DeleteOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Input, Select } from "antd";
import { officialAccountsQuery } from "../../api/channels";
import { useI18n } from "../../i18n";
import {
  type Definition,
  exitsOf,
  inOrder,
  insertBefore,
  isRemovable,
  leadTo,
  removeStep,
  type StepNode,
} from "./definition";
import { Field } from "./fields";
import styles from "./journeys.module.css";
import { lookOf } from "./kinds/looks";
import { INSERT_KINDS, type InsertKind } from "./kinds/shapes";
import { NodeIcon } from "./NodeIcon";
import { useNodeWords } from "./words";

export interface StepFormProps {
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
      <KindFields id={id} node={node} definition={definition} onChange={onChange} onReshape={onReshape} />
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

function KindFields(props: StepFormProps) {
  const Fields = lookOf(props.node.kind)?.Fields;
  return Fields ? <Fields {...props} /> : null;
}
