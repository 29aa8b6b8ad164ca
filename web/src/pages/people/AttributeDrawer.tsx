import { useQuery } from "@tanstack/react-query";
import { Drawer, Input } from "antd";
import { useState } from "react";
import { type AttributeStatement, attributeHistoryQuery } from "../../api/profiles";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Tag } from "../../ui/Tag";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { AttributeForm } from "./AttributeForm";
import { AttributePolicyForm } from "./AttributePolicyForm";
import styles from "./people.module.css";

interface AttributeDrawerProps {
  personId: string;
  /** The attribute's key; "" for one still to be named, `null` for none. */
  attribute: string | null;
  onClose: () => void;
}

/** One attribute of one person: what was told of it, which of it counts, and setting it by hand. */
export function AttributeDrawer({ personId, attribute, onClose }: AttributeDrawerProps) {
  const { t } = useI18n();
  const words = useAttributeWords();
  return (
    <Drawer
      open={attribute !== null}
      onClose={onClose}
      size="min(640px, 100vw)"
      title={attribute ? words.name(attribute) : t("attr.add")}
      data-testid="attribute-drawer"
      destroyOnHidden
    >
      {attribute ? (
        <Known personId={personId} attribute={attribute} />
      ) : (
        attribute !== null && <New personId={personId} />
      )}
    </Drawer>
  );
}

function New({ personId }: { personId: string }) {
  const { t } = useI18n();
  const [key, setKey] = useState("");
  return (
    <div className={styles.aside}>
      <div className={styles.field}>
        <Input
          aria-label={t("attr.key")}
          placeholder={t("attr.key")}
          value={key}
          maxLength={128}
          onChange={(event) => setKey(event.target.value)}
        />
        <small className="muted">{t("attr.key.hint")}</small>
      </div>
      <AttributeForm personId={personId} attribute={key.trim()} />
      {key.trim() && <History personId={personId} attribute={key.trim()} />}
    </div>
  );
}

function Known({ personId, attribute }: { personId: string; attribute: string }) {
  const { data } = useQuery(attributeHistoryQuery(personId, attribute));
  return (
    <div className={styles.aside}>
      {data?.classification !== "identifier" && (
        <AttributeForm personId={personId} attribute={attribute} history={data} />
      )}
      <History personId={personId} attribute={attribute} />
      <AttributePolicyForm attribute={attribute} history={data} personId={personId} />
    </div>
  );
}

function History({ personId, attribute }: { personId: string; attribute: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const words = useAttributeWords();
  const { data, error, refetch } = useQuery(attributeHistoryQuery(personId, attribute));
  const columns: Column<AttributeStatement>[] = [
    {
      key: "value",
      title: t("attr.value"),
      lead: true,
      render: (row) => (
        <>
          {row.value === null ? t("attr.cleared") : words.value(attribute, row.value)}{" "}
          {row.counts && <Tag tone="jade">{t("attr.counts")}</Tag>}
        </>
      ),
    },
    { key: "source", title: t("eventField.source"), render: (row) => row.source },
    {
      key: "told",
      title: t("attr.told"),
      render: (row) =>
        row.first_at === row.last_at
          ? formatDateTime(row.last_at, zone)
          : `${formatDateTime(row.first_at, zone)} – ${formatDateTime(row.last_at, zone)}`,
    },
    {
      key: "replaced",
      title: t("attr.replaced"),
      render: (row) => (row.replaced_at ? formatDateTime(row.replaced_at, zone) : "–"),
    },
  ];
  return (
    <DataTable
      label={t("attr.history")}
      testId="attribute-history"
      columns={columns}
      rows={data?.items}
      rowKey={(row) => `${row.source} ${row.first_at} ${JSON.stringify(row.value)}`}
      error={error}
      onRetry={refetch}
      empty={<EmptyState title={t("attr.history.empty")}>{t("attr.history.empty.text")}</EmptyState>}
    />
  );
}
