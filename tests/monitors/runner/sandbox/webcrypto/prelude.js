// What the calls in calls.txt are written in. The keys were made for them and are no secrets.
const KEYS = {
  "rsa": {
    "kty": "RSA",
    "n": "zjzmrI0R-k3aV2gse8bHppr81yTvqsv65olm76m3seqPRFVr5m-lD9OtGjrS3559BV0tXRAif-3RDzGUdeA59b8PT7HUEsVe7aoUtzsLQpMTqvIeCuHoa_nwL5acEYsy9ZbUY6L5eIJddDsO_Ap29GXSCqsnw9TucL2BDGB-gJKD6WZOTWjvyQ_5ywukaSJDl7axBZEXJok2RM0PW9FiYZJ1cXFc-nT-XIpA_CWf_80-PBqymfS0lNhAKi2vsz9Vz5d1zXeJo1EIAl6Xu0Fst3P7BGWX6hobsRa8KDacEb_Zlo2VRaGVXjzdx1jQPFiAI0OTzrb68Zx2TJe2OdPTow",
    "e": "AQAB",
    "d": "EEn-GFMULLMMHFz7qUu7BsnbXYW28d3A1vsnMYiHu8-9HQvHc29mF4YevEBk8_ZrlJNlCN46qvRI3XxSegxXCEPhewjecj57TEowvgwaTBUpv-DZkLX4q7ss9niZ60SegWwef-PM4OYAQcF8HtTxUDXvRs-Ra3FyY3ZCmpye0nnanUDYQn-k39EwV_OCkRqGqdIwWI4H4sJ40P2snlRCVAyyPKP1rp6r8OU2B7e2_JeOEQnPQbFSK0XruYlvsHYiFKSmuq6mLZJTj9dZDK1T3SXUAxD3fXPfMPbHCcVI8WXgxUI6D5DGmaFCjr-dm994yiW8IrsWNtHwo08-wnoh",
    "p": "9hwrBkzKo2PgGd5kPm7mXs3ByEn0vAy2qV9Br7KfkkgHONI5OTqJDGjmeBik1O_k1AtCV5MSdtEoISK6E-xByADbDm7tNscS0cCfcTtEWHmbyoAHAGoKWvMONvMWylj6NXSh7pQlSdRjTDojmkpQRmfR3c2jz54K7N9uAUw9_58",
    "q": "1oaNbXqgXz6bIMp8faklZNMXoRIOES1w_vxVzndqnotJnZ03OnwgompIIvd1IPz-_zZUOmohd1jACxhfPW0T_Xp-D1JxcFhMd81r_5MIRIdtoSpFhpcD1MXmqcJtA-n2a6N3FsoRTweZ4ehw6v1tTord97OEjDDIpYT4RpvHHX0",
    "dp": "L0tGcVV8c12UCSSVevHwzzMXFBgyMZj32SB3DP50b7XrvV2YpYi8IWhfMaD6u_jFroHjY9TdbXvQDF4SCBYUpgyUC_gBGc-zrB8qBKZxAdeMuqNTtR6rksK2bpTUQlpK6s7Y93H8oG1yD4n0oYe6WW1GBSupWRJz4wUkrJcsKt0",
    "dq": "1HXJ16Vc8zdD18Pya1l7yVEu07zX5bdFc6NhL-wg0ghMziaILgoFIBV2f_roK9Wkjgm2fWvi3RouiE6I9IL1C1OnSXFzG7q3cOcnkKSDyar-rmD5HoStrKqa-YGvCfNKs-ve49kYL1bt1kionHKFMQZjMxC9s0IVVahNY1CgcNk",
    "qi": "0IOFHMrv5rrZaa5ihk2Bw6UekktQCvEXqLEbzRP1MgJ6qExHkSpDljSHbCm5Zx-Tayozd40uJYvRrFiplYCSzr_32ifMwA1kYqkkXuFSMQPB_hPXfmutvF67IQ1g24I5kKnpDjNg4cfjqMTorNuQaa6zUzZO9jH_uFU9QWX36jw"
  },
  "ec": {
    "kty": "EC",
    "x": "MWSb056-lnHDbC8GarGtXQwkTBLCaxrDjgxgjDpsIs0",
    "y": "RQOpzAdNo9D1dr59xgfGEygbOxr_yOCE3cwUhs8tIL4",
    "crv": "P-256",
    "d": "w-yMZ-hxIzmc7mty_cnxQNWNnxs3J4G2t3s67DajMqc"
  },
  "ecdh": {
    "kty": "EC",
    "x": "4uPB1btV5cTGUOsunT3XjQ0RWzARNhaMnYpn7BWRkScfMQJi-8-Hj9tFN9Aahi3m",
    "y": "1dzEX3J6pSKXuBXGX4PJPgulgME_M-Fc3ROF8MkCR2ciunK81ROwV5RrNZ5BGUZf",
    "crv": "P-384",
    "d": "q86N4XvbPY_WI8aNhPlJ54TFSy5IXSgYIdW9aHIPgP-r5OWzc0uUGs3eE0BRi2s-"
  },
  "ecdh2": {
    "kty": "EC",
    "x": "k0DND7UfTTEe23NW5d3UB_LE6rL-JCgbgNHEDKYJyLBLz_1kCJhXyNBYQtYGPErf",
    "y": "aGPgFHePCkxJT_8V5jUgnFp3KLpnfszQV-_UcYb6R1IK-A7qll7Em1Z1_v-pTeLe",
    "crv": "P-384"
  },
  "ed": {
    "crv": "Ed25519",
    "d": "c0vwbhn9S74KJTevFOZK6tLXMIPaouWgv7Ym9RE7K5s",
    "x": "StzplMcM4poTTxYt6fUAzuVDop_XcottZ1KDTjcfm1w",
    "kty": "OKP"
  },
  "x": {
    "crv": "X25519",
    "d": "eDZRBI4A5xDdlXRUn0AbBVhHFjW4YgEOxzRLxRpR2X4",
    "x": "su4zntikNZyHG-Q5nIakYx3eBjLpQidS7cQjSzTe-B4",
    "kty": "OKP"
  },
  "x2": {
    "crv": "X25519",
    "x": "DTOTssBUYfnzMaFH-F_1AcMqmlG6lKvD852KpBmFZB4",
    "kty": "OKP"
  }
};
const { subtle } = crypto, text = (t) => Buffer.from(t), hex = (b) => Buffer.from(b).toString('hex');
const pub = ({ d, p, q, dp, dq, qi, ...rest }) => rest;
const show = (k) => JSON.stringify([k.type, k.extractable, { ...k.algorithm, ...(k.algorithm.publicExponent ? { publicExponent: Array.from(k.algorithm.publicExponent) } : {}) }, k.usages]);
const raw = (name, bytes, usages, extra = {}) => subtle.importKey('raw', bytes, { name, ...extra }, true, usages);
const hmac = (hash, key = 'key', usages = ['sign', 'verify']) => raw('HMAC', text(key), usages, { hash });
const rsa = (name, hash, usages, key = KEYS.rsa) => subtle.importKey('jwk', key, { name, hash }, true, usages);
const ec = (name, namedCurve, key, usages) => subtle.importKey('jwk', key, { name, namedCurve }, true, usages);
const okp = (name, key, usages) => subtle.importKey('jwk', key, { name }, true, usages);
const iv = new Uint8Array(12).fill(7), iv16 = new Uint8Array(16).fill(7), bytes = (n) => new Uint8Array(n).map((_, i) => i), long = text('data'.repeat(100));
