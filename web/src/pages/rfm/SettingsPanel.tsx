import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { type RfmSettings, rfmChannelsQuery, saveRfmSettings } from "../../api/rfm";
import type { RfmSummary } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useChannelName } from "./classes";

const FIGURES = ["recency_days", "frequency", "monetary"] as const;
const CURRENCIES = ["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "SGD"];
const PLACES = [0, 1, 2, 3] as const;

type Figure = (typeof FIGURES)[number];
type Draft = Required<RfmSettings> & {
  breakpoints: Record<Figure, [number | string, number | string, number | string, number | string]>;
};

/** What counts, and where scores begin. */
export function SettingsPanel({ summary }: { summary: RfmSummary }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const channelName = useChannelName();
  const { data: channels } = useQuery(rfmChannelsQuery);
  const [draft, setDraft] = useState(summary.settings as Draft);
  const save = useMutation({
    mutationFn: () => saveRfmSettings(draft as RfmSettings),
    onSuccess: () =>
      Promise.all(
        [["rfm"], ["rfm-movement"], ["rfm-channels"]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const setBorder = (figure: Figure, place: number, value: number) => {
    const borders = [...draft.breakpoints[figure]] as Draft["breakpoints"][Figure];
    borders[place] = value;
    set({ breakpoints: { ...draft.breakpoints, [figure]: borders } });
  };
  const known = new Set([...(channels?.items.map((one) => one.channel) ?? []), ...draft.channels]);
  return (
    <Panel title={t("rfm.settings")} extra={t("clusters.settings.hint")} testId="rfm-settings">
      <div className={styles.form}>
        <label htmlFor="rfm-scoring">
          {t("rfm.scoring")}
          <Select
            id="rfm-scoring"
            style={{ minWidth: 180 }}
            value={draft.scoring}
            onChange={(scoring) => set({ scoring })}
            options={(["quantiles", "breakpoints"] as const).map((value) => ({
              value,
              label: t(`rfm.scoring.${value}`),
            }))}
          />
        </label>
        <label htmlFor="rfm-high">
          {t("rfm.highFrom")}
          <InputNumber
            id="rfm-high"
            min={2}
            max={5}
            precision={0}
            value={draft.high_from}
            onChange={(high_from) => high_from && set({ high_from })}
          />
        </label>
        <label htmlFor="rfm-window">
          {t("rfm.window")}
          <InputNumber
            id="rfm-window"
            min={1}
            max={36500}
            precision={0}
            placeholder={t("rfm.window.all")}
            value={draft.window_days}
            onChange={(window_days) => set({ window_days })}
          />
        </label>
        <label htmlFor="rfm-currency">
          {t("rfm.currency")}
          <Select
            id="rfm-currency"
            style={{ minWidth: 130 }}
            value={draft.currency ?? ""}
            onChange={(currency) => set({ currency: currency || null })}
            options={[
              { value: "", label: t("rfm.currency.brand") },
              ...[...new Set([...CURRENCIES, draft.currency ?? "CNY"])].map((value) => ({
                value,
                label: value,
              })),
            ]}
          />
        </label>
        <label htmlFor="rfm-events">
          {t("rfm.events")}
          <Select
            id="rfm-events"
            mode="tags"
            className={styles.wide}
            maxCount={10}
            value={[...draft.events]}
            onChange={(events: string[]) => set({ events })}
            options={["Order Completed"].map((value) => ({ value, label: value }))}
          />
        </label>
        <label htmlFor="rfm-channels-chosen">
          {t("rfm.channels.count")}
          <Select
            id="rfm-channels-chosen"
            mode="multiple"
            className={styles.wide}
            placeholder={t("rfm.channel.all")}
            value={[...draft.channels]}
            onChange={(chosen: string[]) => set({ channels: chosen })}
            options={[...known].map((value) => ({ value, label: channelName(value) }))}
          />
        </label>
      </div>
      {draft.scoring === "breakpoints" && (
        <div className={styles.scroll}>
          <table className={styles.facts}>
            <thead>
              <tr>
                <th scope="col">{t("rfm.borders.figure")}</th>
                {PLACES.map((place) => (
                  <th key={place} scope="col">
                    {t("rfm.borders.place", { up: place + 2, down: 5 - place })}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {FIGURES.map((figure) => (
                <tr key={figure}>
                  <th scope="row">{t(`rfm.border.${figure}`)}</th>
                  {PLACES.map((place) => (
                    <td key={place}>
                      <InputNumber
                        aria-label={`${t(`rfm.border.${figure}`)} ${place + 1}`}
                        min={figure === "recency_days" ? 0 : 1}
                        precision={figure === "monetary" ? 2 : 0}
                        value={Number(draft.breakpoints[figure][place])}
                        onChange={(value) => value !== null && setBorder(figure, place, value)}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className={styles.form}>
        <Button disabled={draft.events.length === 0} loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
