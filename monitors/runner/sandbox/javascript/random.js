// Seeds Math.random in each child: otherwise all forked processes would get the same numbers.
(host) => {
    const state = new Uint32Array(4); // xoshiro128**

    function next () {
        const [, b, c, d] = state,
            scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0,
            shifted = b << 9;

        state[2] = c ^ state[0];
        state[3] = d ^ b;
        state[1] = b ^ state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = rotate(state[3], 11);

        return scrambled;
    }

    function rotate (value, bits) {
        return (value << bits) | (value >>> (32 - bits));
    }

    host.seed = (hex) => {
        for (let i = 0; i < 4; i++) { state[i] = parseInt(hex.slice(i * 8, i * 8 + 8), 16) | (i === 0); }
    };

    host.randomWord = next;
    host.seed('6a09e667bb67ae853c6ef372a54ff53a');
    Object.defineProperty(Math, 'random', {
        value: function random () { return ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992; },
        configurable: true,
        writable: true
    });
}
