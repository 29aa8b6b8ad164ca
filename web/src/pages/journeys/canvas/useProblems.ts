import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { checkJourney } from "../../../api/journeys";
import { useI18n } from "../../../i18n";
import { useDebounced } from "../../../ui/useDebounced";
import { type Definition, ENTRY, moving, writeDefinition } from "../definition";
import { useNodeWords } from "../words";
import { gapsOf } from "./edits";

export interface Problem {
  /** The step it is in, `ENTRY`, or `null` for the journey as a whole. */
  node: string | null;
  text: string;
}

const SETTLED_MS = 600;

/** What keeps the graph from being published, as it is drawn: gaps at once, the rest from the server. */
export function useProblems(definition: Definition): { problems: Problem[]; isCurrent: boolean } {
  const { t, locale } = useI18n();
  const words = useNodeWords();
  const asked = JSON.stringify(moving(definition));
  const settled = useDebounced(asked, SETTLED_MS);
  const check = useQuery({
    queryKey: ["journey-check", settled],
    queryFn: ({ signal }) => checkJourney(writeDefinition(JSON.parse(settled)), signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const gaps = useMemo(
    () =>
      gapsOf(definition).map(({ node, way }) => {
        const step = definition.nodes[node];
        const name = step ? words.node(step) : t("nodeKind.entry");
        if (way === null) return { node, text: t("canvas.unfilled", { name }) };
        if (way === "next") return { node, text: t("canvas.open", { name }) };
        return { node, text: t("canvas.openWay", { name, way: t(`way.${way}`) }) };
      }),
    [definition, words, t],
  );
  const problems = useMemo(() => {
    const known = new Set(gaps.map(({ node }) => node));
    const told = (check.data?.items ?? []).map((finding) => ({
      node: finding.node ?? (/^(entry|start|exits|goal)\b/.test(finding.path) ? ENTRY : null),
      text: finding[locale],
    }));
    return [...gaps, ...told.filter(({ node }) => node === null || !known.has(node))];
  }, [gaps, check.data, locale]);
  return { problems, isCurrent: asked === settled && !check.isFetching && !check.isPlaceholderData };
}

/** What is wrong with each step, by its id. */
export function byNode(problems: readonly Problem[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { node, text } of problems) {
    if (node !== null) found.set(node, [...(found.get(node) ?? []), text]);
  }
  return found;
}
