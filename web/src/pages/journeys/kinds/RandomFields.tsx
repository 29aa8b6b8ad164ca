import { DeleteOutlined } from "@ant-design/icons";
import { Button, InputNumber } from "antd";
import { useI18n } from "../../../i18n";
import { addWay, type RandomNode, removeWay, shares, WAY_NAMES, type WayName } from "../definition";
import { Field } from "../fields";
import styles from "../journeys.module.css";
import type { FieldsProps } from "./looks";

const WAYS_MIN = 2;
const WEIGHT_MAX = 1_000;

/** One weight for each way, and the share of people that makes. */
export function RandomFields({ id, node, definition, onChange, onReshape }: FieldsProps<RandomNode>) {
  const { t } = useI18n();
  const share = shares(node);
  const weigh = (name: WayName, weight: number) =>
    onChange({ ...node, ways: node.ways.map((way) => (way.name === name ? { ...way, weight } : way)) });
  return (
    <Field label={t("journey.weights")} hint={t("journey.weights.hint")}>
      {node.ways.map(({ name, weight = 1 }, index) => {
        const way = t(`way.${name}`);
        return (
          <span key={name} className={styles.pair}>
            <InputNumber
              aria-label={t("journey.weightOf", { way })}
              addonBefore={way}
              min={1}
              max={WEIGHT_MAX}
              precision={0}
              value={weight}
              onChange={(next) => next !== null && weigh(name, next)}
              style={{ width: 150 }}
            />
            <span className="num">{share[index]}</span>
            {node.ways.length > WAYS_MIN && (
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined />}
                aria-label={t("journey.removeWay", { way })}
                onClick={() => onReshape(removeWay(definition, id, node, name))}
              />
            )}
          </span>
        );
      })}
      {node.ways.length < WAY_NAMES.length && (
        <Button
          type="link"
          size="small"
          onClick={() => onReshape(addWay(definition, id, node))}
          style={{ alignSelf: "start" }}
        >
          + {t("journey.addWay")}
        </Button>
      )}
    </Field>
  );
}
