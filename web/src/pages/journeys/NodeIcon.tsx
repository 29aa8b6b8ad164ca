import {
  BranchesOutlined,
  ClockCircleOutlined,
  EyeOutlined,
  FlagOutlined,
  ForkOutlined,
  LoginOutlined,
  MessageOutlined,
  QuestionCircleOutlined,
} from "@ant-design/icons";

const ICONS: Record<string, typeof FlagOutlined> = {
  entry: LoginOutlined,
  wait: ClockCircleOutlined,
  condition: BranchesOutlined,
  send: MessageOutlined,
  wait_event: EyeOutlined,
  random: ForkOutlined,
  end: FlagOutlined,
};

export function NodeIcon({ kind }: { kind: string }) {
  const Icon = ICONS[kind] ?? QuestionCircleOutlined;
  return <Icon aria-hidden style={{ color: "var(--ink-3)" }} />;
}
