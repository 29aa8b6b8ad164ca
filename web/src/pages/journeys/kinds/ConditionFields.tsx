import { useQuery } from "@tanstack/react-query";
import { catalogueQuery } from "../../../api/queries";
import { GroupEditor } from "../../segments/GroupEditor";
import { asGroup } from "../../segments/tree";
import type { ConditionNode } from "../definition";
import styles from "../journeys.module.css";
import type { FieldsProps } from "./looks";

/** The same conditions as a segment's, asked of one person at this moment. */
export function ConditionFields({ node, onChange }: FieldsProps<ConditionNode>) {
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
