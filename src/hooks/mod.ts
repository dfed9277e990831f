/** What others answer: data in, data out. Knows no operators. */
export { type Answer, answerBytesMax, type Call, callExternal } from "./external.ts"
