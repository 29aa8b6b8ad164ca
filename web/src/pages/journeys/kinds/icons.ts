/** The icon of each kind of step, apart from the forms: the overview shows icons, and must not load those. */

import {
  ApartmentOutlined,
  BranchesOutlined,
  CalendarOutlined,
  ClockCircleOutlined,
  EditOutlined,
  EyeOutlined,
  FlagOutlined,
  ForkOutlined,
  MessageOutlined,
  RetweetOutlined,
} from "@ant-design/icons";
import type { StepNode } from "../definition";

export const ICONS: Record<StepNode["kind"], typeof FlagOutlined> = {
  wait: ClockCircleOutlined,
  wait_until: CalendarOutlined,
  condition: BranchesOutlined,
  split: ApartmentOutlined,
  repeat: RetweetOutlined,
  send: MessageOutlined,
  update: EditOutlined,
  wait_event: EyeOutlined,
  random: ForkOutlined,
  end: FlagOutlined,
};
