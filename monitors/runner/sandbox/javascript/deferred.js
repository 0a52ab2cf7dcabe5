// What a script is handed but may never look at is made when it does: most look at two or three of the dozen objects
// that Postman's bundle makes for each.
(host) => {
    const define = Object.defineProperty,
        describe = Object.getOwnPropertyDescriptor,
        steps = new WeakMap(), // a deferred property's getter -> what is done to its value as soon as that is made
        SCOPES = ['environment', 'collectionVariables', 'globals'],
        // By the names of `pm` -> those of the bundle's execution.
        EXPOSED = {
            globals: 'globals',
            environment: 'environment',
            collectionVariables: 'collectionVariables',
            variables: '_variables',
            iterationData: 'iterationData',
            request: 'request',
            response: 'response',
            message: 'message',
            cookies: 'cookies'
        };

    function stepsOf (object, name) {
        return steps.get(describe(object, name)?.get);
    }

    host.defer = (object, name, make) => {
        const then = [];

        function set (value) {
            define(object, name, { value, configurable: true, enumerable: true, writable: true });
        }

        function get () {
            const value = make();

            set(value);
            for (const step of then) { step(value); }

            return value;
        }

        steps.set(get, then);
        define(object, name, { get, set, configurable: true, enumerable: true });
    };

    // Does something to a property's value, if it has one: now, or as soon as that is made.
    host.onceMade = (object, name, step) => {
        const then = stepsOf(object, name);

        if (then) { then.push(step); }
        else if (object[name]) { step(object[name]); }
    };

    // The execution's objects as properties of `pm`, which a script cannot assign to.
    host.expose = (pm, execution, hidden = []) => {
        for (const [name, source] of Object.entries(EXPOSED)) {
            if (hidden.includes(name) || (!stepsOf(execution, source) && execution[source] === undefined)) { continue; }
            let value;

            define(pm, name, { get: () => { return value ??= execution[source]; } });
        }
    };

    function madeOf (execution, name) {
        return stepsOf(execution, name) ? undefined : execution[name];
    }

    // How a script left its execution, without what the runner sent and the script did not touch.
    host.outcome = (execution) => {
        const { id, target, return: returned } = execution,
            outcome = { id, target, return: returned };

        for (const name of ['request', '_variables']) { outcome[name] = madeOf(execution, name); }
        for (const name of SCOPES) {
            const scope = madeOf(execution, name);

            if (scope?.mutations.count()) { outcome[name] = scope; }
        }

        return outcome;
    };
}
