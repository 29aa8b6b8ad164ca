import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { formResultsQuery } from "../../api/forms";
import { useI18n } from "../../i18n";
import styles from "./forms.module.css";
import { useNarrowing } from "./useNarrowing";

const ALL = "all";
const UNMARKED = "unmarked";
const BY = "by:";

/** Days and a source to narrow results to; they stay in the address, so that a link shows the same. */
export function NarrowingBar({ id }: { id: string }) {
  const { t } = useI18n();
  const { narrowing, narrow, isNarrowed } = useNarrowing();
  const { data } = useQuery(formResultsQuery(id, narrowing));
  const { from, to, source, unmarked } = narrowing;
  const known = new Set([...(data?.known_sources ?? []), source].filter(Boolean));
  return (
    <section className={styles.narrowing} aria-label={t("forms.narrow")} data-testid="form-narrowing">
      <label>
        {t("forms.narrow.from")}
        <input
          type="date"
          value={from}
          max={to || undefined}
          onChange={(event) => narrow({ from: event.target.value })}
        />
      </label>
      <label>
        {t("forms.narrow.to")}
        <input
          type="date"
          value={to}
          min={from || undefined}
          onChange={(event) => narrow({ to: event.target.value })}
        />
      </label>
      <Select
        aria-label={t("forms.source")}
        value={unmarked ? UNMARKED : source ? BY + source : ALL}
        onChange={(value: string) =>
          narrow({
            source: value.startsWith(BY) ? value.slice(BY.length) : "",
            unmarked: value === UNMARKED ? "true" : "",
          })
        }
        options={[
          { value: ALL, label: t("forms.narrow.anySource") },
          { value: UNMARKED, label: t("forms.source.direct") },
          ...[...known].map((one) => ({ value: BY + one, label: one })),
        ]}
        popupMatchSelectWidth={false}
        style={{ minWidth: 140, maxWidth: "100%" }}
      />
      {isNarrowed && (
        <Button type="link" onClick={() => narrow({ from: "", to: "", source: "", unmarked: "" })}>
          {t("forms.narrow.clear")}
        </Button>
      )}
    </section>
  );
}
