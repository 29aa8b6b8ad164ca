import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, InputNumber, Popconfirm } from "antd";
import { type ReactNode, useState } from "react";
import {
  checkModel,
  type ModelSettings,
  modelQuery,
  removeModel,
  type SaveModel,
  saveModel,
} from "../../api/drafts";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./settings.module.css";

type Usage = ModelSettings["usage"][number];

/** The language model drafts are made with: chosen, tried, and what it has used. */
export function ModelPanel() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(modelQuery);
  return (
    <Panel title={t("model.title")} testId="settings-model">
      <p className="muted">{t("model.lead")}</p>
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {data && <ModelForm key={data.model?.updated_at ?? "none"} settings={data} />}
      {data && data.usage.length > 0 && (
        <UsageTable rows={data.usage} currency={data.model?.currency ?? ""} />
      )}
    </Panel>
  );
}

function blank({ model }: ModelSettings): SaveModel {
  return {
    base_url: model?.base_url ?? "",
    model: model?.model ?? "",
    timeout_s: model?.timeout_s ?? 30,
    price_in: model?.price_in ?? "0",
    price_out: model?.price_out ?? "0",
    currency: model?.currency ?? "CNY",
    daily_tokens_max: model?.daily_tokens_max ?? 0,
  };
}

function ModelForm({ settings }: { settings: ModelSettings }) {
  const { t, locale } = useI18n();
  const queries = useQueryClient();
  const [form, setForm] = useState<SaveModel>(() => blank(settings));
  const [key, setKey] = useState("");
  const save = useMutation({
    mutationFn: () => saveModel(key === "" ? form : { ...form, api_key: key }),
    onSuccess: (saved) => queries.setQueryData(modelQuery.queryKey, saved),
  });
  const check = useMutation({
    mutationFn: checkModel,
    onSuccess: () => queries.invalidateQueries({ queryKey: modelQuery.queryKey }),
  });
  const remove = useMutation({
    mutationFn: removeModel,
    onSuccess: () => queries.invalidateQueries({ queryKey: modelQuery.queryKey }),
  });
  const text = (name: "base_url" | "model" | "currency", label: string, example: string) => (
    <Labelled label={label}>
      <Input
        value={form[name]}
        aria-label={label}
        placeholder={example}
        onChange={(event) => setForm({ ...form, [name]: event.target.value })}
      />
    </Labelled>
  );
  const figure = (name: "timeout_s" | "price_in" | "price_out" | "daily_tokens_max", label: string) => (
    <Labelled label={label}>
      <InputNumber
        stringMode
        min="0"
        value={String(form[name])}
        aria-label={label}
        style={{ width: "100%" }}
        onChange={(value) =>
          setForm({ ...form, [name]: name.startsWith("price") ? String(value ?? 0) : Number(value ?? 0) })
        }
      />
    </Labelled>
  );
  const failed = save.error ?? check.error ?? remove.error;
  return (
    <>
      <div className={styles.modelForm}>
        {text("base_url", t("model.baseUrl"), "https://api.example.com/v1")}
        {text("model", t("model.name"), "qwen-plus")}
        <Labelled label={t("model.key")}>
          <Input.Password
            value={key}
            autoComplete="new-password"
            aria-label={t("model.key")}
            placeholder={settings.model?.has_key ? t("model.key.kept") : "sk-…"}
            onChange={(event) => setKey(event.target.value)}
          />
        </Labelled>
        {figure("timeout_s", t("model.timeout"))}
        {figure("price_in", t("model.priceIn"))}
        {figure("price_out", t("model.priceOut"))}
        {text("currency", t("model.currency"), "CNY")}
        {figure("daily_tokens_max", t("model.dailyMax"))}
      </div>
      <div className={styles.modelActions}>
        <Button
          type="primary"
          disabled={form.base_url.trim() === "" || form.model.trim() === ""}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
        {settings.model && (
          <>
            <Button loading={check.isPending} onClick={() => check.mutate()}>
              {t("model.check")}
            </Button>
            <Popconfirm
              title={t("model.remove.sure")}
              okText={t("model.remove")}
              onConfirm={() => remove.mutate()}
            >
              <Button danger loading={remove.isPending}>
                {t("model.remove")}
              </Button>
            </Popconfirm>
          </>
        )}
      </div>
      {failed && <ErrorNotice error={failed} />}
      {check.data && (
        <Alert showIcon role="status" type={check.data.ok ? "success" : "error"} title={check.data[locale]} />
      )}
    </>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <span className="muted">{label}</span>
      {children}
    </div>
  );
}

function UsageTable({ rows, currency }: { rows: readonly Usage[]; currency: string }) {
  const { t, has } = useI18n();
  const format = useFormat();
  const word = (what: string) =>
    has(`model.what.${what}`) ? t(`model.what.${what}` as "model.what.check") : what;
  const columns: Column<Usage>[] = [
    { key: "day", title: t("model.usage.day"), lead: true, render: (row) => row.day },
    { key: "what", title: t("model.usage.what"), render: (row) => word(row.what) },
    {
      key: "calls",
      title: t("model.usage.calls"),
      align: "end",
      render: (row) => `${format.count(row.calls)} (${format.count(row.failures)})`,
    },
    {
      key: "tokens",
      title: t("model.usage.tokens"),
      align: "end",
      render: (row) => `${format.count(row.tokens_in)} / ${format.count(row.tokens_out)}`,
    },
    {
      key: "cost",
      title: t("model.usage.cost"),
      align: "end",
      render: (row) => `${Number(row.cost).toFixed(4)} ${currency}`,
    },
  ];
  return (
    <section>
      <h3 className={styles.modelUsage}>{t("model.usage")}</h3>
      <DataTable
        label={t("model.usage")}
        columns={columns}
        rows={rows}
        rowKey={(row) => `${row.day} ${row.what}`}
        empty={null}
      />
    </section>
  );
}
