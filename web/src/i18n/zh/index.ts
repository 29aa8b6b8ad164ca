import { channels } from "./channels";
import { domain } from "./domain";
import { pages } from "./pages";
import { shell } from "./shell";

export const zh = { ...shell, ...pages, ...channels, ...domain };

export type MessageKey = keyof typeof zh;
