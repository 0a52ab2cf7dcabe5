// crypto.subtle of the Web Cryptography API, like Node's. It checks arguments and usages of keys. The cryptography is
// done by Python in this process, with bytes passed as hexadecimal digits.
(host) => {
    const { subtle: callPython, algorithms } = host,
        { ALGORITHMS, HASHES, throwError, bytes, named, missing, number, read, usagesOf, keyAlgorithm, derivedLength } = algorithms,
        { parse, stringify } = JSON,
        fromHex = Uint8Array.fromHex.bind(Uint8Array),
        ALL_USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'],
        JWK_MEMBERS = ['kty', 'alg', 'k', 'crv', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
        INTERNAL = Symbol('internal');

    let dataOf;

    class CryptoKey {
        #key;

        constructor (token, key) {
            if (token !== INTERNAL) { throw new TypeError('Illegal constructor'); }
            this.#key = key;
        }

        static { dataOf = (key) => { return #key in key ? key.#key : null; }; }

        get type () { return this.#key.type; }

        get extractable () { return this.#key.extractable; }

        get algorithm () { return this.#key.shown; }

        get usages () { return this.#key.usages; }

        get [Symbol.toStringTag] () { return 'CryptoKey'; }
    }

    function keyOf (value, what = 'key') {
        const key = typeof value === 'object' && value !== null ? dataOf(value) : null;

        if (!key) { throw new TypeError(`${what} is not of type CryptoKey.`); }

        return key;
    }

    function call (...request) {
        const { value, error } = parse(callPython(stringify(request)));

        if (error) { throwError(...error); }

        return value;
    }

    // The part of a key that Python needs.
    function plain ({ type, algorithm, material }) { return { type, algorithm, material }; }

    function shown (algorithm) {
        return algorithm.publicExponent ? { ...algorithm, publicExponent: fromHex(algorithm.publicExponent) } : algorithm;
    }

    function createKey (key, extractable, usages) {
        return new CryptoKey(INTERNAL, { ...key, shown: shown(key.algorithm), extractable, usages: [...new Set(usages)] });
    }

    function usageList (usages) {
        const list = Array.from(usages, String),
            unknown = list.find((usage) => { return !ALL_USAGES.includes(usage); });

        if (unknown !== undefined) { throw new TypeError(`'${unknown}' is not a valid enum value of type KeyUsage.`); }

        return list;
    }

    function allow (name, type, usages) {
        if (usages.some((usage) => { return !ALGORITHMS[name].usages[type]?.includes(usage); })) {
            throwError('SyntaxError', `Unsupported key usage for a ${name} key`);
        }
        if (!usages.length && type !== 'public') { throwError('SyntaxError', `Usages cannot be empty when importing a ${type} key.`); }
    }

    function checkJwk (key, name, extractable, usages) {
        if (typeof key !== 'object' || key === null) { throw new TypeError('keyData can not be converted to a dictionary'); }
        if (key.ext === false && extractable) {
            throwError('DataError', 'JWK "ext" Parameter and extractable mismatch');
        }
        if (Array.isArray(key.key_ops) && usages.some((usage) => { return !key.key_ops.includes(usage); })) {
            throwError('DataError', 'Key operations and usage mismatch');
        }
        const use = /^(?:RSA-OAEP|AES)/.test(name) ? 'enc' : /^(?:ECDH|X25519)$/.test(name) ? 'enc' : 'sig';

        if (usages.length && key.use !== undefined && key.use !== use) { throwError('DataError', 'Invalid JWK "use" Parameter'); }

        return Object.fromEntries(JWK_MEMBERS.map((name) => { return [name, key[name]]; })
            .filter(([, value]) => { return typeof value === 'string'; }));
    }

    function importKey (form, data, algorithm, extractable, usages) {
        const name = named(algorithm, Object.keys(ALGORITHMS)),
            list = usageList(usages);

        if (!['raw', 'jwk', 'spki', 'pkcs8'].includes(form)) {
            throw new TypeError(`'${form}' is not a valid enum value of type KeyFormat.`);
        }
        if (!ALGORITHMS[name].forms.includes(form)) {
            throwError('NotSupportedError', `Unable to import ${name} key with format ${form}`);
        }
        if (/^(?:HKDF|PBKDF2)$/.test(name) && extractable) { throwError('SyntaxError', `${name} keys are not extractable`); }
        const given = form === 'jwk' ? checkJwk(data, name, extractable, list) : bytes(data, 'keyData'),
            key = call('importKey', keyAlgorithm(name, algorithm), form, given);

        allow(name, key.type, list);

        return createKey(key, Boolean(extractable), list);
    }

    function exportKey (form, value) {
        const key = keyOf(value),
            { name } = key.algorithm,
            isOfType = { raw: /public|secret/, jwk: /./, spki: /public/, pkcs8: /private/ }[form];

        if (!isOfType) { throw new TypeError(`'${form}' is not a valid enum value of type KeyFormat.`); }
        if (!key.extractable) { throwError('InvalidAccessError', 'key is not extractable'); }
        if (!isOfType.test(key.type) || !ALGORITHMS[name].forms.includes(form)) {
            throwError('InvalidAccessError', `Unable to export a ${form} ${name} ${key.type} key`);
        }
        const exported = call('exportKey', plain(key), form);

        if (form !== 'jwk') { return fromHex(exported).buffer; }
        const { alg, ...members } = exported;

        return { key_ops: [...key.usages], ext: key.extractable, ...members, ...(alg ? { alg } : {}) };
    }

    function use (value, usage, algorithm) {
        const key = keyOf(value),
            name = named(algorithm, Object.keys(ALGORITHMS).filter((one) => { return usagesOf(one).includes(usage); }));

        if (key.algorithm.name !== name) { throwError('InvalidAccessError', 'Key algorithm mismatch'); }
        if (!key.usages.includes(usage)) { throwError('InvalidAccessError', `Unable to use this key to ${usage}`); }

        return key;
    }

    function buffer (hex) { return fromHex(hex).buffer; }

    function cipher (operation, usage, algorithm, value, hex) {
        const key = use(value, usage, algorithm),
            { name } = key.algorithm;

        if (name === 'AES-KW') { return call(operation === 'encrypt' ? 'wrap' : 'unwrap', plain(key), hex); }

        return call(operation, read(name, algorithm), plain(key), hex);
    }

    function deriveBits (algorithm, value, length, usage = 'deriveBits') {
        const key = use(value, usage, algorithm),
            { name } = key.algorithm,
            parameters = read(name, algorithm),
            other = parameters.public;

        if (other) {
            if (other.type !== 'public') { throwError('InvalidAccessError', 'algorithm.public must be a public key'); }
            if (other.algorithm.name !== name || other.algorithm.namedCurve !== key.algorithm.namedCurve) {
                throwError('InvalidAccessError', 'Named curve mismatch');
            }
            parameters.public = plain(other);
        }

        return call('deriveBits', parameters, plain(key), length === null || length === undefined ? null : number(length, 'length'));
    }

    host.keyOf = keyOf;
    host.SubtleCrypto = class SubtleCrypto {
        get [Symbol.toStringTag] () { return 'SubtleCrypto'; }

        async digest (algorithm, data) {
            return buffer(host.digest(named(algorithm, HASHES).toLowerCase().replace('-', ''), bytes(data, 'data')));
        }

        async importKey (form, data, algorithm, extractable, usages) { return importKey(form, data, algorithm, extractable, usages); }

        async exportKey (form, key) { return exportKey(form, key); }

        async generateKey (algorithm, extractable, usages) {
            const name = named(algorithm, Object.keys(ALGORITHMS).filter((one) => { return !/^(?:HKDF|PBKDF2)$/.test(one); })),
                list = usageList(usages),
                wanted = keyAlgorithm(name, algorithm),
                { usages: allowed } = ALGORITHMS[name];

            if (list.some((usage) => { return !usagesOf(name).includes(usage); })) { allow(name, 'secret', list); }
            if (name.startsWith('AES') && wanted.length === undefined) { missing('length'); }
            if (!list.length) { throwError('SyntaxError', 'Usages cannot be empty when creating a key.'); }
            if (name.startsWith('RSA')) {
                wanted.modulusLength = number(algorithm.modulusLength, 'modulusLength');
                wanted.publicExponent = bytes(algorithm.publicExponent, 'algorithm.publicExponent');
            }
            const keys = call('generateKey', wanted);

            if (!Array.isArray(keys)) { return createKey(keys, Boolean(extractable), list); }
            const [privateKey, publicKey] = keys,
                of = ({ type }) => { return list.filter((usage) => { return allowed[type].includes(usage); }); };

            if (!of(privateKey).length) { throwError('SyntaxError', 'Usages cannot be empty when creating a key.'); }

            return {
                publicKey: createKey(publicKey, true, of(publicKey)),
                privateKey: createKey(privateKey, Boolean(extractable), of(privateKey))
            };
        }

        async sign (algorithm, value, data) {
            const hex = bytes(data, 'data'),
                key = use(value, 'sign', algorithm);

            return buffer(call('sign', read(key.algorithm.name, algorithm), plain(key), hex));
        }

        async verify (algorithm, value, signature, data) {
            const given = bytes(signature, 'signature'),
                hex = bytes(data, 'data'),
                key = use(value, 'verify', algorithm);

            return call('verify', read(key.algorithm.name, algorithm), plain(key), given, hex);
        }

        async encrypt (algorithm, key, data) { return buffer(cipher('encrypt', 'encrypt', algorithm, key, bytes(data, 'data'))); }

        async decrypt (algorithm, key, data) { return buffer(cipher('decrypt', 'decrypt', algorithm, key, bytes(data, 'data'))); }

        async deriveBits (algorithm, key, length = null) { return buffer(deriveBits(algorithm, key, length)); }

        async deriveKey (algorithm, key, derived, extractable, usages) {
            const name = named(derived, Object.keys(ALGORITHMS)),
                hex = deriveBits(algorithm, key, derivedLength(name, derived), 'deriveKey');

            return importKey('raw', fromHex(hex), derived, extractable, usages);
        }

        async wrapKey (form, key, wrappingKey, algorithm) {
            const exported = exportKey(form, key),
                data = form === 'jwk' ? host.encode(stringify(exported)) : exported;

            return buffer(cipher('encrypt', 'wrapKey', algorithm, wrappingKey, bytes(data, 'key')));
        }

        async unwrapKey (form, wrapped, unwrappingKey, algorithm, keyAlgorithm, extractable, usages) {
            const data = fromHex(cipher('decrypt', 'unwrapKey', algorithm, unwrappingKey, bytes(wrapped, 'wrappedKey')));

            return importKey(form, form === 'jwk' ? jwkOf(data) : data, keyAlgorithm, extractable, usages);
        }
    };

    function jwkOf (data) {
        try { return parse(host.decodeUtf8(data)); }
        catch { return throwError('DataError', 'Invalid wrapped JWK key'); }
    }

    host.define({ CryptoKey });
}
