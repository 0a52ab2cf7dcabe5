// Functions for the other files to define globals, and to keep nothing but a few globals of core-js.
(host) => {
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty, deleteProperty } = Reflect,
        WANTED = ['URL', 'URLSearchParams', 'structuredClone'];

    // Kept here because the bundle's libraries replace it.
    host.keys = Object.keys;

    host.define = (globals) => {
        for (const name of Object.keys(globals)) {
            defineProperty(globalThis, name, {
                value: globals[name], configurable: true, enumerable: false, writable: true
            });
        }
    };

    function isObject (value) {
        return typeof value === 'function' || (typeof value === 'object' && value !== null);
    }

    function descriptors (object) {
        return new Map(ownKeys(object).map((key) => { return [key, getOwnPropertyDescriptor(object, key)]; }));
    }

    function reachable (object, properties) {
        const found = [getPrototypeOf(object)];

        for (const { value, get, set } of properties.values()) { found.push(value, get, set); }

        return found.filter(isObject);
    }

    // All built-in objects that scripts can reach: object -> its properties.
    function snapshot () {
        const seen = new Map(),
            open = [
                globalThis, getPrototypeOf(function * () { /* empty */ }), getPrototypeOf(async () => { /* empty */ }),
                getPrototypeOf(async function * () { /* empty */ }),
                ...[[], new Map(), new Set(), ''].map((list) => { return getPrototypeOf(list[Symbol.iterator]()); }),
                getPrototypeOf(''.matchAll(/x/g))
            ];

        while (open.length) {
            const object = open.pop();

            if (seen.has(object)) { continue; }
            const properties = descriptors(object);

            seen.set(object, properties);
            open.push(...reachable(object, properties));
        }

        return seen;
    }

    function changed (before, now) {
        return before.value !== now.value || before.get !== now.get || before.set !== now.set;
    }

    function restore (before) {
        for (const [object, properties] of before) {
            for (const key of ownKeys(object)) {
                if (!properties.has(key) && !(object === globalThis && WANTED.includes(key))) {
                    deleteProperty(object, key);
                }
            }
            for (const [key, property] of properties) {
                if (key !== 'lastIndex' && changed(property, getOwnPropertyDescriptor(object, key) || {})) {
                    defineProperty(object, key, property);
                }
            }
        }
    }

    // Calls `load`, then reverts all its changes except the wanted globals.
    host.keepOnlyGlobals = (load) => {
        const before = snapshot();

        load();
        restore(before);
    };
}
