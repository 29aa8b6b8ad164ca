import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { audienceCountQuery } from "../../../api/peopleJobs";
import type { PeopleFilter } from "../../../api/peopleLists";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ExportPeople } from "./ExportPeople";
import { DEFAULT_COLUMNS } from "./listing";

interface Props {
  filter: PeopleFilter;
}

/** Leads from wherever people are shown to an export of all of them. */
export function ExportButton({ filter }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const { data } = useQuery({ ...audienceCountQuery({ filter }), enabled: isOpen });
  if (!may("people.export")) return null;
  return (
    <>
      {isAsked && (
        <span role="status">
          {t("peopleExports.asked")} <Link to="/people/exports">{t("peopleJobs.follow")}</Link>
        </span>
      )}
      <Button onClick={() => setOpen(true)}>{t("peopleExports.these")}</Button>
      {isOpen && (
        <ExportPeople
          audience={{ filter }}
          count={data?.people}
          columns={DEFAULT_COLUMNS}
          onClose={() => setOpen(false)}
          onStarted={() => {
            setOpen(false);
            setAsked(true);
          }}
        />
      )}
    </>
  );
}
