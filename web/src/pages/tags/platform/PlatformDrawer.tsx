import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import type { OwnTag } from "../../../api/personTags";
import { tagLinksQuery } from "../../../api/tagLinks";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import styles from "../../wecom/tags/tags.module.css";
import { LinkCard } from "./LinkCard";
import { NewLink } from "./NewLink";

/** The tags of platforms that are kept in step with one of ours. */
export function PlatformDrawer({ tag, onClose }: { tag: OwnTag; onClose: () => void }) {
  const { t } = useI18n();
  const may = useMay();
  const { data, error, refetch } = useQuery(tagLinksQuery);
  const links = data?.items.filter((link) => link.tag === tag.id) ?? [];
  const mayLink = may("people.write") && (may("channels.write") || may("wecom.write"));
  return (
    <Drawer open onClose={onClose} size={560} title={t("tagLinks.title", { name: tag.name })}>
      <div className={styles.stack} data-testid="tag-links">
        <p className="soft">{t("tagLinks.text")}</p>
        {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
        {!data && !error && <PanelSkeleton />}
        {data && links.length === 0 && <p className="muted">{t("tagLinks.none")}</p>}
        {links.map((link) => (
          <LinkCard key={link.id} link={link} />
        ))}
        {data && mayLink && <NewLink tag={tag} linked={links.map((link) => link.account)} />}
      </div>
    </Drawer>
  );
}
