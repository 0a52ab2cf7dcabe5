// Newman as a library in one warm process: a line on standard input is one run, a line on standard output its CPU seconds.
const newman = require('newman');
const readline = require('readline');

readline.createInterface({ input: process.stdin }).on('line', (path) => {
    const before = process.cpuUsage();
    newman.run({ collection: path }, (error, summary) => {
        const used = process.cpuUsage(before);
        const failed = error || summary.run.failures.length > 0 || summary.run.executions.length === 0;
        process.stdout.write(`${failed ? 'failed' : (used.user + used.system) / 1e6}\n`);
    });
});
