import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import {
  changeLiveCode,
  createLiveCode,
  givableTagsQuery,
  type LiveCode,
  liveCodeQuery,
} from "../../../api/wecom/codes";
import { corpsQuery } from "../../../api/wecom/corps";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { Field } from "../../channels/content/Field";
import styles from "./codes.module.css";
import { type Draft, draftOf, dutyOf, emptyDraft, type Problem, problemsOf, withoutStrangers } from "./draft";
import { Members, PickPeople, usePeople } from "./Members";
import { PlaceField } from "./PlaceField";
import { Schedule, Times } from "./Schedule";

export default function CodeEditPage() {
  const { id = "" } = useParams();
  const known = useQuery({ ...liveCodeQuery(id), enabled: id !== "", refetchInterval: false });
  const corps = useQuery(corpsQuery);
  const error = known.error ?? corps.error;
  if (error && !known.data) return <ErrorNotice error={error} />;
  if (!corps.data || (id && !known.data)) return <PageSkeleton />;
  return <Editor key={id} code={known.data ?? null} corps={corps.data.items} />;
}

interface EditorProps {
  code: LiveCode | null;
  corps: readonly { id: string; name: string; corp_id: string }[];
}

function Editor({ code, corps }: EditorProps) {
  const { t } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const [corp, setCorp] = useState(code?.row.corp ?? corps[0]?.id ?? "");
  const [isExclusive, setExclusive] = useState(code?.is_exclusive ?? false);
  const [draft, setDraft] = useState<Draft>(() => (code ? draftOf(code.draft) : emptyDraft()));
  const [tried, setTried] = useState(false);
  const people = usePeople(corp);
  const save = useMutation({
    mutationFn: () => {
      const kept = { ...draft, name: draft.name.trim() };
      return code ? changeLiveCode(code.row.id, kept) : createLiveCode(corp, isExclusive, kept);
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["live-codes"] });
      go(`/codes/${saved.row.id}`);
    },
  });
  const problems = problemsOf(draft);
  const problem = (...kinds: Problem[]) => {
    const found = tried && kinds.find((kind) => problems.includes(kind));
    return found && t(`wecom.codes.problem.${found}`);
  };
  const change = (part: Partial<Draft>) => {
    if (save.error) save.reset();
    setDraft({ ...draft, ...part });
  };
  const submit = () => {
    setTried(true);
    if (problems.length === 0) save.mutate();
  };
  const chosen = people.filter((one) => draft.members.some((member) => member.userid === one.userid));
  return (
    <Page
      title={code ? t("wecom.codes.change") : t("wecom.codes.create")}
      back={{ to: code ? `/codes/${code.row.id}` : "/codes", label: code?.row.name ?? t("nav.liveCodes") }}
      actions={
        <Button type="primary" loading={save.isPending} onClick={submit}>
          {t("save")}
        </Button>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      <div className={styles.form} data-testid="live-code-form">
        <Panel title={t("wecom.codes.basic")}>
          <div className={styles.rows}>
            <Field label={t("wecom.codes.name")} problem={problem("name")}>
              {(field) => (
                <Input
                  id={field}
                  maxLength={60}
                  value={draft.name}
                  onChange={(event) => change({ name: event.target.value })}
                />
              )}
            </Field>
            {!code && (
              <Field label={t("wecom.codes.corp")}>
                {(field) => (
                  <Select
                    id={field}
                    value={corp}
                    onChange={(other) => {
                      setCorp(other);
                      setDraft({ ...emptyDraft(), name: draft.name });
                    }}
                    options={corps.map((one) => ({ value: one.id, label: one.name || one.corp_id }))}
                  />
                )}
              </Field>
            )}
            <Checkbox
              checked={isExclusive}
              disabled={code !== null}
              onChange={(event) => setExclusive(event.target.checked)}
            >
              {t("wecom.codes.exclusive")}
            </Checkbox>
            <Origins draft={draft} onChange={change} />
          </div>
        </Panel>
        <Panel title={t("wecom.codes.members")}>
          <div className={styles.rows}>
            <Segmented
              aria-label={t("wecom.codes.distribution")}
              value={draft.distribution}
              onChange={(distribution) => change({ distribution })}
              options={(["weighted", "sequential", "shared"] as const).map((value) => ({
                value,
                label: t(`wecom.codes.distribution.${value}`),
              }))}
              style={{ width: "fit-content" }}
            />
            <Members
              label={t("wecom.codes.members.add")}
              people={people}
              value={draft.members}
              onChange={(members) => change(withoutStrangers({ ...draft, members }))}
            />
            <Trouble text={problem("members", "membersMax")} />
          </div>
        </Panel>
        <Panel title={t("wecom.codes.duty")}>
          <Schedule people={chosen} value={dutyOf(draft)} onChange={(schedule) => change({ schedule })} />
          <Trouble text={problem("shift", "special")} />
        </Panel>
        <Panel title={t("wecom.codes.acceptance")}>
          <AcceptanceFields draft={draft} onChange={change} />
          <Trouble text={problem("windows")} />
        </Panel>
        <Panel title={t("wecom.codes.relief")}>
          <div className={styles.rows}>
            <Field label={t("wecom.codes.backup")}>
              {() => (
                <Members
                  label={t("wecom.codes.backup")}
                  people={people}
                  value={draft.backup}
                  onChange={(backup) => change({ backup })}
                />
              )}
            </Field>
            <Checkbox
              checked={draft.hard_cap}
              onChange={(event) => change({ hard_cap: event.target.checked })}
            >
              {t("wecom.codes.hardCap")}
            </Checkbox>
            <Field label={t("wecom.codes.keeper")} hint={t("wecom.codes.keeper.hint")}>
              {(field) => (
                <PickPeople
                  id={field}
                  label={t("wecom.codes.keeper")}
                  people={people}
                  value={draft.keeper ? [draft.keeper] : []}
                  onChange={(userids) => change({ keeper: userids.at(-1) ?? "" })}
                />
              )}
            </Field>
            <Field label={t("wecom.codes.fallback")} problem={problem("place")}>
              {() => (
                <PlaceField
                  label={t("wecom.codes.fallback")}
                  self={code?.row.id}
                  corp={corp}
                  value={draft.fallback}
                  onChange={(fallback) => change({ fallback })}
                />
              )}
            </Field>
          </div>
        </Panel>
        <Panel title={t("wecom.codes.given")}>
          <TagsField corp={corp} value={draft.tags} onChange={(tags) => change({ tags })} />
          <div className={styles.two}>
            <Field label={t("wecom.codes.remark")} hint={t("wecom.codes.remark.hint")}>
              {(field) => (
                <Input
                  id={field}
                  maxLength={16}
                  value={draft.remark_suffix}
                  onChange={(event) => change({ remark_suffix: event.target.value })}
                />
              )}
            </Field>
            <Field label={t("wecom.codes.description")}>
              {(field) => (
                <Input
                  id={field}
                  maxLength={150}
                  value={draft.description}
                  onChange={(event) => change({ description: event.target.value })}
                />
              )}
            </Field>
          </div>
        </Panel>
      </div>
    </Page>
  );
}

