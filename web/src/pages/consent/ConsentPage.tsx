import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type Purpose, purposesQuery } from "../../api/consent";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { Coverage } from "./Coverage";
import styles from "./consent.module.css";
import { PublishForm } from "./PublishForm";
import { PurposeForm } from "./PurposeForm";
import { Texts } from "./Texts";
import { usePurposeName } from "./words";

/** The purposes of the brand: on what ground, with which text, and how many people stand how. */
export default function ConsentPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(purposesQuery);
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title={t("nav.consent")}
      lead={t("consent.lead")}
      actions={
        <Button type="primary" onClick={() => setAdding(true)}>
          {t("consent.add")}
        </Button>
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data?.items.map((one) => (
        <PurposePanel key={one.key} purpose={one} />
      ))}
      {adding && <PurposeForm purpose={null} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function PurposePanel({ purpose }: { purpose: Purpose }) {
  const { t } = useI18n();
  const name = usePurposeName();
  const [open, setOpen] = useState<"edit" | "publish">();
  const close = () => setOpen(undefined);
  const title = (
    <>
      {name(purpose.key)} <code className="mono muted">{purpose.key}</code>
    </>
  );
  const tools = (
    <>
      {purpose.is_built_in && <Tag>{t("consent.builtIn")}</Tag>}
      <Button size="small" onClick={() => setOpen("edit")}>
        {t("consent.edit")}
      </Button>
      <Button size="small" onClick={() => setOpen("publish")}>
        {t("consent.publish")}
      </Button>
    </>
  );
  const { lasts_days } = purpose;
  return (
    <Panel title={title} extra={tools} testId={`purpose-${purpose.key}`}>
      <p className="soft">
        {t(`consent.basis.${purpose.basis}`)}：{t(`consent.basis.${purpose.basis}.hint`)}
        {lasts_days !== null && ` · ${t("consent.lastsDays", { days: lasts_days })}`}
      </p>
      <div className={styles.columns} style={{ marginTop: 14 }}>
        <Coverage purpose={purpose.key} />
        <Texts purpose={purpose.key} />
      </div>
      {open === "edit" && <PurposeForm purpose={purpose} onClose={close} />}
      {open === "publish" && <PublishForm purpose={purpose} onClose={close} />}
    </Panel>
  );
}
