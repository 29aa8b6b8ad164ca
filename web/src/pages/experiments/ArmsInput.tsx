import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber } from "antd";
import type { Plan } from "../../api/experiments";
import { useI18n } from "../../i18n";
import styles from "./experiments.module.css";
import { basisPoints, percent } from "./words";

type Arms = Plan["arms"];
const LETTERS = "bcdefghij";

/** The control and its rivals, with their shares. */
export function ArmsInput({ arms, onChange }: { arms: Arms; onChange: (arms: Arms) => void }) {
  const { t } = useI18n();
  const change = (key: string, part: Partial<Arms[number]>) =>
    onChange(arms.map((arm) => (arm.key === key ? { ...arm, ...part } : arm)));
  const free = [...LETTERS].find((letter) => arms.every((arm) => arm.key !== letter));
  return (
    <div>
      {arms.map((arm, index) => (
        <div key={arm.key} className={styles.arm}>
          <Input
            aria-label={`${t("exp.arm.name")} ${index + 1}`}
            value={arm.name}
            maxLength={80}
            onChange={(event) => change(arm.key, { name: event.target.value })}
          />
          <InputNumber
            aria-label={`${t("exp.arm.share")} ${index + 1}`}
            min={0}
            max={100}
            value={percent(arm.weight_bps)}
            suffix="%"
            onChange={(share) => change(arm.key, { weight_bps: basisPoints(share ?? 0) })}
          />
          {index > 1 && (
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={`${t("exp.arm.remove")} ${index + 1}`}
              onClick={() => onChange(arms.filter((one) => one.key !== arm.key))}
            />
          )}
        </div>
      ))}
      {free && (
        <Button
          onClick={() =>
            onChange([...arms, { key: free, name: `${t("exp.arm.new")} ${arms.length}`, weight_bps: 0 }])
          }
        >
          {t("exp.arm.add")}
        </Button>
      )}
    </div>
  );
}
