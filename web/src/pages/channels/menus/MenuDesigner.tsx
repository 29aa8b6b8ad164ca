import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Popconfirm, Button as Press } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { deleteMenu, publishMenu, saveMenu, withdrawMenu } from "../../../api/channels";
import type { Menu, MenuDraft } from "../../../api/types";
import { useNow, useZone } from "../../../app/session";
import { formatMoment } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import type { TabProps } from "../ChannelPage";
import shared from "../channels.module.css";
import { Field } from "../content/Field";
import { PhonePreview } from "../content/PhonePreview";
import { ButtonForm } from "./ButtonForm";
import { MatchForm } from "./MatchForm";
import { MenuBar } from "./MenuBar";
import {
  buttonAt,
  emptyButton,
  firstProblem,
  type Place,
  placeKey,
  placeOfKey,
  placesOf,
  problemsOf,
  refusalsOf,
  withButton,
  withMoved,
  withoutButton,
  withSub,
  writeButtons,
} from "./menu";
import styles from "./menus.module.css";

interface MenuDesignerProps extends TabProps {
  /** The menu that is kept; without one the draft is new. */
  menu: Menu | null;
  initial: MenuDraft;
  isRestored: boolean;
  onSaved: (menu: Menu) => void;
  onDeleted: () => void;
}

type Step = "save" | "publish";

