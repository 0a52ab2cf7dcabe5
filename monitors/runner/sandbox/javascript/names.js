// The globals of Postman that a script gets as parameters of the function around it. More than a hundred parameters
// would take longer to compile than most scripts run, so a script gets those that it mentions.
(host) => {
    const globals = globalThis, // kept because the bundle hides it
        { hasOwn, getOwnPropertyNames } = Object,
        AsyncFunction = (async () => { /* empty */ }).constructor,
        // Matches every name of a parameter.
        WORD = /[\w$]+/g,
        // With one of these, a script may use names that it does not spell out.
        ANY_NAME = /\beval\b|\bthis\b|\\u/,

        // The parameters of a script in Newman.
        PARAMETERS = new Set((
            'Array,ArrayBuffer,Atomics,Backbone,BigInt,BigInt64Array,BigUint64Array,Boolean,Buffer,CryptoJS,DataView,' +
            'Date,Error,EvalError,Float32Array,Float64Array,Function,Infinity,Int16Array,Int32Array,Int8Array,JSON,' +
            'Map,Math,NaN,Number,Object,Promise,Proxy,RangeError,ReferenceError,Reflect,RegExp,Set,' +
            'SharedArrayBuffer,String,Symbol,SyntaxError,TypeError,URIError,Uint16Array,Uint32Array,Uint8Array,' +
            'Uint8ClampedArray,WeakMap,WeakSet,_,atob,btoa,cheerio,clearImmediate,clearInterval,clearTimeout,' +
            'console,data,decodeURI,decodeURIComponent,encodeURI,encodeURIComponent,environment,escape,globals,' +
            'isFinite,isNaN,iteration,parseFloat,parseInt,pm,postman,request,require,setImmediate,setInterval,' +
            'setTimeout,tests,tv4,undefined,unescape,xml2Json'
        ).split(',')),
        OF_RESPONSE = ['responseBody', 'responseCode', 'responseCookies', 'responseHeaders', 'responseTime'],
        DECLARES = /\b(?:let|const|class)\b/,
        VARIABLE = /\bvar\s+([\w$]+)/g;

    class Mentions {
        constructor (code) {
            this.words = ANY_NAME.test(code) ? null : new Set(code.match(WORD));
        }

        has (name) {
            return !this.words || this.words.has(name);
        }

        get response () {
            return OF_RESPONSE.some((name) => { return this.has(name); }) || this.has('postman');
        }
    }

    const known = new Set(); // names of globals

    let latest = { code: null, mentions: null },
        latestParameters = new Map(),
        allowed = null; // the globals that the bundle leaves to scripts

    host.mentionsIn = (code) => {
        if (latest.code !== code) { latest = { code, mentions: new Mentions(code) }; }

        return latest.mentions;
    };

    function compiles (names, source) {
        try { return Boolean(AsyncFunction(...names, source)); }
        catch { return false; }
    }

    // In Newman, `var` with the name of a parameter keeps the parameter's value. In Postman it does not, and scripts may
    // also declare such a name by `let`, `const` or `class`. Returns the names that become parameters of the bundle's
    // function around the script: those declared by `var`, or none if the script declares one of them in another way
    // too.
    host.parametersKeptByVar = (source, isTest) => {
        const names = [...new Set(Array.from(source.matchAll(VARIABLE), ([, name]) => { return name; }))]
            .filter((name) => { return PARAMETERS.has(name) || (isTest && OF_RESPONSE.includes(name)); });

        return names.length && DECLARES.test(source) && !compiles(names, source) ? [] : names;
    };

    // { value } of a parameter of the script or of a global; null for another name.
    host.parameterValue = (name) => {
        if (latestParameters.has(name)) { return { value: latestParameters.get(name) }; }

        return name in globals ? { value: globals[name] } : null;
    };

    // Name -> value. Of the bundle's lists, the later ones take precedence: allowed globals, ignored ones, imports, blocked.
    function parameters (scope, code, alsoBlocked = []) {
        const { _context: globals, _imports: imports } = scope,
            free = new Set([...scope.ignore, ...scope._locals, 'eval']),
            blocked = new Set([...scope.block, ...alsoBlocked]),
            every = () => { return [...getOwnPropertyNames(globals), ...allowed, ...Object.keys(imports), ...blocked]; },
            values = new Map();

        for (const name of host.mentionsIn(code).words || every()) {
            if (blocked.has(name)) { values.set(name, undefined); }
            else if (hasOwn(imports, name)) { values.set(name, imports[name]); }
            else if (free.has(name)) { continue; }
            else if (allowed.has(name)) { values.set(name, globals[name]); }
            else if (hasOwn(globals, name)) { values.set(name, undefined); }
        }

        return values;
    }

    function newGlobals (scope) {
        const names = getOwnPropertyNames(scope._context);

        if (names.length === known.size && known.has(names.at(-1))) { return []; }

        return names.filter((name) => { return !known.has(name); });
    }

    // A script creates a global by assigning to an undeclared name. Later scripts of the run can use it if the script
    // ends without an error. They cannot use globals that were created by a failed script, or by timers and callbacks
    // after the script's end.
    function settleGlobals (scope, kept) {
        for (const name of kept) {
            if (!known.has(name) && !allowed.has(name) && !hasOwn(scope._imports, name)) { scope._locals.push(name); }
        }
        for (const name of newGlobals(scope)) { known.add(name); }
    }

    // Replaces uniscope's `exec`: compiles the script with only the parameters that it needs, and runs it.
    host.exec = (scope, code, allowedNames, alsoBlocked, callback) => {
        allowed ||= new Set(allowedNames);
        // A running script shares the globals that it has created with the packages that it loads.
        settleGlobals(scope, scope._pendingExecutions.size ? newGlobals(scope) : []);
        const values = parameters(scope, code, alsoBlocked),
            self = Object.fromEntries(values),
            pending = {};

        let created = null; // globals that existed when the script's synchronous part had ended

        function done (error) {
            if (scope._pendingExecutions.delete(pending)) { callback.call(self, error); }
        }

        function exit (error, hasFailed) {
            const mayWait = host.mentionsIn(code).has('await'),
                late = mayWait && !hasFailed ? newGlobals(scope) : [],
                kept = late.length > created?.length && host.waitsAtTopLevel(host.currentSource()) ? late : created;

            settleGlobals(scope, hasFailed ? [] : kept ?? []);
            done(hasFailed ? host.errorFor(error) : error);
        }

        latestParameters = values;
        scope._pendingExecutions.add(pending);
        try {
            Function(...values.keys(), '__exitscope', `;var arguments = undefined;\n${code}\n;`)
                .call(self, ...values.values(), exit);
            created = newGlobals(scope);
        }
        catch (error) { done(error); }
    };
}
