import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import {
  actOnComputed,
  type ComputedDetail,
  computedSpreadQuery,
  createComputed,
  deleteComputed,
  saveComputed,
} from "../../api/computed";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import styles from "./computed.module.css";
import { DefinitionEditor } from "./DefinitionEditor";
import { type Definition, emptyDefinition, isReady } from "./definition";
import { Lineage } from "./Lineage";
import { Spread } from "./Spread";
import { StateTag } from "./StateTag";
import { TrialPanel } from "./TrialPanel";

const KEY = /^[a-z][a-z0-9_]{0,39}$/;
const HOME = "/computed-attributes";

/** One attribute: words, definition, what it would give, and what is published. */
export function ComputedEditor({ computed }: { computed: ComputedDetail | null }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [key, setKey] = useState(computed?.key ?? "");
  const [name, setName] = useState(computed?.name ?? "");
  const [description, setDescription] = useState(computed?.description ?? "");
  const [definition, setDefinition] = useState<Definition>(
    () => (computed?.draft ?? computed?.definition ?? emptyDefinition("events")) as Definition,
  );
  const settle = () => queries.invalidateQueries({ queryKey: ["computed"] });
  const save = async () => {
    const words = { name: name.trim(), description: description.trim(), definition };
    return computed ? saveComputed(computed.id, words) : createComputed(key, words);
  };
  const publish = useMutation({
    mutationFn: async () => {
      const saved = await save();
      return saved.draft ? actOnComputed(saved.id, "publish") : saved;
    },
    onSettled: settle,
    onSuccess: (saved) => navigate(`${HOME}/${saved.id}`),
  });
  const keep = useMutation({
    mutationFn: save,
    onSettled: settle,
    onSuccess: (saved) => navigate(`${HOME}/${saved.id}`),
  });
  const ready = name.trim() !== "" && KEY.test(key) && isReady(definition);
  const error = publish.error ?? keep.error;
  return (
    <Page
      title={computed?.name ?? t("computed.create")}
      lead={computed?.attribute}
      back={{ to: HOME, label: t("nav.computed") }}
      actions={
        <>
          {computed && <Standing computed={computed} onDone={settle} />}
          <Button disabled={!ready} loading={keep.isPending} onClick={() => keep.mutate()}>
            {t("computed.saveDraft")}
          </Button>
          <Button
            type="primary"
            disabled={!ready}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
          >
            {t("computed.publish")}
          </Button>
        </>
      }
    >
      {error && <ErrorNotice error={error} />}
      <div className={styles.editor}>
        <div className={styles.main}>
          <Panel>
            <div className={styles.naming}>
              <Input
                value={name}
                maxLength={60}
                aria-label={t("computed.name")}
                placeholder={t("computed.name")}
                onChange={(event) => setName(event.target.value)}
              />
              {!computed && (
                <Input
                  value={key}
                  maxLength={40}
                  addonBefore="computed."
                  status={key && !KEY.test(key) ? "error" : undefined}
                  aria-label={t("computed.key")}
                  placeholder="orders_90d"
                  onChange={(event) => setKey(event.target.value.toLowerCase())}
                />
              )}
              <Input
                value={description}
                maxLength={300}
                aria-label={t("computed.description")}
                placeholder={t("computed.description")}
                onChange={(event) => setDescription(event.target.value)}
              />
            </div>
            <DefinitionEditor
              definition={definition}
              attributeKey={computed?.key ?? null}
              onChange={setDefinition}
            />
          </Panel>
          {computed && computed.version > 0 && <Published computed={computed} />}
        </div>
        <TrialPanel definition={definition} attributeKey={computed?.key ?? null} />
      </div>
    </Page>
  );
}

function Published({ computed }: { computed: ComputedDetail }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(computedSpreadQuery(computed.id, computed.as_of));
  return (
    <>
      <Panel title={t("computed.spread")} extra={<StateTag computed={computed} />} testId="computed-spread">
        {error && <ErrorNotice error={error} onRetry={refetch} />}
        {data && <Spread spread={data} />}
      </Panel>
      <Lineage computed={computed} />
    </>
  );
}

function Standing({ computed, onDone }: { computed: ComputedDetail; onDone: () => void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: (action: "pause" | "resume") => actOnComputed(computed.id, action),
    onSettled: onDone,
  });
  const remove = useMutation({
    mutationFn: () => deleteComputed(computed.id),
    onSuccess: () => {
      onDone();
      navigate(HOME);
    },
  });
  const error = act.error ?? remove.error;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {computed.state !== "draft" && (
        <Button
          loading={act.isPending}
          onClick={() => act.mutate(computed.state === "paused" ? "resume" : "pause")}
        >
          {t(computed.state === "paused" ? "computed.resume" : "computed.pause")}
        </Button>
      )}
      <Popconfirm
        title={t("computed.deleteAsk", { name: computed.name })}
        okText={t("computed.delete")}
        onConfirm={() => remove.mutate()}
      >
        <Button danger loading={remove.isPending}>
          {t("computed.delete")}
        </Button>
      </Popconfirm>
    </>
  );
}
