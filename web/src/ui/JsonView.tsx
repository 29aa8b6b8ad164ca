import { Code } from "./Code";
import styles from "./JsonView.module.css";

export function JsonView({ value }: { value: unknown }) {
  return <Code className={styles.json} text={JSON.stringify(value, null, 2)} />;
}
