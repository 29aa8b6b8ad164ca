import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Popconfirm, Select } from "antd";
import { useState } from "react";
import { type MigrationNode, migrationPreviewQuery, startMigration } from "../../../api/journeys";
import type { Journey } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { graphOf, inOrder, readDefinition, type StepNode } from "../definition";
import { Field } from "../fields";
import { useNodeWords } from "../words";
import styles from "./versions.module.css";

interface MigrateDrawerProps {
  journey: Journey;
  /** From which version; `null` while nobody asks. */
  before: number | null;
  onClose: () => void;
}

const WIDTH = "min(620px, 100vw)";

/** Where the people of an older version go on in the present one, seen before it is done. */
export function MigrateDrawer({ journey, before, onClose }: MigrateDrawerProps) {
  const { t } = useI18n();
  return (
    <Drawer
      open={before !== null}
      size={WIDTH}
      destroyOnHidden
      title={before !== null && t("migrate.title", { before, after: journey.version })}
      onClose={onClose}
    >
      {before !== null && <Plan journey={journey} before={before} onDone={onClose} />}
    </Drawer>
  );
}

const LEAVE = "";
const SPREADS = [0, 3_600, 21_600, 86_400] as const;

function Plan({ journey, before, onDone }: { journey: Journey; before: number; onDone: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const queries = useQueryClient();
  const [nodes, setNodes] = useState<Record<string, string | null>>({});
  const [spread, setSpread] = useState<number>(3_600);
  const command = { before, nodes, spread_s: spread };
  const { data, error, refetch } = useQuery(migrationPreviewQuery(journey.id, command));
  const start = useMutation({
    mutationFn: () => startMigration(journey.id, command),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["journey", journey.id] });
      onDone();
    },
  });
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={4} />;
  if (data.people === 0) return <EmptyState title={t("migrate.nobody")} />;
  const atOnce = data.nodes.reduce((sum, node) => sum + node.at_once, 0);
  return (
    <>
      <p className="muted">{t("migrate.lead")}</p>
      <ul className={styles.changes} data-testid="migration-nodes">
        {data.nodes.map((node) => (
          <Target
            key={node.node}
            node={node}
            to={node.node in nodes ? (nodes[node.node] ?? null) : node.to}
            journey={journey}
            onChange={(to) => setNodes({ ...nodes, [node.node]: to })}
          />
        ))}
      </ul>
      <div className={styles.spread}>
        <Field label={t("migrate.spread")} hint={t("migrate.spread.hint", { n: atOnce })}>
          <Select
            aria-label={t("migrate.spread")}
            value={spread}
            onChange={setSpread}
            options={SPREADS.map((seconds) => ({ value: seconds, label: t(`migrate.spread.${seconds}`) }))}
            style={{ width: 180 }}
          />
        </Field>
      </div>
      {start.error && <ErrorNotice error={start.error} />}
      <Popconfirm title={t("migrate.ask")} okText={t("migrate.start")} onConfirm={() => start.mutate()}>
        <Button type="primary" loading={start.isPending}>
          {t("migrate.people", { n: data.people, count: format.count(data.people) })}
        </Button>
      </Popconfirm>
    </>
  );
}

interface TargetProps {
  node: MigrationNode;
  /** As it was chosen a moment ago: the preview follows. */
  to: string | null;
  journey: Journey;
  onChange: (to: string | null) => void;
}

function Target({ node, to, journey, onChange }: TargetProps) {
  const { t } = useI18n();
  const words = useNodeWords();
  const format = useFormat();
  const name = node.definition ? words.node(node.definition as unknown as StepNode) : node.node;
  const label = t("migrate.to", { name });
  return (
    <li>
      <header>
        <strong>{name}</strong>
        <span className="muted num">
          {t("migrate.count", { n: node.people, count: format.count(node.people) })}
        </span>
        {node.keeps && <Tag tone="plain">{t("migrate.keeps")}</Tag>}
        {to === null && <Tag tone="red">{t("migrate.leaves")}</Tag>}
        {node.at_once > 0 && (
          <Tag tone="amber">
            {t("migrate.atOnce", { n: node.at_once, count: format.count(node.at_once) })}
          </Tag>
        )}
      </header>
      <Select
        aria-label={label}
        value={to ?? LEAVE}
        onChange={(chosen) => onChange(chosen === LEAVE ? null : chosen)}
        options={[
          ...inOrder(readDefinition(graphOf(journey))).map(([id, step], index) => ({
            value: id,
            label: `${index + 1} · ${words.node(step)}`,
          })),
          { value: LEAVE, label: t("migrate.leave") },
        ]}
        style={{ width: "100%", marginTop: 6 }}
      />
    </li>
  );
}
