/** Loaded before a test file: records which functions of instrumented sources the process and its children enter. */
const { writeFileSync } = require('node:fs');
const path = require('node:path');

const entered = new Set();
globalThis.recordScope = (id) => entered.add(id);
process.on('exit', () => {
  const file = path.join(process.env.RECORDS_FOLDER, `${process.pid}.json`);
  writeFileSync(file, JSON.stringify([...entered]));
});
