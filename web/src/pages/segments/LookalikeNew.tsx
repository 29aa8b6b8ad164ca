import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { createLookalike } from "../../api/lookalike";
import type { Segment } from "../../api/types";
import { useI18n } from "../../i18n";
import { LookalikeButton } from "./LookalikeForm";

/** From a segment to a list of the people most like it. */
export function LookalikeNew({ segment }: { segment: Segment }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <LookalikeButton
      label={t("lookalike.new")}
      name={t("lookalike.name", { name: segment.name }).slice(0, 100)}
      search={{ seed: segment.id, share_bps: 500, exclude: [], withdrawn: [] }}
      send={(search, name) => createLookalike(name, search)}
      onDone={(made) => {
        queries.invalidateQueries({ queryKey: ["segments"] });
        navigate(`/segments/${made.list.segment.id}`);
      }}
    />
  );
}
