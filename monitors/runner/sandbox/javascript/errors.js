// Errors as V8 words them, and the line of the script that threw. The engine calls `prepareStackTrace` when an
// error comes into being, so a script that catches one already reads V8's words.
(host) => {
    const SCRIPT_FILE = '<input>',
        MOST_FRAMES = 10,
        places = new WeakMap(),
        define = Object.defineProperty,

        // QuickJS's wording -> V8's
        WORDING = [
            [/^cannot read property '(.*)' of (undefined|null)$/s, "Cannot read properties of $2 (reading '$1')"],
            [/^cannot set property '(.*)' of (undefined|null)$/s, "Cannot set properties of $2 (setting '$1')"],
            [/^'(.*)' is read-only$/s, "Cannot assign to read only property '$1' of object"],
            [/^value is not iterable$/, 'object is not iterable (cannot read property Symbol(Symbol.iterator))'],
            [/^class constructors must be invoked with 'new'$/, "Class constructor cannot be invoked without 'new'"],
            [/^cannot convert to object$/, 'Cannot convert undefined or null to object'],
            [/^invalid 'instanceof' right operand$/, "Right-hand side of 'instanceof' is not callable"],
            [/^cannot convert symbol to string$/, 'Cannot convert a Symbol value to a string'],
            [/^cannot convert symbol to number$/, 'Cannot convert a Symbol value to a number'],
            [/^circular reference$/, 'Converting circular structure to JSON'],
            [/^object is not extensible$/, 'Cannot add property, object is not extensible'],
            [/^(.*) is not initialized$/s, "Cannot access '$1' before initialization"]
        ];

    function reword (error) {
        const message = error.message;

        if (typeof message !== 'string') { return; }
        for (const [pattern, words] of WORDING) {
            if (pattern.test(message)) {
                define(error, 'message', {
                    value: message.replace(pattern, words), configurable: true, enumerable: false, writable: true
                });

                return;
            }
        }
    }

    function frameText (site) {
        const name = site.getFunctionName(),
            line = site.getLineNumber(),
            place = site.isNative() ? 'native' : `${site.getFileName()}:${line}:${site.getColumnNumber()}`;

        return `\n    at ${name ? `${name} (${place})` : place}`;
    }

    Error.prepareStackTrace = function (error, sites) {
        const site = sites.find((one) => { return one.getFileName() === SCRIPT_FILE; });

        if (error instanceof TypeError || error instanceof ReferenceError) { reword(error); }
        if (site) { places.set(error, [site.getLineNumber(), site.getColumnNumber()]); }

        return `Error: ${error.message}${sites.slice(0, MOST_FRAMES).map(frameText).join('')}`;
    };

    // An error as it travels to the runner.
    host.describe = (error) => {
        if (typeof error !== 'object' || error === null) { return error; }
        const place = places.get(error);

        return { name: error.name, message: error.message, stack: error.stack, line: place && place[0] };
    };
}
