import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { nodePeopleQuery } from "../../api/queries";
import type { Journey, JourneyNode, MessageState } from "../../api/types";
import { useAgo, useNow, useZone } from "../../app/session";
import { formatMoment } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { PersonName } from "../people/PersonName";
import { NoteList } from "./canvas/Notes";
import { graphOf, readDefinition } from "./definition";
import styles from "./journeys.module.css";
import { type PassageOf, StepsDrawer } from "./StepsDrawer";
import { useNodeWords } from "./words";

interface NodeDrawerProps {
  journey: Journey;
  nodeId: string | null;
  onClose: () => void;
}

/** One step: what came of the people who passed, and who is in it now. */
export function NodeDrawer({ journey, nodeId, onClose }: NodeDrawerProps) {
  const words = useNodeWords();
  const definition = nodeId ? readDefinition(graphOf(journey)).nodes[nodeId] : undefined;
  const counts = journey.nodes.find((node) => node.id === nodeId);
  return (
    <Drawer open={nodeId !== null} onClose={onClose} title={definition && words.node(definition)} size={420}>
      {counts && <Outcomes node={counts} />}
      <NoteList
        notes={(readDefinition(journey.definition).notes ?? []).filter(({ node }) => node === nodeId)}
      />
      {nodeId && <PeopleAtNode journeyId={journey.id} nodeId={nodeId} />}
    </Drawer>
  );
}

function Outcomes({ node }: { node: JourneyNode }) {
  const { t, has } = useI18n();
  const format = useFormat();
  const rows = [
    [t("journeys.entered"), node.entered],
    [t("node.waitingNow"), node.waiting],
    [t("node.leftSoFar"), node.left],
    ...Object.entries(node.outcomes).map(([name, count]) => {
      const key = `nodeOutcome.${name}`;
      return [has(key) ? t(key) : name, count] as const;
    }),
    ...Object.entries(node.messages ?? {}).map(
      ([state, count]) => [t(`state.${state as MessageState}`), count] as const,
    ),
    ...(node.not_changed ? [[t("node.notChanged"), node.not_changed] as const] : []),
  ] as const;
  return (
    <dl className={styles.outcomes}>
      {rows.map(([label, count]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{format.count(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

function PeopleAtNode({ journeyId, nodeId }: { journeyId: string; nodeId: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow();
  const ago = useAgo();
  const people = useInfiniteQuery(nodePeopleQuery(journeyId, nodeId));
  const [shown, setShown] = useState<PassageOf | null>(null);
  const rows = people.data?.pages.flatMap((page) => page.items);
  return (
    <section aria-label={t("node.people")} data-testid="node-people">
      <h3 className={styles.drawerTitle}>{t("node.people")}</h3>
      {people.error && !rows && <ErrorNotice error={people.error} onRetry={people.refetch} />}
      {people.isPending && <PanelSkeleton rows={4} />}
      {rows?.length === 0 && <EmptyState title={t("node.nobody")} />}
      <ul className={styles.people}>
        {rows?.map((person) => (
          <li key={person.person_id}>
            <PersonName
              id={person.person_id}
              name={person.display_name}
              note={
                person.until
                  ? t("node.until", { at: formatMoment(person.until, now, zone) })
                  : ago(person.since)
              }
            />
            <Button
              type="link"
              size="small"
              onClick={() => setShown({ person: person.person_id, passage: person.passage_id })}
            >
              {t("steps.open")}
            </Button>
          </li>
        ))}
      </ul>
      <LoadMore pager={people} />
      <StepsDrawer of={shown} onClose={() => setShown(null)} />
    </section>
  );
}
