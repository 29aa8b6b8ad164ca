import { codes } from "./codes";
import { corps } from "./corps";
import { staff } from "./staff";
import { tags } from "./tags";
import { welcomes } from "./welcomes";

/** 企业微信: one file for each area of the console. */
export const wecom = { ...codes, ...corps, ...staff, ...tags, ...welcomes };
