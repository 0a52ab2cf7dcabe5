// Runs collections with Newman, one after another, and prints what came of each.
// In: [{collection, environment, globals}, …] on standard input. Out: a list with one list of executions for each.
const newman = require("newman");

const scriptErrors = (execution) =>
  [...(execution.prerequestScript || []), ...(execution.testScript || [])].filter((script) => script.error);

// How a parser words what it did not expect is its own affair.
const words = ({ name, message }) => (name === "SyntaxError" ? name : `${name}: ${message}`);

const view = (execution) => ({
  item: execution.item.name,
  method: execution.request && execution.request.method,
  code: (execution.response && execution.response.code) || null,
  error: execution.requestError ? execution.requestError.code || null : null,
  scriptErrors: scriptErrors(execution).map((script) => words(script.error)),
  assertions: (execution.assertions || []).map((assertion) => [
    assertion.assertion,
    assertion.skipped ? "skipped" : assertion.error ? "failed" : "passed",
    assertion.error ? assertion.error.message : null,
  ]),
});

const run = (options) =>
  new Promise((resolve, reject) =>
    newman.run({ ...options, reporters: [], timeoutRequest: 3000 }, (error, summary) =>
      error ? reject(error) : resolve(summary.run.executions.map(view)),
    ),
  );

(async () => {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const results = [];
  for (const options of JSON.parse(Buffer.concat(chunks).toString())) results.push(await run(options));
  // Newman keeps files and connections open for a while that nobody waits for.
  process.stdout.write(JSON.stringify(results), () => process.exit(0));
})();
