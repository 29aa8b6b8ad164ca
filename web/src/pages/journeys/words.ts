export function useNodeWords(): any {
  return { node: (id: string, n: any) => n.label ?? id, entry: (e: any) => e.kind };
}
