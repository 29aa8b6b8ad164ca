import { ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { GroupEditor } from "../../segments/GroupEditor";
import { asGroup } from "../../segments/tree";
import { WAY_NAMES, type WayName } from "../definition";
import { Field } from "../fields";
import styles from "../journeys.module.css";
import type { FieldsProps } from "./looks";
import { addBranch, type Branch, moveBranch, removeBranch, type SplitNode } from "./split";

/** One condition for each branch; the first that holds counts. */
export function SplitFields({ id, node, definition, onChange, onReshape }: FieldsProps<SplitNode>) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  const set = (name: WayName, change: Partial<Branch>) =>
    onChange({
      ...node,
      branches: node.branches.map((branch) => (branch.name === name ? { ...branch, ...change } : branch)),
    });
  return (
    <Field label={t("split.branches")} hint={t("split.hint")}>
      {node.branches.map(({ name, label, test }, index) => {
        const way = t(`way.${name}`);
        return (
          <div key={name} data-branch={name}>
            <span className={styles.pair}>
              <Input
                aria-label={t("split.label", { way })}
                addonBefore={way}
                placeholder={t("journey.stepName.hint")}
                maxLength={80}
                value={label ?? ""}
                onChange={(event) => set(name, { label: event.target.value })}
              />
              {index > 0 && (
                <Button
                  type="text"
                  size="small"
                  icon={<ArrowUpOutlined />}
                  aria-label={t("split.earlier", { way })}
                  onClick={() => onChange(moveBranch(node, index, index - 1))}
                />
              )}
              {node.branches.length > 1 && (
                <Button
                  type="text"
                  size="small"
                  icon={<DeleteOutlined />}
                  aria-label={t("journey.removeWay", { way })}
                  onClick={() => onReshape(removeBranch(definition, id, node, name))}
                />
              )}
            </span>
            <div className={styles.condition}>
              <GroupEditor
                group={asGroup(test)}
                catalogue={catalogue}
                onChange={(next) => set(name, { test: next })}
                depth={2}
              />
            </div>
          </div>
        );
      })}
      {node.branches.length < WAY_NAMES.length && (
        <Button
          type="link"
          size="small"
          onClick={() => onReshape(addBranch(definition, id, node))}
          style={{ alignSelf: "start" }}
        >
          + {t("journey.addWay")}
        </Button>
      )}
    </Field>
  );
}
