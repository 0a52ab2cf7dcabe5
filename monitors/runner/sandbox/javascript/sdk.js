// Postman's SDK makes and unmakes its objects by lodash's most general functions. The same results for what it mostly
// meets, plain names and plain values, by shorter ways.
(host) => {
    const lodash = require('lodash'),
        { PropertyBase } = require('postman-collection'),
        { hasOwn } = Object,
        { isArray } = Array,
        hasPath = lodash.has,
        forEachOf = lodash.forEach,
        toJSON = PropertyBase.prototype.toJSON,
        PATH = /[.[]/;

    lodash.has = function has (object, path) {
        if (typeof path !== 'string') { return hasPath(object, path); }
        if (object === null || object === undefined) { return false; }
        if (hasOwn(object, path)) { return true; }

        // What has a length may count as having an index that is empty.
        return (PATH.test(path) || typeof object.length === 'number') && hasPath(object, path);
    };

    lodash.isFunction = function isFunction (value) { return typeof value === 'function'; };

    lodash.forEach = lodash.each = function forEach (list, visit) {
        if (!isArray(list) || typeof visit !== 'function') { return forEachOf(list, visit); }
        for (let at = 0, count = list.length; at < count && visit(list[at], at, list) !== false;) { at += 1; }

        return list;
    };

    // A script's event, as far as the bundle looks at it; undefined for one of an unusual shape.
    host.event = ({ listen, script }) => {
        if (typeof listen !== 'string' || typeof script?.exec !== 'string' || script.src) { return undefined; }

        return { listen, script: { toSource: () => { return script.exec.replaceAll('\r\n', '\n'); } } };
    };

    // An element's properties that begin with `_`, without that; undefined when there are none.
    host.meta = (element) => {
        let meta;

        for (const name in element) {
            if (name[0] === '_' && name !== '_') { (meta ||= {})[lodash.trimStart(name, '_')] = element[name]; }
        }

        return meta;
    };

    function isSingular (value) {
        return value && value._postman_propertyIsList && !value._postman_proprtyIsSerialisedAsPlural;
    }

    function plain (value) {
        if (value === null || (typeof value !== 'object' && typeof value !== 'function')) { return value; }
        if (typeof value.toJSON === 'function') { return value.toJSON(); }
        if (isArray(value) && !value.length) { return []; }

        return lodash.cloneElement(value);
    }

    PropertyBase.prototype.toJSON = function () {
        if (typeof this.length === 'number') { return toJSON.call(this); }
        const json = {};

        for (const name of host.keys(this)) {
            const value = this[name];

            if (value === undefined) { continue; }
            json[isSingular(value) && name.endsWith('s') ? name.slice(0, -1) : name] = plain(value);
        }

        return json;
    };
}
