// Web Crypto's global object. The random bytes come from Python.
(host) => {
    const { entropy, SubtleCrypto } = host,
        MAX_BYTES = 65536;

    function fill (target) {
        if (!ArrayBuffer.isView(target) || target instanceof DataView || /^Float/.test(target[Symbol.toStringTag])) {
            throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
        }
        if (target.byteLength > MAX_BYTES) {
            throw new DOMException(`The requested length exceeds ${MAX_BYTES} bytes`, 'QuotaExceededError');
        }
        host.bytesOf(target).setFromHex(entropy(target.byteLength));

        return target;
    }

    class Crypto {
        #subtle = new SubtleCrypto();

        get subtle () { return this.#subtle; }

        getRandomValues (target) { return fill(target); }

        randomUUID () {
            const hex = entropy(16),
                variant = (parseInt(hex[16], 16) & 3 | 8).toString(16);

            return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)]
                .join('-');
        }
    }

    host.define({ Crypto, SubtleCrypto, crypto: new Crypto() });
}
