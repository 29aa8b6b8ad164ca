import { LoginOutlined, QuestionCircleOutlined } from "@ant-design/icons";
import { ICONS } from "./kinds/icons";

const KNOWN: Record<string, typeof LoginOutlined> = { entry: LoginOutlined, ...ICONS };

export function NodeIcon({ kind }: { kind: string }) {
  const Icon = KNOWN[kind] ?? QuestionCircleOutlined;
  return <Icon aria-hidden style={{ color: "var(--ink-3)" }} />;
}
