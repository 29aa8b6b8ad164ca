import { domain } from "./domain";
import { pages } from "./pages";
import { shell } from "./shell";

export const zh = { ...shell, ...pages, ...domain };

export type MessageKey = keyof typeof zh;
