import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { menusQuery, pullMenus } from "../../../api/channels";
import type { Menu, MenuDraft } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Dot } from "../../../ui/Tag";
import { useSearchState } from "../../../ui/useSearchState";
import type { TabProps } from "../ChannelPage";
import shared from "../channels.module.css";
import { History } from "./History";
import { MenuDesigner } from "./MenuDesigner";
import { emptyMenu } from "./menu";
import styles from "./menus.module.css";
import { WhoSees } from "./WhoSees";

/** A draft nobody has saved yet: of the default menu, or of a conditional one. */
const NEW_DEFAULT = "new";
const NEW_CONDITIONAL = "new-conditional";

export default function MenusTab({ account }: TabProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...menusQuery(account.id), refetchOnWindowFocus: false });
  const [wanted, setWanted] = useSearchState("menu");
  const [restored, setRestored] = useState<MenuDraft | null>(null);
  // Another sheet of paper: the designer starts over. Saving a new menu gives it an id, but not a new sheet.
  const [sheet, setSheet] = useState(0);
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton />;
  const hasDefault = data.items.some((menu) => menu.match === null);
  const open = data.items.find((menu) => menu.id === wanted) ?? (isNew(wanted) ? undefined : data.items[0]);
  const choose = (id: string, draft: MenuDraft | null = null) => {
    setRestored(draft);
    setWanted(id);
    setSheet(sheet + 1);
  };
  const startOver = () => choose("");
  if (!open && !isNew(wanted)) {
    return <NoMenu account={account} onDraw={() => choose(NEW_DEFAULT)} onPulled={startOver} />;
  }
  const fresh = emptyMenu(
    t(wanted === NEW_CONDITIONAL ? "menu.conditional" : "menu.default"),
    wanted === NEW_CONDITIONAL ? { tag_id: null, client_platform: null } : null,
  );
  return (
    <div className={shared.stack}>
      <div className={styles.chooser}>
        <MenuChooser menus={data.items} chosen={open?.id ?? wanted} onChoose={choose} />
        {hasDefault && (
          <Button size="small" onClick={() => choose(NEW_CONDITIONAL)}>
            {t("menu.newConditional")}
          </Button>
        )}
        <Pull account={account} onPulled={startOver} />
      </div>
      <MenuDesigner
        key={sheet}
        account={account}
        menu={open ?? null}
        initial={restored ?? open ?? fresh}
        isRestored={restored !== null}
        onSaved={(saved) => setWanted(saved.id)}
        onDeleted={startOver}
      />
      <WhoSees account={account} />
      <History
        account={account}
        onRestore={(publication) => {
          const menu = data.items.find((each) => each.id === publication.menu_id);
          choose(menu?.id ?? (publication.match ? NEW_CONDITIONAL : NEW_DEFAULT), publication);
          scrollTo({ top: 0 });
        }}
      />
    </div>
  );
}

function isNew(wanted: string): boolean {
  return wanted === NEW_DEFAULT || wanted === NEW_CONDITIONAL;
}

interface MenuChooserProps {
  menus: readonly Menu[];
  chosen: string;
  onChoose: (id: string) => void;
}

function MenuChooser({ menus, chosen, onChoose }: MenuChooserProps) {
  const { t } = useI18n();
  return (
    <ul className={styles.menus} aria-label={t("channel.tab.menus")}>
      {menus.map((menu) => (
        <li key={menu.id}>
          <button
            type="button"
            aria-pressed={menu.id === chosen}
            className={menu.id === chosen ? styles.current : ""}
            onClick={() => onChoose(menu.id)}
          >
            <Dot tone={menu.is_published ? (menu.has_changes ? "amber" : "jade") : "plain"} /> {menu.name}
          </button>
        </li>
      ))}
      {isNew(chosen) && (
        <li>
          <button type="button" aria-pressed className={styles.current}>
            <Dot /> {t("menu.unsaved")}
          </button>
        </li>
      )}
    </ul>
  );
}

function NoMenu({ account, onDraw, onPulled }: PullProps & { onDraw: () => void }) {
  const { t } = useI18n();
  return (
    <Panel>
      <EmptyState
        title={t("menu.empty")}
        action={
          <span className={shared.rowTools}>
            <Button type="primary" onClick={onDraw}>
              {t("menu.draw")}
            </Button>
            <Pull account={account} onPulled={onPulled} />
          </span>
        }
      >
        {t("menu.empty.text")}
      </EmptyState>
    </Panel>
  );
}

interface PullProps extends TabProps {
  onPulled: () => void;
}

/** Menus made elsewhere come over from WeChat. */
function Pull({ account, onPulled }: PullProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const pull = useMutation({
    mutationFn: () => pullMenus(account.id),
    onSuccess: async ({ taken }) => {
      await queries.invalidateQueries({ queryKey: ["menus", account.id] });
      if (taken > 0) onPulled();
    },
  });
  return (
    <>
      <Button size="small" loading={pull.isPending} onClick={() => pull.mutate()}>
        {t("menu.pull")}
      </Button>
      <span role="status" className="muted">
        {pull.data && t("menu.pulled", { count: pull.data.taken, n: pull.data.taken })}
      </span>
      {pull.error && <ErrorNotice error={pull.error} />}
    </>
  );
}
