// The event emitter that Postman's bundle finds as `bridge`, with Python at its other end.
(host) => {
    const { parse, stringify } = JSON,
        send = host.send,
        // The bundle sends these events twice: under this name, and again under a name with the execution's id.
        DUPLICATE = /^execution\.(?:assertion|error)\./,
        RESULT = /^execution\.result\./,
        RESPONSE = /^execution\.(?:response|run_collection_request_response)\./,
        // `pm.require` looks up the name of any package here.
        NO_PACKAGES = new Proxy({}, {
            get () { return { error: 'packages cannot be loaded here; require() has the built-in modules' }; }
        });

    let listeners = Object.create(null),
        uncaught = false;

    const bridge = {
        on (name, listener) {
            if (typeof listener === 'function') { (listeners[name] ||= []).push(listener); }
        },

        once (name, listener) {
            const once = (...args) => {
                bridge.off(name, once);
                listener.apply(bridge, args);
            };

            bridge.on(name, once);
        },

        off (name, listener) {
            const kept = listener ? bridge.listeners(name).filter((other) => { return other !== listener; }) : [];

            if (kept.length) { listeners[name] = kept; }
            else { delete listeners[name]; }
        },

        listeners (name) {
            return listeners[name] || [];
        },

        emit (name, ...args) {
            for (const listener of bridge.listeners(name).slice()) { listener.apply(bridge, args); }
        },

        dispatch (name, ...args) {
            if (DUPLICATE.test(name)) { return; }
            if (RESULT.test(name)) { args = [host.describe(args[0]), host.outcome(args[1])]; }
            if (name === 'execution.error') { args = [args[0], host.describe(args[1]), uncaught]; }
            send(serialize([name, ...args]));
        }
    };

    // Newman drops the message of a request's error. Here scripts can read it, but the console does not print it.
    function withHiddenMessage (error) {
        if (!error) { return error; }
        const { message, ...rest } = error;

        return Object.setPrototypeOf(rest, Object.create(Object.prototype, { message: { value: message } }));
    }

    function withoutCycles () {
        const parents = [];

        return function (key, value) {
            if (typeof value !== 'object' || value === null) { return value; }
            while (parents.length && parents[parents.length - 1] !== this) { parents.pop(); }
            if (parents.includes(value)) { return '[Circular]'; }
            parents.push(value);

            return value;
        };
    }

    function serialize (message) {
        try { return stringify(message); }
        catch (error) {
            if (!/circular/.test(error.message)) { throw error; }

            return stringify(message, withoutCycles());
        }
    }

    // Reports an error that was not caught to the running script, like Node's `uncaughtException`. When no script is
    // running, the bundle itself has failed and will not send a result.
    host.uncaught = (error) => {
        if (!bridge.listeners('uncaughtException').length) {
            send(stringify(['sandbox.failed', String(error?.message ?? 'out of memory')]));

            return;
        }
        uncaught = true;
        bridge.emit('uncaughtException', error);
        uncaught = false;
    };

    host.receive = (text) => {
        const [name, ...args] = parse(text);

        if (name === 'execute') {
            host.addSource(args[1].script?.exec ?? '');
            if (args[2].response) { args[2].response = host.responseFor(args[2].response); }
            args[3].resolvedPackages ??= NO_PACKAGES;
        }
        else if (RESPONSE.test(name)) {
            args[1] = withHiddenMessage(args[1]);
            args[2] = host.responseFor(args[2]);
        }
        bridge.emit(name, ...args);
    };

    globalThis.bridge = bridge;
}
