// Finds the call that failed with "not a function". The engine reports the place of the last name that it read, which
// may be in the arguments of the call or of a call around it. When several calls may have failed, the message names all.
(host) => {
    const { hasOwn } = Object,
        FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']),
        CLOSURES = new Set([...FUNCTIONS, 'ClassDeclaration', 'ClassExpression']),
        CALLS = new Set(['CallExpression', 'NewExpression', 'TaggedTemplateExpression']),
        KNOWN_BY_SYNTAX = new Set(['Literal', 'TemplateLiteral', 'ArrayExpression']),
        MAX_CALLS = 3,
        MAX_MESSAGE_LENGTH = 200,
        INTERMEDIATE = '(intermediate value)';

    function children (node) {
        const found = [];

        for (const key in node) {
            if (!hasOwn(node, key)) { continue; }
            for (const child of [node[key]].flat()) {
                if (child && typeof child.type === 'string') { found.push(child); }
            }
        }

        return found;
    }

    // The nodes from the root to the innermost one around a place. It does not enter a closure that begins there:
    // the place is that of the closure's creation.
    function pathTo (tree, offset) {
        const path = [tree];

        for (;;) {
            const node = path.at(-1),
                next = CLOSURES.has(node.type) && node.start === offset ? null :
                    children(node).find(({ start, end }) => { return start <= offset && offset < end; });

            if (!next) { return path; }
            path.push(next);
        }
    }

    function callee (call) {
        return call.type === 'TaggedTemplateExpression' ? call.tag : call.callee;
    }

    function isReference (node, parent) {
        if (node.type !== 'Identifier') { return false; }
        if (parent.type === 'MemberExpression') { return parent.object === node || parent.computed; }
        if (parent.type === 'Property') { return !parent.shorthand && (parent.value === node || parent.computed); }
        if (parent.type === 'AssignmentExpression') { return parent.right === node; }
        if (parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') { return false; }

        return true;
    }

    // Whether, before the call itself, the engine reads another name after the place and would thus report that name.
    function readsAfter (node, offset, parent = null) {
        if (node.end <= offset) { return false; }
        if (node.start > offset && parent && isReference(node, parent)) { return true; }
        if (CLOSURES.has(node.type) || /Pattern$|^MetaProperty$/.test(node.type)) { return false; }
        if (node.type === 'CallExpression') {
            const { callee: called } = node;

            if (called.type === 'MemberExpression' && !called.computed && called.property.start > offset) { return true; }
        }

        return children(node).some((child) => { return readsAfter(child, offset, node); });
    }

    function declaredNames (pattern, into) {
        if (!pattern) { return; }
        if (pattern.type === 'Identifier') { into.push(pattern.name); }
        else if (pattern.type === 'Property') { declaredNames(pattern.value, into); }
        else if (pattern.type === 'AssignmentPattern') { declaredNames(pattern.left, into); }
        else if (pattern.type === 'RestElement') { declaredNames(pattern.argument, into); }
        else if (/Pattern$/.test(pattern.type)) {
            for (const child of children(pattern)) { declaredNames(child, into); }
        }
    }

    // The names that a source declares: name -> the nodes of its values, undefined for a value that is not known.
    class Names {
        constructor (tree) {
            this.values = new Map();
            this.members = new Set(); // names of members that are assigned
            this.isDynamic = false; // `eval` or `with` may change anything
            this.visit(tree, null);
        }

        add (pattern, value) {
            const names = [];

            declaredNames(pattern, names);
            for (const name of names) {
                if (!this.values.has(name)) { this.values.set(name, []); }
                this.values.get(name).push(pattern.type === 'Identifier' ? value : undefined);
            }
        }

        assign (target) {
            this.add(target);
            if (target.type === 'MemberExpression') { this.members.add(memberName(target)); }
        }

        visit (node, parent) {
            if (FUNCTIONS.has(node.type)) {
                for (const parameter of node.params) { this.add(parameter); }
                const isHoisted = parent && (parent.type === 'Program' || FUNCTIONS.has(this.grandparent?.type));

                if (node.id) { this.add(node.id, isHoisted || node.type === 'FunctionExpression' ? node : undefined); }
            }
            else if (CLOSURES.has(node.type)) { this.add(node.id, node); }
            else if (node.type === 'VariableDeclaration') {
                for (const { id, init } of node.declarations) { this.add(id, node.kind === 'const' ? init : undefined); }
            }
            else if (node.type === 'CatchClause') { this.add(node.param); }
            else if (node.type === 'AssignmentExpression' || /^For(?:In|Of)Statement$/.test(node.type)) { this.assign(node.left); }
            else if (node.type === 'UpdateExpression') { this.add(node.argument); }
            else if (node.type === 'WithStatement' || (node.type === 'Identifier' && node.name === 'eval')) { this.isDynamic = true; }
            for (const child of children(node)) {
                this.grandparent = parent;
                this.visit(child, node);
            }
        }

        // The node of a name's only value; undefined when the name may have another value.
        nodeOf (name) {
            const values = this.values.get(name);

            return values?.length === 1 ? values[0] : undefined;
        }
    }

    const namesOf = new WeakMap(); // tree -> Names

    function names (tree) {
        if (!namesOf.has(tree)) { namesOf.set(tree, new Names(tree)); }

        return namesOf.get(tree);
    }

    function memberName ({ computed, property }) {
        if (!computed) { return property.name; }

        return property.type === 'Literal' ? String(property.value) : undefined;
    }

    // { value } of an expression whose value is certain without running any of the script; null for others.
    function known (node, scope) {
        switch (node.type) {
            case 'Identifier': {
                if (!scope.values.has(node.name)) { return host.parameterValue(node.name); }
                const declared = scope.nodeOf(node.name);

                return declared && KNOWN_BY_SYNTAX.has(declared.type) ? known(declared, scope) : null;
            }
            case 'Literal': return node.bigint ? null : { value: node.regex ? /x/ : node.value };
            case 'TemplateLiteral': return { value: '' };
            case 'ArrayExpression': return { value: [] };
            case 'FunctionExpression': case 'ArrowFunctionExpression': return { value: () => { /* a function */ } };
            case 'NewExpression': {
                const constructor = known(node.callee, scope)?.value;

                return constructor?.prototype ? { value: constructor.prototype } : null;
            }
            case 'MemberExpression': {
                const object = known(node.object, scope),
                    name = memberName(node);

                if (!object || name === undefined || object.value === undefined || object.value === null) { return null; }

                return { value: object.value[name] };
            }
            default: return null;
        }
    }

    // The nodes around a place, from the body of the function that contains it.
    function around ({ source, offset }) {
        if (!source.tree) { return []; }
        const path = pathTo(source.tree, offset);

        return path.slice(path.findLastIndex((node) => { return FUNCTIONS.has(node.type) && node.start < offset; }) + 1);
    }

    // The node of what is called, if the source defines it and never replaces it.
    function definition (call, scope) {
        const called = callee(call);

        return called.type === 'Identifier' ? scope.nodeOf(called.name) : called;
    }

    // Whether it is certain that a call could be made.
    function isCallable (call, scope) {
        const called = callee(call),
            node = definition(call, scope);

        if (scope.isDynamic || (called.type === 'MemberExpression' && scope.members.has(memberName(called)))) { return false; }
        if (node && CLOSURES.has(node.type)) {
            return call.type !== 'NewExpression' ||
                (node.type !== 'ArrowFunctionExpression' && !node.async && !node.generator);
        }
        const value = known(called, scope)?.value;

        return typeof value === 'function' && (call.type !== 'NewExpression' || Boolean(value.prototype));
    }

    // The text by which V8 names what is called.
    function nameOf (node) {
        switch (node.type) {
            case 'Identifier': return node.name;
            case 'ThisExpression': return 'this';
            case 'Literal':
                if (node.regex) { return `/${node.regex.pattern}/${node.regex.flags}`; }

                return typeof node.value === 'string' ? `"${node.value}"` : String(node.value);
            case 'TemplateLiteral': return node.expressions.length ? INTERMEDIATE : `"${node.quasis[0].value.cooked}"`;
            case 'CallExpression': return `${nameOf(node.callee)}(...)`;
            case 'ChainExpression': return nameOf(node.expression);
            case 'MemberExpression': return nameOfMember(node);
            case 'UnaryExpression': return nameOfUnary(node);
            case 'BinaryExpression': case 'LogicalExpression':
                if (node.left.operator === node.operator) { return INTERMEDIATE; }

                return `(${nameOf(node.left)} ${node.operator} ${nameOf(node.right)})`;
            case 'SequenceExpression': return `(${node.expressions.map(nameOf).join(' , ')})`;
            default: return INTERMEDIATE;
        }
    }

    function nameOfUnary ({ operator, argument }) {
        if (argument.type === 'Literal') { return operator === '-' ? `-${nameOf(argument)}` : INTERMEDIATE; }

        return `(${operator}${/\w/.test(operator) ? ' ' : ''}${nameOf(argument)})`;
    }

    function nameOfMember (node) {
        const { object, property, computed, optional } = node,
            of = nameOf(object);

        if (property.type === 'PrivateIdentifier') { return `${of}[#${property.name}]`; }
        if (!computed || (property.type === 'Literal' && typeof property.value === 'string')) {
            return `${of}${optional ? '?' : ''}.${computed ? property.value : property.name}`;
        }
        const plain = property.type === 'TemplateLiteral' && !property.expressions.length;

        return plain ? `${of}.${property.quasis[0].value.cooked}` : `${of}${optional ? '?.' : ''}[${nameOf(property)}]`;
    }

    // The calls that may have failed, the innermost last.
    function candidates (place) {
        return around(place).filter((node) => { return CALLS.has(node.type) && !readsAfter(node, place.offset); });
    }

    // V8's message for "not a function" or "not a constructor" at a place; null when the call is not certain.
    host.notCallable = (place, isConstructor) => {
        const scope = place.source.tree && names(place.source.tree),
            calls = candidates(place).filter((call) => {
                return (!isConstructor || call.type === 'NewExpression') && !isCallable(call, scope);
            }),
            messages = new Set(calls.map((call) => {
                return `${nameOf(callee(call))} is not a ${call.type === 'NewExpression' ? 'constructor' : 'function'}`;
            }));

        if (!messages.size || messages.size > MAX_CALLS || calls.some((call) => { return callee(call).type === 'Super'; })) {
            return null;
        }
        const text = [...messages].join(' or ');

        return text.length > MAX_MESSAGE_LENGTH ? null : text;
    };

    // V8's message for a value that is not iterable. In `for (… of list)` and `[...list]`, the place is in the list.
    host.notIterable = (place, isNullish) => {
        const path = around(place),
            at = path.findLastIndex(({ type }) => { return type === 'ForOfStatement' || type === 'SpreadElement'; }),
            isInCall = at > 0 && path[at].type === 'SpreadElement' && CALLS.has(path[at - 1].type),
            list = path[at + 1];

        if (!list || list !== (path[at].right ?? path[at].argument)) { return null; }
        if (path.slice(at).some(({ type }) => { return type === 'AssignmentExpression' || type === 'YieldExpression'; })) { return null; }
        if (isInCall && !isNullish) { return 'Spread syntax requires ...iterable[Symbol.iterator] to be a function'; }
        if (list.type === 'CallExpression' && !isInCall && !readsAfter(list, place.offset)) {
            return `${nameOf(list.callee)} is not a function or its return value is not iterable`;
        }
        if (list.type !== 'Identifier' && list.type !== 'MemberExpression') { return null; }

        return `${nameOf(list)} is not iterable${isInCall ? ' (cannot read property undefined)' : ''}`;
    };

    // The node that the innermost assignment around a place assigns to.
    function target (place) {
        const { left, argument } = around(place).findLast((node) => {
                return node.type === 'AssignmentExpression' || node.type === 'UpdateExpression';
            }) || {};

        return left || argument;
    }

    host.assignsMember = (place) => { return target(place)?.type === 'MemberExpression'; };

    host.assignedMember = (place) => { return host.assignsMember(place) ? memberName(target(place)) : undefined; };

    function some (node, test) {
        return test(node) || children(node).some((child) => { return some(child, test); });
    }

    host.mayThrowNull = ({ tree }) => {
        return tree !== null && some(tree, ({ type, name, argument }) => {
            return type === 'ThrowStatement' ? argument.type !== 'NewExpression' : type === 'Identifier' && name === 'reject';
        });
    };

    // Whether a script awaits something at its top level.
    host.waitsAtTopLevel = (source) => {
        function waits (node) {
            if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) { return true; }

            return !FUNCTIONS.has(node.type) && children(node).some(waits);
        }

        return !source.tree || waits(source.tree);
    };
}
