import { useQuery } from "@tanstack/react-query";
import { Button, Input, Popover, Select } from "antd";
import { useState } from "react";
import { analysesQuery, type Card } from "../../api/dashboards";
import { metricsQuery } from "../../api/metrics";
import { useI18n } from "../../i18n";
import { useMetricWords } from "../metrics/useMetricWords";
import { newCardId } from "./cards";
import styles from "./dashboards.module.css";

type Adds = Pick<Card, "shows"> & Partial<Card>;

/** A metric, a kept analysis, RFM or a note as one more card. */
export function AddCard({ onAdd }: { onAdd: (card: Card) => void }) {
  const { t } = useI18n();
  const words = useMetricWords();
  const { data: metrics } = useQuery(metricsQuery);
  const { data: analyses } = useQuery(analysesQuery);
  const [text, setText] = useState("");
  const add = (card: Adds) => onAdd({ id: newCardId(), title: "", width: 6, keeps_period: false, ...card });
  return (
    <>
      <Select
        aria-label={t("board.addMetric")}
        placeholder={t("board.addMetric")}
        value={null}
        options={metrics?.items.map((one) => ({ value: one.id, label: words.name(one) }))}
        onChange={(metric: string | null) =>
          metric && add({ width: 3, shows: { kind: "metric", question: { metric } } })
        }
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: 180 }}
      />
      <Select
        aria-label={t("board.addAnalysis")}
        placeholder={t("board.addAnalysis")}
        value={null}
        options={analyses?.items.map((one) => ({ value: one.id, label: one.name }))}
        onChange={(id: string | null) => {
          const kept = analyses?.items.find((one) => one.id === id);
          if (kept) add({ title: kept.name, shows: kept.asked });
        }}
        showSearch={{ optionFilterProp: "label" }}
        notFoundContent={t("analysis.none")}
        style={{ width: 200 }}
      />
      <Button onClick={() => add({ shows: { kind: "rfm" } })}>{t("board.addRfm")}</Button>
      <Popover
        trigger="click"
        content={
          <div className={styles.noteForm}>
            <Input.TextArea
              rows={4}
              maxLength={2000}
              value={text}
              aria-label={t("board.noteText")}
              onChange={(event) => setText(event.target.value)}
            />
            <Button
              type="primary"
              disabled={text.trim() === ""}
              onClick={() => {
                add({ shows: { kind: "note", text: text.trim() } });
                setText("");
              }}
            >
              {t("board.addNote")}
            </Button>
          </div>
        }
      >
        <Button>{t("board.addNote")}</Button>
      </Popover>
    </>
  );
}
