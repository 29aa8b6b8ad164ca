import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Link } from "react-router";
import type { Card, ShownCard } from "../../api/dashboards";
import { metricsQuery } from "../../api/metrics";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import type { Shown } from "../behaviour/FigureDrawer";
import { pathOf } from "../behaviour/KeepActions";
import { useMetricWords } from "../metrics/useMetricWords";
import { CardBody } from "./CardBody";
import { WIDTHS } from "./cards";
import styles from "./dashboards.module.css";

interface Editing {
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: number) => void;
  onChange: (card: Card) => void;
  onRemove: () => void;
  onGrab: () => void;
  onDrop: () => void;
}

interface CardPanelProps {
  shown: ShownCard;
  editing: Editing | null;
  onShow: (shown: Shown) => void;
}

/** One card; while the board is edited it can be dragged, moved by keys, widened and taken off. */
export function CardPanel({ shown, editing, onShow }: CardPanelProps) {
  const title = useTitle(shown);
  const tools = editing && <Tools card={shown.card} editing={editing} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is for the pointer; the buttons move cards by keys.
    <div
      className={styles.card}
      style={{ "--width": shown.card.width ?? 6 } as React.CSSProperties}
      draggable={editing !== null}
      onDragStart={editing?.onGrab}
      onDragOver={editing ? (event) => event.preventDefault() : undefined}
      onDrop={editing?.onDrop}
      data-testid={`card-${shown.card.id}`}
    >
      {shown.card.shows.kind === "rfm" ? (
        // The classes bring their own panel.
        <>
          {tools}
          <CardBody shown={shown} onShow={onShow} />
        </>
      ) : (
        <Panel title={title} className={styles.panel}>
          {tools}
          <CardBody shown={shown} onShow={onShow} />
        </Panel>
      )}
    </div>
  );
}

function useTitle({ card, asks }: ShownCard) {
  const { t } = useI18n();
  const words = useMetricWords();
  const { data: known } = useQuery(metricsQuery);
  const metric = asks?.kind === "metric" ? known?.items.find((one) => one.id === asks.question.metric) : null;
  if (asks?.kind === "metric") {
    const name = card.title || (metric ? words.name(metric) : "");
    return <Link to={`/figures/${asks.question.metric}`}>{name}</Link>;
  }
  if (asks) return <Link to={pathOf({ asked: asks })}>{card.title || t(`behaviour.tab.${asks.kind}`)}</Link>;
  return card.title || (card.shows.kind === "rfm" ? t("nav.rfm") : "");
}

interface ToolsProps {
  card: Card;
  editing: Editing;
}

function Tools({ card, editing }: ToolsProps) {
  const { t } = useI18n();
  return (
    <div className={styles.tools}>
      <Button
        size="small"
        disabled={editing.isFirst}
        aria-label={t("board.earlier")}
        onClick={() => editing.onMove(-1)}
      >
        ←
      </Button>
      <Button
        size="small"
        disabled={editing.isLast}
        aria-label={t("board.later")}
        onClick={() => editing.onMove(1)}
      >
        →
      </Button>
      <Select
        size="small"
        aria-label={t("board.width")}
        value={card.width ?? 6}
        options={WIDTHS.map((width) => ({ value: width, label: t(`board.width.${width}`) }))}
        onChange={(width) => editing.onChange({ ...card, width })}
      />
      <Button size="small" type="text" onClick={editing.onRemove}>
        {t("segment.remove")}
      </Button>
    </div>
  );
}
