// Promises that were rejected and that nobody handled by the time the microtasks had run.
(host) => {
    const pending = new Map(),
        unheard = new WeakSet();

    host.rejection = (promise, reason, handled) => {
        if (handled) { pending.delete(promise); }
        else if (!unheard.has(promise)) { pending.set(promise, reason); }
    };

    // A promise that a script did not ask for: only what the script makes of it counts.
    host.unheard = (promise) => {
        unheard.add(promise);
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
