import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import type { Audience } from "../../../api/peopleJobs";
import type { PeopleFilter } from "../../../api/peopleLists";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { useFormat } from "../../../ui/useFormat";
import { ChangeMany } from "./ChangeMany";
import { ExportPeople } from "./ExportPeople";
import styles from "./list.module.css";
import type { Chosen } from "./useChosen";

interface Props {
  chosen: Chosen;
  filter: PeopleFilter;
  total: number | null | undefined;
  columns: readonly string[];
}

/** Who is ticked, and what can be done with them. */
export function BulkBar({ chosen, filter, total, columns }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const [exporting, setExporting] = useState(false);
  const [asked, setAsked] = useState<"change" | "export" | null>(null);
  if (chosen.ids.size === 0) {
    return asked ? (
      <div className={styles.bulk} role="status">
        <span>{t(asked === "export" ? "peopleExports.asked" : "peopleJobs.asked")}</span>
        <Link to={asked === "export" ? "/people/exports" : "/people/jobs"}>{t("peopleJobs.follow")}</Link>
      </div>
    ) : null;
  }
  const count = chosen.everyone ? (total ?? 0) : chosen.ids.size;
  const audience: Audience = chosen.everyone ? { filter } : { people: [...chosen.ids] };
  return (
    <div className={styles.bulk} data-testid="people-bulk">
      <strong>{t("peopleJobs.chosen", { count: format.count(count), n: count })}</strong>
      {!chosen.everyone && total != null && total > chosen.ids.size && (
        <Button type="link" onClick={chosen.chooseEveryone}>
          {t("peopleJobs.everyone", { count: format.count(total), n: total })}
        </Button>
      )}
      <Button type="link" onClick={chosen.clear}>
        {t("peopleJobs.nobody")}
      </Button>
      <span className={styles.spring} />
      {may("people.export") && <Button onClick={() => setExporting(true)}>{t("peopleExports.start")}</Button>}
      <Button type="primary" onClick={() => setOpen(true)}>
        {t("peopleJobs.change")}
      </Button>
      {exporting && (
        <ExportPeople
          audience={audience}
          count={count}
          columns={columns}
          onClose={() => setExporting(false)}
          onStarted={() => {
            setExporting(false);
            setAsked("export");
            chosen.clear();
          }}
        />
      )}
      {open && (
        <ChangeMany
          audience={audience}
          count={count}
          onClose={() => setOpen(false)}
          onStarted={() => {
            setOpen(false);
            setAsked("change");
            chosen.clear();
          }}
        />
      )}
    </div>
  );
}
