import type { Department } from "../../../api/wecom/staff";

export interface DepartmentNode {
  value: string;
  title: string;
  children: DepartmentNode[];
}

/** Departments have numbers of their own in each company, so a place names both. */
export const placeOf = (department: Pick<Department, "corp" | "id">) => `${department.corp}/${department.id}`;

export function readPlace(place: string): { corp?: string; department?: string } {
  const [corp, department] = place.split("/");
  return corp && department ? { corp, department } : {};
}

/** Rows come parents first; one whose parent is not among them stands at the top. */
export function departmentTree(rows: readonly Department[]): DepartmentNode[] {
  const nodes = new Map<string, DepartmentNode>();
  const roots: DepartmentNode[] = [];
  for (const row of rows) {
    const node = { value: placeOf(row), title: `${row.name} (${row.members})`, children: [] };
    nodes.set(node.value, node);
    const parent = nodes.get(placeOf({ corp: row.corp, id: row.parent_id }));
    (parent?.children ?? roots).push(node);
  }
  return roots;
}