/** Drawing one menu: the phone shows it, a tap on a button opens its form. */
export function MenuDesigner(props: MenuDesignerProps) {
  const { account, menu, initial, isRestored, onSaved } = props;
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<MenuDraft>(initial);
  const [chosen, setChosen] = useState<Place>([0]);
  const [strict, setStrict] = useState(false);
  const [isDirty, setDirty] = useState(isRestored);
  const act = useMutation({
    mutationFn: async (step: Step) => {
      const kept =
        menu && !isDirty ? menu : await saveMenu(account.id, menu?.id ?? null, writtenDraft(draft));
      return step === "publish" ? publishMenu(account.id, kept.id).catch((error) => fail(error, kept)) : kept;
    },
    onSuccess: () => setDirty(false),
    onError: (error) => {
      const [first] = refusalsOf(error).byPlace.keys();
      if (first !== undefined) setChosen(placeOfKey(first));
    },
    onSettled: async (saved, error) => {
      await queries.invalidateQueries({ queryKey: ["menus", account.id] });
      const kept = saved ?? (error instanceof PublishFailed ? error.kept : undefined);
      if (kept) onSaved(kept);
    },
  });
  const error = act.error instanceof PublishFailed ? act.error.refusal : act.error;
  const refusals = refusalsOf(error);
  const change = (part: Partial<MenuDraft>) => {
    if (act.error) act.reset();
    setDirty(true);
    setDraft({ ...draft, ...part });
  };
  const run = (step: Step) => {
    setStrict(true);
    const bad = firstProblem(draft.buttons);
    if (bad) setChosen(bad);
    else if (draft.name.trim() && (draft.match === null || hasMatch(draft))) act.mutate(step);
  };
  return (
    <Panel
      testId="menu-designer"
      title={<Status menu={menu} isDirty={isDirty} />}
      extra={<Tools {...props} isBusy={act.isPending} step={act.variables} onRun={run} />}
    >
      {refusals.rest && <ErrorNotice error={refusals.rest} />}
      <div className={styles.designer}>
        <PhonePreview
          title={account.name || account.app_id}
          contents={[]}
          foot={
            <MenuBar
              buttons={draft.buttons}
              chosen={chosen}
              bad={badPlaces(draft, refusals.byPlace, strict)}
              onChoose={setChosen}
              onAdd={() => {
                change({ buttons: [...draft.buttons, emptyButton()] });
                setChosen([draft.buttons.length]);
              }}
              onAddSub={(top) => {
                const buttons = withSub(draft.buttons, top);
                change({ buttons });
                setChosen([top, (buttons[top]?.sub_buttons?.length ?? 1) - 1]);
              }}
            />
          }
        />
        <div className={styles.side}>
          <Field label={t("menu.menuName")} problem={strict && !draft.name.trim() && t("menu.problem.name")}>
            {(id) => (
              <Input
                id={id}
                value={draft.name}
                maxLength={60}
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </Field>
          {draft.match && (
            <MatchForm
              account={account}
              match={draft.match}
              problem={strict && !hasMatch(draft) ? t("menu.problem.match") : ""}
              onChange={(match) => change({ match })}
            />
          )}
          <ChosenForm
            accountId={account.id}
            draft={draft}
            place={chosen}
            refusal={refusals.byPlace.get(placeKey(chosen))}
            strict={strict}
            onChange={change}
            onChoose={setChosen}
          />
          {menu && !isDirty && <Unanswered account={account} keys={menu.unanswered_keys} />}
        </div>
      </div>
    </Panel>
  );
}

/** The draft was kept, and then WeChat refused to publish it: both have to be known. */
class PublishFailed extends Error {
  constructor(
    readonly refusal: Error,
    readonly kept: Menu,
  ) {
    super(refusal.message);
  }
}

function fail(error: unknown, kept: Menu): never {
  throw error instanceof Error ? new PublishFailed(error, kept) : error;
}

function writtenDraft({ name, buttons, match }: MenuDraft): MenuDraft {
  return { name: name.trim(), buttons: writeButtons(buttons), match };
}

function hasMatch({ match }: MenuDraft): boolean {
  return match !== null && (match.tag_id != null || match.client_platform != null);
}

function badPlaces(
  draft: MenuDraft,
  refusals: ReadonlyMap<string, string>,
  strict: boolean,
): ReadonlySet<string> {
  const wrong = placesOf(draft.buttons).filter((place) => {
    const button = buttonAt(draft.buttons, place);
    return strict && button && problemsOf(button, place).length > 0;
  });
  return new Set([...refusals.keys(), ...wrong.map(placeKey)]);
}

interface ChosenFormProps {
  accountId: string;
  draft: MenuDraft;
  place: Place;
  refusal: string | undefined;
  strict: boolean;
  onChange: (part: Partial<MenuDraft>) => void;
  onChoose: (place: Place) => void;
}

function ChosenForm({ accountId, draft, place, refusal, strict, onChange, onChoose }: ChosenFormProps) {
  const { t } = useI18n();
  const button = buttonAt(draft.buttons, place);
  if (!button) return null;
  const siblings =
    place.length === 1 ? draft.buttons.length : (draft.buttons[place[0]]?.sub_buttons?.length ?? 0);
  const problems = strict ? problemsOf(button, place).map((key) => t(key)) : [];
  return (
    <ButtonForm
      accountId={accountId}
      button={button}
      place={place}
      siblings={siblings}
      problem={refusal ?? problems.join(" ")}
      onChange={(next) => onChange({ buttons: withButton(draft.buttons, place, next) })}
      onMove={(by) => {
        onChange({ buttons: withMoved(draft.buttons, place, by) });
        onChoose(place.length === 1 ? [place[0] + by] : [place[0], place[1] + by]);
      }}
      onRemove={() => {
        onChange({ buttons: withoutButton(draft.buttons, place) });
        onChoose(place.length === 1 ? [0] : [place[0]]);
      }}
    />
  );
}

function Status({ menu, isDirty }: { menu: Menu | null; isDirty: boolean }) {
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow(60_000);
  return (
    <span className={shared.title}>
      {menu?.name ?? t("menu.unsaved")}
      {menu?.is_published && menu.published_at ? (
        <Tag tone="jade">{t("menu.publishedAt", { at: formatMoment(menu.published_at, now, zone) })}</Tag>
      ) : (
        <Tag>{t("menu.notPublished")}</Tag>
      )}
      {menu?.has_changes && !isDirty && <Tag tone="amber">{t("menu.hasChanges")}</Tag>}
      {isDirty && <Tag tone="amber">{t("menu.dirty")}</Tag>}
    </span>
  );
}

interface ToolsProps extends MenuDesignerProps {
  isBusy: boolean;
  step: Step | undefined;
  onRun: (step: Step) => void;
}

function Tools({ account, menu, isBusy, step, onRun, onDeleted }: ToolsProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: async (what: "withdraw" | "delete") => {
      if (!menu) return;
      await (what === "withdraw" ? withdrawMenu(account.id, menu.id) : deleteMenu(account.id, menu.id));
    },
    onSuccess: (_, what) => what === "delete" && onDeleted(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["menus", account.id] }),
  });
  const ending = menu?.is_published ? "withdraw" : "delete";
  const scope = menu?.match ? "" : "Default";
  return (
    <span className={shared.rowTools}>
      {end.error && <ErrorNotice error={end.error} />}
      {menu && (
        <Popconfirm
          title={t(ending === "withdraw" ? `menu.withdraw${scope}.ask` : "menu.delete.ask")}
          okText={t(`menu.${ending}`)}
          onConfirm={() => end.mutate(ending)}
        >
          <Press size="small" danger loading={end.isPending}>
            {t(`menu.${ending}`)}
          </Press>
        </Popconfirm>
      )}
      <Press size="small" loading={isBusy && step === "save"} onClick={() => onRun("save")}>
        {t("menu.saveDraft")}
      </Press>
      <Popconfirm title={t("menu.publish.ask")} okText={t("menu.publish")} onConfirm={() => onRun("publish")}>
        <Press size="small" type="primary" loading={isBusy && step === "publish"}>
          {t("menu.publish")}
        </Press>
      </Popconfirm>
    </span>
  );
}

/** Keys a tap sends that nothing answers to: the person would hear nothing. */
function Unanswered({ account, keys }: TabProps & { keys: readonly string[] }) {
  const { t } = useI18n();
  if (keys.length === 0) return null;
  return (
    <p role="note" className={styles.unanswered}>
      {t("menu.unanswered", { keys: keys.join(" / "), n: keys.length })}{" "}
      <Link to={`/channels/${account.id}?tab=replies`}>{t("menu.unanswered.link")}</Link>
    </p>
  );
}
