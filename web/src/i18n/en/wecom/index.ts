import { corps } from "./corps";
import { staff } from "./staff";

/** WeCom: one file for each area of the console. */
export const wecom = { ...corps, ...staff };
