import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { type PassedStep, stepsQuery } from "../../api/journeys";
import { explainQuery } from "../../api/queries";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone, PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { ExplainedTree } from "../segments/ExplainDrawer";
import { asGroup, toJson } from "../segments/tree";
import type { ConditionNode, StepNode } from "./definition";
import styles from "./journeys.module.css";
import { NodeIcon } from "./NodeIcon";
import { useNodeKind } from "./useNodeKind";
import { useNodeWords } from "./words";

export interface PassageOf {
  person: string;
  passage: string;
}

const WIDTH = "min(480px, 100vw)";

/** The way one person went through a journey: every step, and why they left it as they did. */
export function StepsDrawer({ of, onClose }: { of: PassageOf | null; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Drawer open={of !== null} size={WIDTH} title={t("steps.title")} onClose={onClose} destroyOnHidden>
      {of && <Steps person={of.person} passage={of.passage} />}
    </Drawer>
  );
}

function Steps({ person, passage }: PassageOf) {
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, refetch } = useQuery(stepsQuery(person, passage));
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={5} />;
  return (
    <>
      <p className="muted">
        {t("steps.entered", {
          version: data.passage.version,
          at: formatDateTime(data.passage.entered_at, zone),
        })}
      </p>
      <ol className={styles.passed} data-testid="passed-steps">
        {data.items.map((step) => (
          <Passed key={step.seq} step={step} person={person} />
        ))}
      </ol>
    </>
  );
}

function Passed({ step, person }: { step: PassedStep; person: string }) {
  const { t, has } = useI18n();
  const zone = useZone();
  const nodeKind = useNodeKind();
  const words = useNodeWords();
  const [asked, setAsked] = useState(false);
  const node = step.definition as unknown as StepNode | null;
  const outcome = `nodeOutcome.${step.outcome}`;
  return (
    <li>
      <div>
        <span className={styles.stepKind}>
          <NodeIcon kind={node?.kind ?? ""} /> {node && nodeKind(node.kind)}
        </span>
        <span className={`${styles.stepKind} num`}>
          {formatDateTime(step.left_at ?? step.entered_at, zone)}
        </span>
      </div>
      <div>
        <strong>{node ? words.node(node) : step.node}</strong>
        {step.outcome === null ? (
          <Tag tone="jade">{t("steps.here")}</Tag>
        ) : (
          <Tag tone="plain">{has(outcome) ? t(outcome) : step.outcome}</Tag>
        )}
      </div>
      {node?.kind === "condition" && step.left_at && !asked && (
        <Button type="link" size="small" style={{ padding: 0 }} onClick={() => setAsked(true)}>
          {t("steps.why")}
        </Button>
      )}
      {node?.kind === "condition" && step.left_at && asked && (
        <Why node={node} person={person} at={step.left_at} answered={step.outcome === "yes"} />
      )}
    </li>
  );
}

interface WhyProps {
  node: ConditionNode;
  person: string;
  at: string;
  answered: boolean;
}

/** Every part of a condition as of the moment it was asked; what was learned since may answer it differently. */
function Why({ node, person, at, answered }: WhyProps) {
  const { t } = useI18n();
  const tree = asGroup(node.test);
  const { data, error } = useQuery(explainQuery(toJson(tree), person, at));
  return (
    <div className={styles.why} data-testid="step-why">
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Bone height={60} />}
      {data && data.tree.met !== answered && <p className="muted">{t("steps.differs")}</p>}
      {data && <ExplainedTree node={data.tree} tree={tree} />}
    </div>
  );
}
