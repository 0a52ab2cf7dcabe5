// Rewords the engine's errors like V8, and finds the line of the script that threw. The engine calls
// `prepareStackTrace` when an error is created, so a script that catches it reads V8's message.
(host) => {
    const MAX_FRAMES = 10,
        MAX_WORD_LENGTH = 100,
        places = new WeakMap(),
        define = Object.defineProperty,

        // QuickJS's message -> V8's, for messages that need no other information.
        MESSAGES = [
            [/^cannot read property 'Symbol\.iterator' of (undefined|null)$/,
                '$1 is not iterable (cannot read property Symbol(Symbol.iterator))'],
            [/^cannot read property '(.*)' of (undefined|null)$/s, "Cannot read properties of $2 (reading '$1')"],
            [/^cannot set property '(.*)' of (undefined|null)$/s, "Cannot set properties of $2 (setting '$1')"],
            [/^(.*) is not initialized$/s, "Cannot access '$1' before initialization"],
            [/^value is not iterable$/, 'value is not iterable (cannot read property Symbol(Symbol.iterator))'],
            [/^cannot convert to object$/, 'Cannot convert undefined or null to object'],
            [/^class constructors must be invoked with 'new'$/, "Class constructors cannot be invoked without 'new'"],
            [/^parent class must be constructor$/, 'Class extends value is not a constructor or null'],
            [/^invalid 'instanceof' right operand$/, "Right-hand side of 'instanceof' is not an object or not callable"],
            [/^invalid 'in' operand$/, "Cannot use 'in' operator to search in what is not an object"],
            [/^bigint argument with unary \+$/, 'Cannot convert a BigInt value to a number'],
            [/^cannot convert to BigInt: not an integer$/,
                'The number cannot be converted to a BigInt because it is not an integer'],
            [/^object prototype may only be an Object or null$/, 'Object prototype may only be an Object or null'],
            [/^invalid value used as WeakMap key$/, 'Invalid value used as weak map key'],
            [/^invalid code point$/, 'Invalid code point'],
            [/^not a Date object$/, 'this is not a Date object.'],
            [/^this is not initialized$/, "Must call super constructor in derived class before accessing 'this' or " +
                'returning from derived constructor'],
            [/^cannot convert symbol to (string|number)$/, 'Cannot convert a Symbol value to a $1'],
            [/^circular reference$/, 'Converting circular structure to JSON'],
            [/^BigInt are forbidden in JSON\.stringify$/, 'Do not know how to serialize a BigInt'],
            [/^cannot convert BigInt to number$/, 'Cannot mix BigInt and other types, use explicit conversions'],
            [/^object is not extensible$/, 'Cannot add property, object is not extensible'],
            [/^toPrimitive$/, 'Cannot convert object to primitive value'],
            [/^empty array$/, 'Reduce of empty array with no initial value'],
            [/^invalid array length$/, 'Invalid array length'],
            [/^invalid repeat count$/, 'Invalid count value'],
            [/^Date value is NaN$/, 'Invalid time value'],
            [/^(?:expecting (?:hex digit|surrogate pair|%)|invalid character|malformed UTF-8)$/, 'URI malformed'],
            [/^Invalid (?:scheme|host|port|authority)$/, 'Invalid URL'],
            [/^bad normalization form$/, 'The normalization form should be one of NFC, NFD, NFKC, NFKD.'],
            [/^unexpected token in expression: ''$/, 'Unexpected end of input'],
            [/^unexpected token in expression: '(.+)'$/, "Unexpected token '$1'"],
            [/^could not load module '.*'$/s, 'A dynamic import callback was not specified.'],
            [/^unsupported keyword: (.+)$/, "Unexpected token '$1'"],
            [/^invalid assignment left-hand side$/, 'Invalid left-hand side in assignment'],
            [/^function name expected$/, 'Function statements require a function name'],
            [/^unexpected line terminator in regexp$/, 'Invalid regular expression: missing /'],
            [/^invalid redefinition of (?:parameter name|lexical identifier|a variable)$/, 'Identifier has already been declared'],
            [/^unexpected (?:end of string|end of comment|character)$/, 'Invalid or unexpected token']
        ];

    const NOT_AN_OBJECT = {
            Map: 'Iterator value is not an entry object',
            WeakMap: 'Iterator value is not an entry object',
            fromEntries: 'Iterator value is not an entry object',
            Proxy: 'Cannot create proxy with a non-object as target or handler',
            ownKeys: 'Reflect.ownKeys called on non-object',
            defineProperty: 'Object.defineProperty called on non-object'
        },
        DIGITS = {
            toFixed: 'toFixed() digits argument must be between 0 and 100',
            toPrecision: 'toPrecision() argument must be between 1 and 100',
            toExponential: 'toExponential() argument must be between 0 and 100'
        };

    let isRewording = false; // reading a source may itself throw an error

    // QuickJS's message -> a function from the name of the built-in function that threw to V8's message.
    const NATIVE_MESSAGES = [
        [/^must be called with new$/, (name) => {
            return name === 'Promise' ? "Promise constructor cannot be invoked without 'new'" :
                `Constructor ${name} requires 'new'`;
        }],
        [/^not a constructor$/, (name) => { return /^(?:Symbol|BigInt)$/.test(name) && `${name} is not a constructor`; }],
        [/^not an object$/, (name) => { return NOT_AN_OBJECT[name]; }],
        [/^invalid number of digits$/, (name) => { return DIGITS[name]; }],
        [/^invalid array index$/, (name) => {
            return name === 'ArrayBuffer' ? 'Invalid array buffer length' : 'Invalid typed array length';
        }],
        [/^regexp must have the 'g' flag$/, (name) => {
            return `String.prototype.${name} called with a non-global RegExp argument`;
        }],
        [/^object is not extensible$/, (name) => {
            return name === 'defineProperty' && 'Cannot define property, object is not extensible';
        }],
        [/^not a function$/, (name) => {
            return { Promise: 'Promise resolver is not a function',
                sort: 'The comparison function must be either a function or undefined' }[name];
        }]
    ];

    function unexpected (place) {
        const rest = place.source.text.slice(place.offset, place.offset + MAX_WORD_LENGTH).split('\n', 1)[0].trimStart(),
            word = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];

        if (word) { return `Unexpected identifier '${word}'`; }
        if (/^\d/.test(rest)) { return 'Unexpected number'; }
        if (/^['"]/.test(rest)) { return 'Unexpected string'; }

        return rest ? `Unexpected token '${rest[0]}'` : null;
    }

    function rewordedSyntax (message, place) {
        if (/^invalid redefinition of /.test(message)) {
            return /^Identifier '.*' has already been declared/.exec(place.source.problem?.message)?.[0];
        }

        return place.offset >= 0 && /^(?:expecting |unexpected token)/.test(message) ? unexpected(place) : null;
    }

    function readOnly (name, place) {
        const isProperty = !place || host.assignsMember(place);

        return isProperty ? `Cannot assign to read only property '${name}' of object` : 'Assignment to constant variable.';
    }

    function rewordedAt (message, place) {
        if (/^not a (?:function|constructor)$/.test(message)) { return host.notCallable(place, message.endsWith('constructor')); }
        if (/is not iterable$|^cannot read property 'Symbol\.iterator'/.test(message)) {
            return host.notIterable(place, message.startsWith('cannot'));
        }
        if (/^object is not extensible$/.test(message)) {
            const name = host.assignedMember(place);

            return name && `Cannot add property ${name}, object is not extensible`;
        }

        return null;
    }

    function reworded (error, message, sites) {
        const [site] = sites,
            place = host.placeOf(site),
            written = /^'(?<name>.*)' is read-only$/s.exec(message)?.groups.name;

        if (written !== undefined && (place || site?.isNative())) { return readOnly(written, place); }
        if (/^class constructors must be invoked with 'new'$/.test(message) && site.getFunctionName()) {
            return `Class constructor ${site.getFunctionName()} cannot be invoked without 'new'`;
        }
        const native = site?.isNative() && NATIVE_MESSAGES.find(([pattern]) => { return pattern.test(message); }),
            text = native ? native[1](site.getFunctionName()) : place && rewordedAt(message, place);

        if (text) { return text; }
        const syntax = host.placeOfSyntax(error, sites),
            found = MESSAGES.find(([pattern]) => { return pattern.test(message); });

        return (syntax && rewordedSyntax(message, syntax)) || (found && message.replace(found[0], found[1]));
    }

    function messageFor (error, message, sites) {
        if (isRewording) { return null; }
        isRewording = true;
        try { return reworded(error, message, sites); }
        catch { return null; } // Not enough memory or stack is left to read a source.
        finally { isRewording = false; }
    }

    host.setMessage = (error, message) => {
        define(error, 'message', { value: message, configurable: true, enumerable: false, writable: true });
    };

    function isEngineError (error) {
        return error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError ||
            error instanceof RangeError || error instanceof URIError;
    }

    function frameText (site) {
        const name = site.getFunctionName(),
            place = site.isNative() ? 'native' : `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;

        return `\n    at ${name ? `${name} (${place})` : place}`;
    }

    Error.prepareStackTrace = function (error, sites) {
        const { message } = error,
            line = host.lineOf(error, sites);

        if (typeof message === 'string' && isEngineError(error)) {
            const text = messageFor(error, message, sites);

            if (text) { host.setMessage(error, text); }
        }
        if (line) { places.set(error, line); }

        return `Error: ${error.message}${sites.slice(0, MAX_FRAMES).map(frameText).join('')}`;
    };

    // The error to report for a thrown value. The engine throws null when it has no memory left for an error object. A
    // null that the script itself threw is no error in Postman and Newman, like every other falsy value.
    host.errorFor = (error) => {
        const isFromEngine = error === null && (host.memoryGrew() || !host.mayThrowNull(host.currentSource()));

        return isFromEngine ? new Error('out of memory') : error;
    };

    // An error in the form in which it is sent to the runner.
    host.describe = (error) => {
        if (error === null || error === undefined) { return null; }
        if (typeof error !== 'object') { return String(error); }

        return {
            name: error.name,
            message: error.message,
            stack: error.stack,
            line: places.get(error) ?? null
        };
    };
}
