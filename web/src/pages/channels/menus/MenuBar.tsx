import { MenuOutlined, PlusOutlined } from "@ant-design/icons";
import type { MenuButton } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { BUTTONS_MAX, isOpener, type Place, placeKey, SUB_BUTTONS_MAX } from "./menu";
import styles from "./menus.module.css";

interface MenuBarProps {
  buttons: readonly MenuButton[];
  /** Which one is being changed; its column stands open. */
  chosen?: Place;
  onChoose?: (place: Place) => void;
  onAdd?: () => void;
  onAddSub?: (top: number) => void;
  /** The buttons with something wrong. */
  bad?: ReadonlySet<string>;
}

/** The bar at the foot of a conversation, with the open column above it: each button can be chosen. */
export function MenuBar({ buttons, chosen, onChoose, onAdd, onAddSub, bad }: MenuBarProps) {
  const { t } = useI18n();
  const open = chosen?.[0];
  return (
    <fieldset className={styles.bar} aria-label={t("menu.bar")}>
      {buttons.map((button, top) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a button has no name but its place.
        <div key={top} className={styles.column}>
          {open === top && (isOpener(button) || onAddSub) && (
            <ul className={styles.subs}>
              {(button.sub_buttons ?? []).map((sub, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a button has no name but its place.
                <li key={at}>
                  <BarButton
                    button={sub}
                    place={[top, at]}
                    isChosen={chosen?.length === 2 && chosen[1] === at}
                    isBad={bad?.has(placeKey([top, at]))}
                    onChoose={onChoose}
                  />
                </li>
              ))}
              {onAddSub && (button.sub_buttons ?? []).length < SUB_BUTTONS_MAX && (
                <li>
                  <button
                    type="button"
                    className={styles.adder}
                    aria-label={t("menu.addSub", { name: button.name || "…" })}
                    onClick={() => onAddSub(top)}
                  >
                    <PlusOutlined aria-hidden />
                  </button>
                </li>
              )}
            </ul>
          )}
          <BarButton
            button={button}
            place={[top]}
            isChosen={chosen?.length === 1 && open === top}
            isBad={bad?.has(placeKey([top]))}
            onChoose={onChoose}
          />
        </div>
      ))}
      {onAdd && buttons.length < BUTTONS_MAX && (
        <div className={styles.column}>
          <button type="button" className={styles.adder} aria-label={t("menu.add")} onClick={onAdd}>
            <PlusOutlined aria-hidden />
          </button>
        </div>
      )}
    </fieldset>
  );
}

interface BarButtonProps {
  button: MenuButton;
  place: Place;
  isChosen: boolean;
  isBad?: boolean;
  onChoose?: (place: Place) => void;
}

function BarButton({ button, place, isChosen, isBad, onChoose }: BarButtonProps) {
  const { t } = useI18n();
  const label = button.name || t("menu.unnamed");
  const content = (
    <>
      {isOpener(button) && <MenuOutlined aria-hidden className={styles.opener} />}
      <span>{label}</span>
      {isBad && (
        <span className={styles.bad} role="img" aria-label={t("menu.hasProblem")}>
          !
        </span>
      )}
    </>
  );
  if (!onChoose) return <span className={styles.button}>{content}</span>;
  return (
    <button
      type="button"
      className={`${styles.button} ${isChosen ? styles.chosen : ""}`}
      aria-pressed={isChosen}
      onClick={() => onChoose(place)}
    >
      {content}
    </button>
  );
}
