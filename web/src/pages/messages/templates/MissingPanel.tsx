import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Button, Drawer, Select } from "antd";
import { useState } from "react";
import {
  askMissing,
  type MissingReport,
  missingPeopleQuery,
  type TemplateVariant,
} from "../../../api/messageTemplates";
import { segmentsQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { PersonName } from "../../people/PersonName";
import { isReady } from "./draft";
import styles from "./templates.module.css";

/** Who of a segment lacks what the template says, before anything is sent. */
export function MissingPanel({ variants }: { variants: readonly TemplateVariant[] }) {
  const { t } = useI18n();
  const { data } = useQuery(segmentsQuery);
  const [segment, setSegment] = useState("");
  const check = useMutation({ mutationFn: (id: string) => askMissing(id, variants) });
  const canCheck = variants.every(isReady);
  return (
    <Panel title={t("mtp.missing")} testId="template-missing">
      <div className={styles.form}>
        <p className="muted">{t("mtp.missing.lead")}</p>
        <div className={styles.row}>
          <Select
            aria-label={t("mtp.missing.segment")}
            placeholder={t("mtp.missing.segment")}
            value={segment || undefined}
            onChange={(id: string) => {
              setSegment(id);
              if (canCheck) check.mutate(id);
            }}
            options={data?.items.map((one) => ({ value: one.id, label: one.name }))}
          />
          <Button
            disabled={!segment || !canCheck}
            loading={check.isPending}
            onClick={() => check.mutate(segment)}
          >
            {t("mtp.missing.check")}
          </Button>
        </div>
        {check.error && <ErrorNotice error={check.error} />}
        {check.data && <Report report={check.data} segment={segment} />}
      </div>
    </Panel>
  );
}

type Missing = MissingReport["attributes"][number];

function Report({ report, segment }: { report: MissingReport; segment: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const [attribute, setAttribute] = useState("");
  const refused = report.variants.map((one, index) => [index + 1, one.refused] as const);
  const columns: Column<Missing>[] = [
    {
      key: "attribute",
      title: t("mtp.missing.attribute"),
      lead: true,
      render: (row) => <code className="mono">{row.attribute}</code>,
    },
    {
      key: "people",
      title: t("mtp.missing.people"),
      align: "end",
      render: (row) =>
        row.people === 0 ? (
          "0"
        ) : (
          <Button type="link" size="small" onClick={() => setAttribute(row.attribute)}>
            {format.count(row.people)}
          </Button>
        ),
    },
    {
      key: "effect",
      title: t("mtp.missing.effect"),
      render: (row) =>
        row.people > 0 && (
          <Tag tone={row.is_needed ? "amber" : "plain"}>
            {t(row.is_needed ? "mtp.missing.needed" : "mtp.missing.replaced")}
          </Tag>
        ),
    },
  ];
  return (
    <>
      <ul className={styles.list}>
        <li>{t("mtp.missing.total", { count: format.count(report.people) })}</li>
        {refused
          .filter(([, people]) => people > 0)
          .map(([number, people]) => (
            <li key={number}>
              {t("mtp.missing.refused", { number: String(number), count: format.count(people) })}
            </li>
          ))}
        {report.attributes.every((one) => one.people === 0) && (
          <li>{t("mtp.missing.none", { count: format.count(report.people) })}</li>
        )}
        {report.elsewhere.length > 0 && (
          <li>{t("mtp.missing.elsewhere", { names: report.elsewhere.join(", ") })}</li>
        )}
      </ul>
      {report.attributes.length > 0 && (
        <DataTable
          label={t("mtp.missing")}
          columns={columns}
          rows={report.attributes}
          rowKey={(row) => row.attribute}
          empty={null}
        />
      )}
      <Drawer
        open={attribute !== ""}
        onClose={() => setAttribute("")}
        title={t("mtp.missing.who", { attribute })}
      >
        {attribute && <People segment={segment} attribute={attribute} />}
      </Drawer>
    </>
  );
}

function People({ segment, attribute }: { segment: string; attribute: string }) {
  const found = useInfiniteQuery(missingPeopleQuery(segment, attribute));
  if (found.error) return <ErrorNotice error={found.error} onRetry={found.refetch} />;
  return (
    <>
      <ul className={styles.list} data-testid="lacking-people">
        {found.data?.pages
          .flatMap((page) => page.items)
          .map((one) => (
            <li key={one.id}>
              <PersonName id={one.id} name={one.display_name} />
            </li>
          ))}
      </ul>
      <LoadMore pager={found} />
    </>
  );
}
