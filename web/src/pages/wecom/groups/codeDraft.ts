import type { GroupCode, GroupCodeDraft } from "../../../api/wecom/groups";

export type TargetDraft = GroupCodeDraft["targets"][number];
export type WayDraft = Extract<TargetDraft, { kind: "way" }>;
export type ImageDraft = Extract<TargetDraft, { kind: "image" }>;

const WEEK_MS = 7 * 86_400_000;

export const emptyWhere = () => ({ stores: [], segments: [], languages: [], sources: [] });

export const newWay = (): WayDraft => ({
  kind: "way",
  id: "",
  name: "",
  where: emptyWhere(),
  groups: [],
  auto_create: true,
  base_name: "",
  base_number: 1,
});

/** A group's own code lives seven days. */
export const newImage = (now: Date): ImageDraft => ({
  kind: "image",
  id: "",
  name: "",
  where: emptyWhere(),
  user_limit: 195,
  expires_at: new Date(now.getTime() + WEEK_MS).toISOString(),
  picture: "",
});

export const emptyCode = (): GroupCodeDraft => ({
  name: "",
  notice: "",
  targets: [newWay()],
  standby: { kind: "url", live_code: "", url: "", text: "" },
  capacity: 200,
  margin: 5,
  on_join: { tags: [], stage: "", campaign: "" },
});

/** A kept code as its editor has it. */
export function draftOf(code: GroupCode): GroupCodeDraft {
  const targets = code.targets.map(
    (one): TargetDraft =>
      one.kind === "way"
        ? {
            kind: "way",
            id: one.id,
            name: one.name,
            where: one.where,
            groups: one.groups ?? [],
            auto_create: one.auto_create ?? false,
            base_name: one.base_name ?? "",
            base_number: one.base_number || 1,
          }
        : {
            kind: "image",
            id: one.id,
            name: one.name,
            where: one.where,
            user_limit: one.user_limit || 195,
            expires_at: one.expires_at ?? "",
            picture: "",
          },
  );
  const { name, notice, standby, capacity, margin, on_join } = code;
  return { name, notice, targets, standby, capacity, margin, on_join };
}

/** Whether a draft can be sent; the server says what else is wrong with it. */
export function isReady(draft: GroupCodeDraft): boolean {
  const leads = draft.standby.kind === "url" ? draft.standby.url : draft.standby.live_code;
  return Boolean(
    draft.name.trim() && leads && draft.targets.length > 0 && draft.targets.every(isTargetReady),
  );
}

function isTargetReady(target: TargetDraft): boolean {
  if (!target.name.trim()) return false;
  if (target.kind === "way") {
    return target.groups.length > 0 && (!target.auto_create || Boolean(target.base_name?.trim()));
  }
  return Boolean(target.expires_at && (target.id || target.picture));
}
