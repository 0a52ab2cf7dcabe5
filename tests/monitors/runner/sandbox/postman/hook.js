// Loaded into mocha before Postman's tests: in place of their `uvm`, which starts a worker thread, and of the bundle
// for it, comes a connection to this project's sandbox.
const { EventEmitter } = require('events'),
    Module = require('module'),
    net = require('net'),
    path = require('path'),
    { VariableScope } = require(require.resolve('postman-collection', { paths: [process.cwd()] })),

    HEADER_BYTES = 4,
    SCOPES = ['globals', 'environment', 'collectionVariables'],
    resolve = Module._resolveFilename,
    replaced = { uvm: __filename };

class Sandbox extends EventEmitter {
    connect (options, callback) {
        this.pending = Buffer.alloc(0);
        this.executions = {};
        this.socket = net.connect(process.env.SANDBOX_SOCKET);
        this.socket.on('data', (data) => { this.receive(data); });
        this.socket.on('error', () => { /* a closed sandbox is told by what does not come */ });
        this.socket.once('connect', () => { callback(null, this); });
    }

    receive (data) {
        this.pending = Buffer.concat([this.pending, data]);
        while (this.pending.length >= HEADER_BYTES) {
            const end = HEADER_BYTES + this.pending.readUInt32BE(0);

            if (this.pending.length < end) { return; }
            const message = JSON.parse(this.pending.subarray(HEADER_BYTES, end).toString());

            this.pending = this.pending.subarray(end);
            this.deliver(...message);
        }
    }

    // The sandbox leaves out what its own runner does not need; here it is put back.
    deliver (name, ...args) {
        if (name.startsWith('execution.result.')) {
            args = [asError(args[0]), args[1] && asSent(this.executions[args[1].id], args[1])];
        }
        if (name === 'execution.error') { args = [args[0], asError(args[1])]; }
        if (name === 'execution.error' || name === 'execution.assertion') {
            this.emit(`${name}.${args[0].execution}`, ...args);
        }
        this.emit(name, ...args);
    }

    dispatch (name, ...args) {
        // The bundle was initialized when the sandbox booted.
        if (name === 'initialize') {
            setImmediate(() => { this.emit('initialize', null); });

            return;
        }
        if (name === 'execute') {
            const [id, , context, options] = args,
                { data = {}, cookies = [] } = context || {};

            this.executions[id] = { legacy: options.legacy || {}, cursor: options.cursor, data, cookies };
            for (const name of SCOPES) { this.executions[id][name] = new VariableScope(context?.[name]).toJSON(); }
        }
        const body = Buffer.from(JSON.stringify([name, ...args], (key, value) => {
                return value instanceof Error ? asError(value) : value;
            })),
            header = Buffer.alloc(HEADER_BYTES);

        header.writeUInt32BE(body.length);
        this.socket.write(Buffer.concat([header, body]));
    }

    disconnect (callback) {
        this.socket.destroy();
        callback && callback();
    }
}

function asSent (sent, result) {
    const changed = Object.entries(result).filter(([, value]) => { return value !== undefined; });

    return { ...sent, ...Object.fromEntries(changed) };
}

function asError (error) {
    return error && typeof error === 'object' ?
        { type: 'Error', name: error.name, message: error.message } : error;
}

Module._resolveFilename = function (request, ...rest) {
    if (replaced[request]) { return replaced[request]; }
    if (request.endsWith('.cache/bootcode')) { return path.join(__dirname, 'no_bundle.js'); }

    return resolve.call(this, request, ...rest);
};

module.exports = Sandbox;
