// The names that a script is handed, each as a parameter of the function that is made of it. Compiling and filling more
// than a hundred takes longer than most scripts run, so a script gets those that it mentions.
(host) => {
    const { hasOwn, getOwnPropertyNames } = Object,
        // Every name that is handed is made of these.
        WORD = /[\w$]+/g,
        // With one of these, a script may reach a name that it does not spell out.
        ANY_NAME = /\beval\b|\bthis\b|\\u/,

        // What Newman hands a script: declaring one of them anew is an error of syntax.
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
        VARIABLE = /\bvar\s+([\w$]+)/g,
        // A word that is no property, and that what follows does not show to be an expression's.
        MAYBE_DECLARED = /(?<![\w$]|(?<!\.\.)\.)[A-Za-z_$][\w$]*(?![\w$])(?=\s*(?![\s.([?*)<>&|:^%]|=[=>]))/g;

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
        allowed = null; // the globals that the bundle leaves to scripts

    host.mentionsIn = (code) => {
        if (latest.code !== code) { latest = { code, mentions: new Mentions(code) }; }

        return latest.mentions;
    };

    // The handed names that a script declares, and maybe some that it only mentions.
    host.declaredAnew = (source, isTest) => {
        const words = new Set(DECLARES.test(source) ? source.match(MAYBE_DECLARED) : []);

        for (const [, name] of source.matchAll(VARIABLE)) { words.add(name); }

        return [...words].filter((word) => {
            return HANDED.has(word) || (isTest && OF_RESPONSE.includes(word));
        });
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

    // Globals that a script made by assigning to a name of nothing are left to the run's later ones as well. What comes
    // when no script runs is not.
    function noteNewGlobals (scope) {
        const names = getOwnPropertyNames(scope._context),
            isKept = scope._pendingExecutions.size > 0;

        if (names.length === known.size && known.has(names.at(-1))) { return; }
        for (const name of names) {
            if (known.has(name)) { continue; }
            known.add(name);
            if (isKept && !allowed.has(name) && !hasOwn(scope._imports, name)) { scope._locals.push(name); }
        }
    }

    // The bundle's own function of this name (uniscope's `exec`), with the parameters that are needed.
    host.exec = (scope, code, allowedNames, alsoBlocked, callback) => {
        allowed ||= new Set(allowedNames);
        noteNewGlobals(scope);
        const handed = parameters(scope, code, alsoBlocked),
            self = Object.fromEntries(handed),
            pending = {};

        function done (...args) {
            if (!scope._pendingExecutions.delete(pending)) { return; }
            callback.apply(self, args);
        }

        function exit (...args) {
            noteNewGlobals(scope);
            done(...args);
        }

        scope._pendingExecutions.add(pending);
        try {
            Function(...handed.keys(), '__exitscope', `;var arguments = undefined;\n${code}\n;`)
                .call(self, ...handed.values(), exit);
        }
        catch (error) { done(error); }
    };
}
