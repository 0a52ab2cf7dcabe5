// Lazy properties. Postman's bundle creates a dozen objects for each script, and most scripts read two or three of
// them: each is created when a script first reads it.
(host) => {
    const define = Object.defineProperty,
        describe = Object.getOwnPropertyDescriptor,
        steps = new WeakMap(), // getter of a lazy property -> functions to call with its value once it is created
        SCOPES = ['environment', 'collectionVariables', 'globals'],
        // Name in `pm` -> name in the bundle's execution.
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

    // Defines a lazy property, whose value `create` returns.
    host.defer = (object, name, create) => {
        const then = [];

        function set (value) {
            define(object, name, { value, configurable: true, enumerable: true, writable: true });
        }

        function get () {
            const value = create();

            set(value);
            for (const step of then) { step(value); }

            return value;
        }

        steps.set(get, then);
        define(object, name, { get, set, configurable: true, enumerable: true });
    };

    // Calls `step` with a property's value, if it has one: now, or as soon as a lazy property is created.
    host.onceCreated = (object, name, step) => {
        const then = stepsOf(object, name);

        if (then) { then.push(step); }
        else if (object[name]) { step(object[name]); }
    };

    // Defines the execution's objects as read-only properties of `pm`.
    host.expose = (pm, execution, hidden = []) => {
        for (const [name, source] of Object.entries(EXPOSED)) {
            if (hidden.includes(name) || (!stepsOf(execution, source) && execution[source] === undefined)) { continue; }
            let value;

            define(pm, name, { get: () => { return value ??= execution[source]; } });
        }
    };

    function createdValue (execution, name) {
        return stepsOf(execution, name) ? undefined : execution[name];
    }

    // The execution as a script left it, without the objects that the script did not touch.
    host.outcome = (execution) => {
        const { id, target, return: returned } = execution,
            outcome = { id, target, return: returned };

        for (const name of ['request', '_variables']) { outcome[name] = createdValue(execution, name); }
        for (const name of SCOPES) {
            const scope = createdValue(execution, name);

            if (scope?.mutations.count()) { outcome[name] = scope; }
        }

        return outcome;
    };
}
