// Reads the algorithms that scripts pass to crypto.subtle, like Node: their names, and the members that each needs.
(host) => {
    const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'],
        CURVES = ['P-256', 'P-384', 'P-521'],
        CIPHER = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'],
        DERIVE = ['deriveKey', 'deriveBits'],
        TAG_BITS = [32, 64, 96, 104, 112, 120, 128],
        RSA_FORMS = ['jwk', 'spki', 'pkcs8'],
        PUBLIC_FORMS = ['raw', 'jwk', 'spki', 'pkcs8'],
        SIGNED = { private: ['sign'], public: ['verify'] },
        AGREED = { private: DERIVE, public: [] },

        // For each algorithm: the usages of its keys, the formats for their import, and the members needed to create them.
        ALGORITHMS = {
            'HMAC': { usages: { secret: ['sign', 'verify'] }, forms: ['raw', 'jwk'], needs: ['hash'] },
            'AES-CTR': { usages: { secret: CIPHER }, forms: ['raw', 'jwk'], needs: [] },
            'AES-CBC': { usages: { secret: CIPHER }, forms: ['raw', 'jwk'], needs: [] },
            'AES-GCM': { usages: { secret: CIPHER }, forms: ['raw', 'jwk'], needs: [] },
            'AES-KW': { usages: { secret: ['wrapKey', 'unwrapKey'] }, forms: ['raw', 'jwk'], needs: [] },
            'RSASSA-PKCS1-v1_5': { usages: SIGNED, forms: RSA_FORMS, needs: ['hash'] },
            'RSA-PSS': { usages: SIGNED, forms: RSA_FORMS, needs: ['hash'] },
            'RSA-OAEP': {
                usages: { private: ['decrypt', 'unwrapKey'], public: ['encrypt', 'wrapKey'] }, forms: RSA_FORMS, needs: ['hash']
            },
            'ECDSA': { usages: SIGNED, forms: PUBLIC_FORMS, needs: ['namedCurve'] },
            'ECDH': { usages: AGREED, forms: PUBLIC_FORMS, needs: ['namedCurve'] },
            'Ed25519': { usages: SIGNED, forms: PUBLIC_FORMS, needs: [] },
            'X25519': { usages: AGREED, forms: PUBLIC_FORMS, needs: [] },
            'HKDF': { usages: { secret: DERIVE }, forms: ['raw'], needs: [] },
            'PBKDF2': { usages: { secret: DERIVE }, forms: ['raw'], needs: [] }
        },

        // The members that operations read from the algorithm: name -> kind.
        PARAMETERS = {
            'AES-CTR': { counter: 'bytes', length: 'number' },
            'AES-CBC': { iv: 'bytes' },
            'AES-GCM': { iv: 'bytes', additionalData: 'optional bytes', tagLength: 'tag length' },
            'RSA-OAEP': { label: 'optional bytes' },
            'RSA-PSS': { saltLength: 'number' },
            'ECDSA': { hash: 'hash' },
            'ECDH': { public: 'key' },
            'X25519': { public: 'key' },
            'HKDF': { hash: 'hash', salt: 'bytes', info: 'bytes' },
            'PBKDF2': { hash: 'hash', salt: 'bytes', iterations: 'number' }
        };

    function throwError (name, message) { throw new DOMException(message, name); }

    function bytes (source, what) {
        if (!ArrayBuffer.isView(source) && Object.prototype.toString.call(source) !== '[object ArrayBuffer]') {
            throw new TypeError(`${what} is not instance of ArrayBuffer, Buffer, TypedArray, or DataView.`);
        }

        return host.bytesOf(source).toHex();
    }

    function named (algorithm, names) {
        if (algorithm === undefined) { throw new TypeError('An algorithm is required.'); }
        const wanted = String(typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm).toUpperCase(),
            name = names.find((one) => { return one.toUpperCase() === wanted; });

        return name ?? throwError('NotSupportedError', 'Unrecognized algorithm name');
    }

    function missing (member) { throw new TypeError(`Failed to normalize algorithm: '${member}' is required.`); }

    function hashOf (hash) { return { name: named(hash, HASHES) }; }

    function number (value, what) {
        const whole = Math.trunc(Number(value));

        if (!(whole >= 0 && whole < 2 ** 32)) { throw new TypeError(`${what} is outside the expected range.`); }

        return whole;
    }

    function read (name, algorithm) {
        const given = typeof algorithm === 'object' ? algorithm : {},
            result = { name };

        for (const [member, kind] of Object.entries(PARAMETERS[name] || {})) {
            const value = given[member];

            if (value === undefined && !/optional|tag length/.test(kind)) { missing(member); }
            switch (kind) {
                case 'bytes': result[member] = bytes(value, `algorithm.${member}`); break;
                case 'optional bytes': result[member] = value === undefined ? '' : bytes(value, `algorithm.${member}`); break;
                case 'hash': result[member] = hashOf(value); break;
                case 'key': result[member] = host.keyOf(value, 'algorithm.public'); break;
                case 'tag length': result[member] = value === undefined ? 128 : number(value, member); break;
                default: result[member] = number(value, member);
            }
        }
        check(result);

        return result;
    }

    function check ({ name, counter, length, iv, tagLength }) {
        if (name === 'AES-CTR') {
            if (counter.length !== 32) { throwError('OperationError', 'algorithm.counter must contain exactly 16 bytes'); }
            if (length < 1 || length > 128) { throwError('OperationError', 'AES-CTR algorithm.length must be between 1 and 128'); }
        }
        if (name === 'AES-CBC' && iv.length !== 32) { throwError('OperationError', 'algorithm.iv must contain exactly 16 bytes'); }
        if (name === 'AES-GCM' && !TAG_BITS.includes(tagLength)) {
            throwError('OperationError', `${tagLength} is not a valid AES-GCM tag length`);
        }
    }

    function usagesOf (name) { return Object.values(ALGORITHMS[name].usages).flat(); }

    // The algorithm for creating or importing a key.
    function keyAlgorithm (name, algorithm) {
        const result = { name },
            { needs } = ALGORITHMS[name];

        if (needs.includes('hash')) { result.hash = hashOf(algorithm.hash ?? missing('hash')); }
        if (needs.includes('namedCurve')) {
            result.namedCurve = CURVES.find((curve) => { return curve === algorithm.namedCurve; }) ??
                throwError('NotSupportedError', 'Unrecognized namedCurve');
        }
        if (algorithm?.length !== undefined) { result.length = number(algorithm.length, 'length'); }

        return result;
    }

    // The length of a derived key in bits; null for all bits that there are.
    function derivedLength (name, algorithm) {
        if (name.startsWith('AES')) {
            const length = number(algorithm.length, 'length');

            return [128, 192, 256].includes(length) ? length : throwError('OperationError', 'Invalid key length');
        }
        if (name !== 'HMAC') { return null; }

        return algorithm.length === undefined ? /384|512/.test(hashOf(algorithm.hash).name) ? 1024 : 512 : number(algorithm.length, 'length');
    }

    Object.assign(host, {
        algorithms: { ALGORITHMS, HASHES, throwError, bytes, named, missing, number, read, usagesOf, keyAlgorithm, derivedLength }
    });
}
