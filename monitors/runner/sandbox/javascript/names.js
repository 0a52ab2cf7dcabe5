// The names that a script is handed, each as a parameter of the function that is made of it. Compiling and filling more
// than a hundred takes longer than most scripts run, so a script gets those that it mentions.
(host) => {
    const globals = globalThis, // which the bundle takes away
        { hasOwn, getOwnPropertyNames } = Object,
        AsyncFunction = (async () => { /* empty */ }).constructor,
        // Every name that is handed is made of these.
        WORD = /[\w$]+/g,
        // With one of these, a script may reach a name that it does not spell out.
        ANY_NAME = /\beval\b|\bthis\b|\\u/,

        // What Newman hands a script.
        HANDED = new Set((
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

        get ofResponse () {
            return OF_RESPONSE.some((name) => { return this.has(name); }) || this.has('postman');
        }
    }

    const known = new Set(); // globals

    let latest = { code: null, mentions: null },
        latestHanded = new Map(),
        allowed = null; // the globals that the bundle leaves to scripts

    host.mentionsIn = (code) => {
        if (latest.code !== code) { latest = { code, mentions: new Mentions(code) }; }

        return latest.mentions;
    };

    function compiles (names, source) {
        try { return Boolean(AsyncFunction(...names, source)); }
        catch { return false; }
    }

    // In Newman a name that is handed keeps its value under `var`, as a parameter does. In Postman it does not, and may be
    // declared by `let`, `const` and `class` as well. Answers the names that are made parameters of the bundle's function
    // around the script: those under `var`, none where the script declares one of them otherwise too.
    host.keptByVar = (source, isTest) => {
        const names = [...new Set(Array.from(source.matchAll(VARIABLE), ([, name]) => { return name; }))]
            .filter((name) => { return HANDED.has(name) || (isTest && OF_RESPONSE.includes(name)); });

        return names.length && DECLARES.test(source) && !compiles(names, source) ? [] : names;
    };

    // { value } of a name that a script is handed or that is a global; null for another.
    host.handedValue = (name) => {
        if (latestHanded.has(name)) { return { value: latestHanded.get(name) }; }

        return name in globals ? { value: globals[name] } : null;
    };

    // Name -> value. Later lists of the bundle's outrank earlier ones: allowed globals, those left alone, imports, blocked.
    function parameters (scope, code, alsoBlocked = []) {
        const { _context: globals, _imports: imports } = scope,
            free = new Set([...scope.ignore, ...scope._locals, 'eval']),
            blocked = new Set([...scope.block, ...alsoBlocked]),
            every = () => { return [...getOwnPropertyNames(globals), ...allowed, ...Object.keys(imports), ...blocked]; },
            handed = new Map();

        for (const name of host.mentionsIn(code).words || every()) {
            if (blocked.has(name)) { handed.set(name, undefined); }
            else if (hasOwn(imports, name)) { handed.set(name, imports[name]); }
            else if (free.has(name)) { continue; }
            else if (allowed.has(name)) { handed.set(name, globals[name]); }
            else if (hasOwn(globals, name)) { handed.set(name, undefined); }
        }

        return handed;
    }

    function newGlobals (scope) {
        const names = getOwnPropertyNames(scope._context);

        if (names.length === known.size && known.has(names.at(-1))) { return []; }

        return names.filter((name) => { return !known.has(name); });
    }

    // Globals that a script made by assigning to a name of nothing are left to the run's later ones when the script ends
    // well. What a failed one made, or timers and callbacks after its end, later scripts never see under that name.
    function settleGlobals (scope, kept) {
        for (const name of kept) {
            if (!known.has(name) && !allowed.has(name) && !hasOwn(scope._imports, name)) { scope._locals.push(name); }
        }
        for (const name of newGlobals(scope)) { known.add(name); }
    }

    // The bundle's own function of this name (uniscope's `exec`), with the parameters that are needed.
    host.exec = (scope, code, allowedNames, alsoBlocked, callback) => {
        allowed ||= new Set(allowedNames);
        // A script that runs shares what it made so far with the packages that it loads.
        settleGlobals(scope, scope._pendingExecutions.size ? newGlobals(scope) : []);
        const handed = parameters(scope, code, alsoBlocked),
            self = Object.fromEntries(handed),
            pending = {};

        let made = null; // globals, by the time that the script's own run was over

        function done (error) {
            if (scope._pendingExecutions.delete(pending)) { callback.call(self, error); }
        }

        function exit (error, hasFailed) {
            const mayWait = host.mentionsIn(code).has('await'),
                late = mayWait && !hasFailed ? newGlobals(scope) : [],
                kept = late.length > made?.length && host.waitsAtTopLevel(host.currentSource()) ? late : made;

            settleGlobals(scope, hasFailed ? [] : kept ?? []);
            done(hasFailed ? host.thrown(error) : error);
        }

        latestHanded = handed;
        scope._pendingExecutions.add(pending);
        try {
            Function(...handed.keys(), '__exitscope', `;var arguments = undefined;\n${code}\n;`)
                .call(self, ...handed.values(), exit);
            made = newGlobals(scope);
        }
        catch (error) { done(error); }
    };
}