interface PartProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

interface TagsFieldProps {
  corp: string;
  value: readonly string[];
  onChange: (tags: string[]) => void;
}

function TagsField({ corp, value, onChange }: TagsFieldProps) {
  const { t } = useI18n();
  const { data } = useQuery(givableTagsQuery(corp));
  const options = (data?.groups ?? []).map((group) => ({
    label: group.name,
    options: group.tags.map((tag) => ({ value: tag.id, label: tag.name })),
  }));
  return (
    <Field label={t("wecom.codes.tags")}>
      {(field) => (
        <Select
          id={field}
          mode="multiple"
          maxCount={20}
          value={[...value]}
          onChange={onChange}
          showSearch={{ optionFilterProp: "label" }}
          options={options}
          style={{ width: "100%" }}
        />
      )}
    </Field>
  );
}

const ORIGINS = ["source", "campaign", "store"] as const;

function Origins({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  return (
    <div className={styles.two}>
      {ORIGINS.map((key) => (
        <Field key={key} label={t(`wecom.codes.${key}`)}>
          {(field) => (
            <Input
              id={field}
              maxLength={60}
              value={draft[key]}
              onChange={(event) => onChange({ [key]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <Field label={t("wecom.codes.endsAt")}>
        {(field) => (
          <Input
            id={field}
            type="datetime-local"
            value={draft.ends_at ? localTime(draft.ends_at) : ""}
            onChange={(event) =>
              onChange({ ends_at: event.target.value ? new Date(event.target.value).toISOString() : null })
            }
          />
        )}
      </Field>
    </div>
  );
}

/** An instant as the browser's date field wants it: in the reader's own zone. */
function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function AcceptanceFields({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  const windows = draft.accept_windows;
  return (
    <div className={styles.rows}>
      <Segmented
        aria-label={t("wecom.codes.acceptance")}
        value={draft.acceptance}
        onChange={(acceptance) => onChange({ acceptance })}
        options={(["always", "windows", "never"] as const).map((value) => ({
          value,
          label: t(`wecom.codes.acceptance.${value}`),
        }))}
        style={{ width: "fit-content" }}
      />
      {draft.acceptance === "windows" && (
        <>
          {windows.map((window, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: windows have no names.
            <div key={at} className={styles.row}>
              <Times
                value={window}
                onChange={(part) =>
                  onChange({
                    accept_windows: windows.map((one, index) => (index === at ? { ...one, ...part } : one)),
                  })
                }
              />
              <Button
                type="text"
                onClick={() => onChange({ accept_windows: windows.filter((_, index) => index !== at) })}
              >
                {t("wecom.codes.remove")}
              </Button>
            </div>
          ))}
          <Button
            style={{ width: "fit-content" }}
            onClick={() => onChange({ accept_windows: [...windows, { start: "09:00:00", end: "18:00:00" }] })}
          >
            {t("wecom.codes.windows.add")}
          </Button>
        </>
      )}
    </div>
  );
}

function Trouble({ text }: { text: string | false | undefined }) {
  return text ? (
    <small role="alert" style={{ color: "var(--red)" }}>
      {text}
    </small>
  ) : null;
}
