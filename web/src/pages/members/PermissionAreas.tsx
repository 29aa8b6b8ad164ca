import { Checkbox } from "antd";
import type { RoleList } from "../../api/members";
import type { Permission } from "../../api/types";
import { useMay } from "../../app/session";
import { type MessageKey, useI18n } from "../../i18n";
import styles from "./members.module.css";

interface PermissionAreasProps {
  catalogue: RoleList["catalogue"];
  chosen: readonly Permission[];
  onChange: ((chosen: readonly Permission[]) => void) | null;
}

/** Every permission by part of the product; nobody gives what they lack, nor anything if `onChange` is missing. */
export function PermissionAreas({ catalogue, chosen, onChange }: PermissionAreasProps) {
  const { t } = useI18n();
  const may = useMay();
  const toggle = (one: Permission) =>
    onChange?.(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  return (
    <div className={styles.areas}>
      {catalogue.map(({ area, permissions }) => (
        <fieldset key={area} className={styles.area}>
          <legend>{t(`permissionArea.${area}` as MessageKey)}</legend>
          {permissions.map((one) => (
            <Checkbox
              key={one}
              checked={chosen.includes(one)}
              disabled={!onChange || !may(one)}
              onChange={() => toggle(one)}
            >
              {t(`permission.${one}` as MessageKey)}
            </Checkbox>
          ))}
        </fieldset>
      ))}
    </div>
  );
}
