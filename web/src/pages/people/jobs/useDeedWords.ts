import { useQuery } from "@tanstack/react-query";
import type { PeopleJob } from "../../../api/peopleJobs";
import { tagBookQuery } from "../../../api/personTags";
import { journeysQuery, segmentsQuery } from "../../../api/queries";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { useAttributeWords } from "../../../ui/useAttributeWords";

interface AnyDeed {
  add?: string[];
  remove?: string[];
  key?: string;
  value?: unknown;
  segment?: string;
  put?: boolean;
  journey?: string;
}

/** What a job does, in words; whatever has gone since is called by its id. */
export function useDeedWords(): (job: PeopleJob) => string {
  const { t } = useI18n();
  const may = useMay();
  const words = useAttributeWords();
  const { data: tags } = useQuery(tagBookQuery);
  const { data: segments } = useQuery({ ...segmentsQuery, enabled: may("segments.read") });
  const { data: journeys } = useQuery({ ...journeysQuery, enabled: may("journeys.read") });
  const tagNames = new Map(tags?.groups.flatMap((group) => group.tags.map((tag) => [tag.id, tag.name])));
  const named = (ids: readonly string[]) => ids.map((id) => tagNames.get(id) ?? id).join("、");
  const nameIn = (items: readonly { id: string; name: string }[] | undefined, id = "") =>
    items?.find((one) => one.id === id)?.name ?? id;
  return (job) => {
    const deed = job.deed as AnyDeed;
    switch (job.kind) {
      case "list":
        return t(deed.put ? "peopleJobs.did.put" : "peopleJobs.did.take", {
          list: nameIn(segments?.items, deed.segment),
        });
      case "journey":
        return t("peopleJobs.did.journey", { journey: nameIn(journeys?.items, deed.journey) });
      case "attribute": {
        const key = deed.key ?? "";
        if (deed.value === null || deed.value === undefined) {
          return t("peopleJobs.did.clear", { key: words.name(key) });
        }
        return t("peopleJobs.did.set", { key: words.name(key), value: words.value(key, deed.value) });
      }
      default:
        return [
          deed.add?.length ? t("peopleJobs.did.add", { tags: named(deed.add) }) : "",
          deed.remove?.length ? t("peopleJobs.did.remove", { tags: named(deed.remove) }) : "",
        ]
          .filter(Boolean)
          .join("；");
    }
  };
}
