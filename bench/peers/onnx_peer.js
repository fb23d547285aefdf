// ONNX Runtime in a process of its own.
//
// usage: node onnx_peer.js NODE_MODULES MODEL.onnx ROWS.f32 COLUMNS BATCH
//
// Prints the version; then answers each line "score" by the seconds of
// processor time that scoring all rows took, in batches, on one thread, and
// each line "first" by the first row's score.

const fs = require('fs');
const path = require('path');
const readline = require('readline');

const [modules, model, rows, columns, batch] = process.argv.slice(2);
const where = path.join(modules, 'onnxruntime-node');
const ort = require(where);

async function main() {
  const bytes = fs.readFileSync(rows);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset,
    bytes.length / 4);
  const session = await ort.InferenceSession.create(model,
    {intraOpNumThreads: 1, interOpNumThreads: 1});
  const step = batch * columns;

  async function score() {
    let first;
    for (let start = 0; start < values.length; start += step) {
      const part = values.subarray(start, start + step);
      const result = await session.run(
        {rows: new ort.Tensor('float32', part, [part.length / columns, +columns])});
      first = first ?? result.scores.data[0];
    }
    return first;
  }

  console.log(require(path.join(where, 'package.json')).version);
  for await (const line of readline.createInterface({input: process.stdin})) {
    const before = process.cpuUsage();
    const first = await score();
    const used = process.cpuUsage(before);
    console.log(line === 'first' ? first : (used.user + used.system) / 1e6);
  }
}

main();
