// Reports rejected promises that are still unhandled when all microtasks have run.
(host) => {
    const pending = new Map(),
        ignored = new WeakSet();

    host.rejection = (promise, reason, handled) => {
        if (handled) { pending.delete(promise); }
        else if (!ignored.has(promise)) { pending.set(promise, reason); }
    };

    // Does not report a promise that the script did not ask for, but still reports promises derived from it.
    host.ignoreRejection = (promise) => {
        ignored.add(promise);
        pending.delete(promise);

        return promise;
    };

    function asError (reason) {
        if (reason instanceof Error) { return reason; }

        const error = new Error('This error originated either by throwing inside of an async function without a ' +
            'catch block, or by rejecting a promise which was not handled with .catch(). ' +
            `The promise rejected with the reason "${String(reason?.message ?? reason)}".`);

        error.name = 'UnhandledPromiseRejection';

        return error;
    }

    host.reportRejections = () => {
        if (!pending.size) { return false; }

        const reasons = [...pending.values()];

        pending.clear();
        for (const reason of reasons) { host.uncaught(asError(reason)); }

        return true;
    };
}
