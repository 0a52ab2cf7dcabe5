// How the other files put a global in place, and how core-js is made to add its globals and nothing else.
(host) => {
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty, deleteProperty } = Reflect,
        WANTED = ['URL', 'URLSearchParams', 'structuredClone'];

    // The bundle's libraries put functions of their own in the place of the engine's.
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

    function neighbours (object, properties) {
        const found = [getPrototypeOf(object)];

        for (const { value, get, set } of properties.values()) { found.push(value, get, set); }

        return found.filter(isObject);
    }

    // Everything that scripts can reach without a syntax of their own: object -> its properties.
    function snapshot () {
        const seen = new Map(),
            open = [
                globalThis, getPrototypeOf(function * () { /* a generator */ }), getPrototypeOf(async () => { /* async */ }),
                getPrototypeOf(async function * () { /* both */ }),
                ...[[], new Map(), new Set(), ''].map((list) => { return getPrototypeOf(list[Symbol.iterator]()); }),
                getPrototypeOf(''.matchAll(/x/g))
            ];

        while (open.length) {
            const object = open.pop();

            if (seen.has(object)) { continue; }
            const properties = descriptors(object);

            seen.set(object, properties);
            open.push(...neighbours(object, properties));
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

    // Calls `load`, then takes back whatever it changed but the wanted globals.
    host.keepOnlyGlobals = (load) => {
        const before = snapshot();

        load();
        restore(before);
    };
}
