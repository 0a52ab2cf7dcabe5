// Errors as V8 words them, and the line of the script that threw. The engine calls `prepareStackTrace` when an
// error comes into being, so a script that catches one already reads V8's words.
(host) => {
    const SCRIPT_FILE = '<input>',
        // The bundle wraps a script in an async function: its own first line is the wrapper's fifth.
        LINES_BEFORE_SCRIPT = 4,
        INDENT_OF_FIRST_LINE = 20,
        MOST_FRAMES = 10,
        MOST_CONTEXT = 300,
        places = new WeakMap(),
        define = Object.defineProperty,

        // QuickJS's wording -> V8's, where the one says all that the other needs.
        WORDING = [
            [/^cannot read property 'Symbol\.iterator' of (undefined|null)$/,
                '$1 is not iterable (cannot read property Symbol(Symbol.iterator))'],
            [/^cannot read property '(.*)' of (undefined|null)$/s, "Cannot read properties of $2 (reading '$1')"],
            [/^cannot set property '(.*)' of (undefined|null)$/s, "Cannot set properties of $2 (setting '$1')"],
            [/^(.*) is not initialized$/s, "Cannot access '$1' before initialization"],
            // In sloppy mode, which scripts are in, only a constant says so.
            [/^'.*' is read-only$/s, 'Assignment to constant variable.'],
            [/^value is not iterable$/, 'object is not iterable (cannot read property Symbol(Symbol.iterator))'],
            [/^cannot convert to object$/, 'Cannot convert undefined or null to object'],
            [/^class constructors must be invoked with 'new'$/, "Class constructor cannot be invoked without 'new'"],
            [/^invalid 'instanceof' right operand$/, "Right-hand side of 'instanceof' is not an object"],
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
            [/^invalid number of digits$/, 'toFixed() digits argument must be between 0 and 100'],
            [/^unexpected token in expression: ''$/, 'Unexpected end of input'],
            [/^unexpected token in expression: '(.+)'$/, "Unexpected token '$1'"],
            [/^could not load module '.*'$/s, 'A dynamic import callback was not specified.'],
            [/^unsupported keyword: (.+)$/, "Unexpected token '$1'"],
            [/^invalid assignment left-hand side$/, 'Invalid left-hand side in assignment'],
            [/^function name expected$/, 'Function statements require a function name'],
            [/^unexpected line terminator in regexp$/, 'Invalid regular expression: missing /'],
            [/^invalid redefinition of (?:parameter name|lexical identifier)$/, 'Identifier has already been declared'],
            [/^unexpected (?:end of string|end of comment|character)$/, 'Invalid or unexpected token']
        ];

    let source = '', // of the script that runs
        lines = null;

    host.keepSource = (exec) => {
        source = Array.isArray(exec) ? exec.join('\n') : String(exec);
        lines = null;
    };

    function script () {
        return lines ??= source.split(/\r\n|[\n\r\u2028\u2029]/);
    }

    // The script's text before and after a frame's place, which counts columns in bytes of UTF-8.
    function around (site) {
        const index = site.getLineNumber() - 1 - LINES_BEFORE_SCRIPT,
            line = script()[index];

        if (line === undefined) { return null; }
        const bytes = site.getColumnNumber() - 1 - (index === 0 ? INDENT_OF_FIRST_LINE : 0),
            column = /^[\x00-\x7f]*$/.test(line) ? bytes : host.decodeUtf8(host.encode(line).slice(0, bytes)).length;

        return {
            before: [...script().slice(Math.max(0, index - 5), index), line.slice(0, column)].join('\n').slice(-MOST_CONTEXT),
            after: line.slice(column, column + MOST_CONTEXT)
        };
    }

    // What a call is made on, read backwards from the `.` in front of its name: `a.b(...)[0]`, as V8 prints it.
    function receiver (text) {
        const call = /(?<callee>(?:^|[^\w$])[\w$.\s\])]*[\w$\])])\((?:[^()'"`]|'[^'\n]*'|"[^"\n]*")*\)$/.exec(text);

        if (call) { return `${receiver(call.groups.callee)}(...)`; }
        const index = /^(?<list>.*[\w$\])])\[(?<key>[\w$]+)\]$/s.exec(text);

        if (index) { return `${receiver(index.groups.list)}[${index.groups.key}]`; }
        const member = /^(?<object>.*[\w$\])"'])\s*\??\.\s*(?<name>[\w$]+)$/s.exec(text);

        if (member) { return `${receiver(member.groups.object)}.${member.groups.name}`; }

        return /(?:^|[^\w$.])(?<name>[A-Za-z_$][\w$]*)$/.exec(text)?.groups.name || '(intermediate value)';
    }

    // An argument that is a name or a function draws the place into the call's brackets: what stands before them.
    function beforeArguments (text) {
        let depth = 0;

        for (let at = text.length - 1; at >= 0; at -= 1) {
            if (')]}'.includes(text[at])) { depth += 1; }
            else if ('([{'.includes(text[at])) {
                if (!depth) { return text[at] === '(' ? text.slice(0, at).trimEnd() : null; }
                depth -= 1;
            }
        }

        return null;
    }

    function inScript (site) {
        return site && !site.isNative() && site.getFileName() === SCRIPT_FILE && around(site);
    }

    function callee (site) {
        const text = inScript(site);

        if (!text) { return null; }
        const key = /^(?<object>.*[\w$)\]])\[$/s.exec(text.before) && /^[\w$]+(?=\]\s*\()/.exec(text.after)?.[0];

        if (key) { return { text: `${receiver(text.before.slice(0, -1))}[${key}]` }; }
        const name = /^[\w$]+/.exec(text.after)?.[0],
            dot = /^(?<object>.*?)\s*\??\.\s*$/s.exec(text.before);

        if (name && dot) { return { text: `${receiver(dot.groups.object)}.${name}` }; }
        const path = /^(?!function\b)[\w$]+(?:\s*\??\.\s*[\w$]+|\[[^\]\n]*\])*(?=\s*[(`;]|\?\.\()/.exec(text.after)?.[0],
            called = path ? null : beforeArguments(text.before);

        if (called) { return { text: receiver(called), constructed: /\bnew\s+[\w$.]+$/.test(called) }; }

        return path && {
            text: path.replace(/\s+/g, '').replace(/\[(['"])([A-Za-z_$][\w$]*)\1\]/g, '.$2'),
            constructed: /\bnew\s+$/.test(text.before)
        };
    }

    // In `for (… of list)` and `[...list]` the place is that of the list.
    function iterated (site) {
        const text = inScript(site);

        return text && /(?:\bof\s+|\.\.\.)$/.test(text.before) &&
            /^[A-Za-z_$][\w$]*(?:\.[\w$]+)*(?=\s*[)\],])/.exec(text.after)?.[0];
    }

    function unexpected (site) {
        const text = site && around(site);

        if (!text) { return null; }
        const rest = text.after.trimStart(),
            word = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];

        if (word) { return `Unexpected identifier '${word}'`; }
        if (/^\d/.test(rest)) { return 'Unexpected number'; }
        if (/^['"]/.test(rest)) { return 'Unexpected string'; }

        return rest ? `Unexpected token '${rest[0]}'` : null;
    }

    function reworded (error, message, site) {
        if (/^not a (?:function|constructor)$/.test(message)) {
            const called = callee(site);

            return called && `${called.text} is not a ${called.constructed ? 'constructor' : 'function'}`;
        }
        const list = /is not iterable$|^cannot read property 'Symbol\.iterator'/.test(message) && iterated(site);

        if (list) { return `${list} is not iterable`; }
        const token = error instanceof SyntaxError && /^(?:expecting |unexpected token)/.test(message) && unexpected(site);

        if (token) { return token; }
        const found = WORDING.find(([pattern]) => { return pattern.test(message); });

        return found && message.replace(found[0], found[1]);
    }

    host.setMessage = (error, message) => {
        define(error, 'message', { value: message, configurable: true, enumerable: false, writable: true });
    };

    function isWordedByEngine (error) {
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
            own = sites.find((one) => { return one.getFileName() === SCRIPT_FILE; });

        if (typeof message === 'string' && isWordedByEngine(error)) {
            const words = reworded(error, message, sites[0]);

            if (words) { host.setMessage(error, words); }
        }
        if (own) { places.set(error, own.getLineNumber() - LINES_BEFORE_SCRIPT); }

        return `Error: ${error.message}${sites.slice(0, MOST_FRAMES).map(frameText).join('')}`;
    };

    // An error as it travels to the runner.
    host.describe = (error) => {
        if (error === null || error === undefined) { return null; }
        if (typeof error !== 'object') { return String(error); }
        const line = places.get(error);

        return {
            name: error.name,
            message: error.message,
            stack: error.stack,
            line: line >= 1 && line <= script().length ? line : null
        };
    };
}
