// What the Rust library `tokenizers` says about a list of questions.
//   node oracle.mjs NODE_MODULES QUESTIONS.json ANSWERS.json
// QUESTIONS: {"tokenizer": path of a tokenizer.json, "encode": [{"text", "addSpecialTokens"}], "decode": [{"ids", "skipSpecialTokens"}]}
// ANSWERS:   {"encode": [[id, …], …], "decode": [text, …]}
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const [modules, questionsFile, answersFile] = process.argv.slice(2);
const { Tokenizer } = createRequire(modules + "/")("tokenizers");
const questions = JSON.parse(readFileSync(questionsFile, "utf8"));
const tokenizer = Tokenizer.fromFile(questions.tokenizer);
const answers = { encode: [], decode: [] };
for (const { text, addSpecialTokens } of questions.encode) {
  answers.encode.push((await tokenizer.encode(text, null, { addSpecialTokens })).getIds());
}
for (const { ids, skipSpecialTokens } of questions.decode) {
  answers.decode.push(await tokenizer.decode(ids, skipSpecialTokens));
}
writeFileSync(answersFile, JSON.stringify(answers));
