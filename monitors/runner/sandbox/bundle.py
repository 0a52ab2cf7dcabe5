"""Patches for the source of Postman's script bundle.

The bundle is minified. Each patch is a piece of its source and the replacement. In replacements, `host` is
the object that the files under `javascript/` add functions to.
"""

from __future__ import annotations

# Newman has an older bundle. Where the two differ, scripts expect Newman's behavior.
LIKE_NEWMAN = {
    # Newman has no function around the script: `var` with the name of a parameter keeps the parameter's
    # value.
    "const t=`;(async()=>{;": (
        'const names=b(e)?[]:host.parametersKeptByVar(e,"test"===a.listen),t=`;(async(${names})=>{;'
    ),
    # A script may return any value at its top level.
    "})().then(__exitscope).catch(__exitscope);": (
        """})(${names.map(n=>`typeof ${n}=="undefined"?void 0:${n}`)})"""
        """.then(()=>__exitscope(),e=>__exitscope(e,true));"""
    ),
    # A script may replace pm.test by a function of its own.
    "i=t.test.index();": "i=t.test?.index?.()??0;",
    # The callback of pm.sendRequest is called once, even if it throws, and always with a response object.
    # Without a callback, a failed request is not an error.
    "return r.isFunction(n)?(o().then(e=>{n.call(i,null,e,a)}).catch(e=>{n.call(i,e)}),i):o()": (
        "return r.isFunction(n)?(e?t(s.isRequest(e)?e:new s(e),(e,t,a)=>{"
        "a&&!u.isCookieList(a.cookies)&&(a.cookies=new u({},a.cookies)),"
        "n.call(i,e,c.isResponse(t)?t:new c(t),a)"
        '}):n.call(i,new Error("sendrequest: nothing to request")),i):host.ignoreRejection(o())'
    ),
    # QuickJS has no RegExp.$1.
    "(e=/^\\s*([^;\\s]*)/.test(e)&&RegExp.$1)&&": "(e=/^\\s*([^;\\s]*)/.exec(e)?.[1])&&",
    # A callback of the cookie jar is called once. Invalid arguments throw an error at once, which reaches
    # neither the callback nor the promise.
    "r().then(e=>{f(t,null,e)}).catch(e=>{f(t,e)})": "e((e,n)=>{f(t,e,n)})",
    "const r=()=>new Promise((t,n)=>{e(function(e,r){"
    "if(e)return n(e instanceof Error?e:new Error(e));t(r)})});": (
        "const r=()=>{const{promise:t,resolve:n,reject:r}=Promise.withResolvers();"
        "e((e,t)=>{e?r(e instanceof Error?e:new Error(e)):n(t)});return t};"
    ),
}

# The objects of an execution are created when a script first reads them.
LAZY = {
    "this.cookies=new a.CookieList(null,n.cookies),p.forEach(e=>{this[e]=": (
        'host.defer(this,"cookies",()=>new a.CookieList(null,n.cookies)),'
        "p.forEach(e=>{host.defer(this,e,()=>{const t="
    ),
    "?n[e]:new a.VariableScope(n[e]),this[e].enableTracking(d)}),": (
        "?n[e]:new a.VariableScope(n[e]);return t.enableTracking(d),t})}),"
    ),
    "&&(this.request=a.Request.isRequest(n.request)?n.request:new a.Request(n.request)),": (
        '&&host.defer(this,"request",()=>a.Request.isRequest(n.request)?n.request:new a.Request(n.request)),'
    ),
    "&&(this.response=a.Response.isResponse(n.response)?n.response:new a.Response(n.response));": (
        '&&host.defer(this,"response",'
        "()=>a.Response.isResponse(n.response)?n.response:new a.Response(n.response));"
    ),
    "let b=new o;b.syncVariablesFrom(e.data),e._variables.addLayer(b.values),"
    "e._variables.addLayer(e.environment.values),e._variables.addLayer(e.collectionVariables.values),"
    "e._variables.addLayer(e.globals.values),e.cookies&&(e.cookies.jar=function(){return new i(h)}),": (
        'host.defer(e,"iterationData",()=>{const t=new o;return t.syncVariablesFrom(e.data),t}),'
        'host.onceCreated(e,"_variables",t=>{'
        "t.addLayer(e.iterationData.values),t.addLayer(e.environment.values),"
        "t.addLayer(e.collectionVariables.values),t.addLayer(e.globals.values)}),"
        'host.onceCreated(e,"cookies",e=>{e.jar=function(){return new i(h)}});'
        'for(const t of["response","request"])host.onceCreated(e,t,e=>{'
        'Object.defineProperty(e,"to",{get(){return l.expect(this).to}})});'
    ),
    "globals:e.globals,environment:e.environment,collectionVariables:e.collectionVariables,"
    "variables:e._variables,iterationData:b,request:e.request,response:e.response,message:e.message,"
    "cookies:e.cookies,visualizer:": "visualizer:",
    'v.disabledAPIs),d(this,a),this.response&&Object.defineProperty(this.response,"to",'
    "{get(){return l.expect(this).to}}),this.request&&Object.defineProperty("
    'this.request,"to",{get(){return l.expect(this).to}}),b=null}': (
        "v.disabledAPIs),host.expose(this,e,v.disabledAPIs),d(this,a)}"
    ),
    "I.response&&delete I.response,": "delete I.response,",
    # The objects of the legacy interface are created for scripts that mention them.
    "i.setup(t,o,s),t.import": "i.setup(t,o,s,host.mentionsIn(n)),t.import",
    "setup(e,t,n){var o,s,h=r.assign({},a);h.tests={},"
    "h.globals=t.globals.syncVariablesTo(),h.environment=t.environment.syncVariablesTo(),": (
        "setup(e,t,n,mentions){var o,s,h={...a};h.tests={},"
        '(mentions.has("globals")||mentions.has("postman"))&&(h.globals=t.globals.syncVariablesTo()),'
        '(mentions.has("environment")||mentions.has("postman"))'
        "&&(h.environment=t.environment.syncVariablesTo()),"
    ),
    "h.request=t.request?{": 'h.request=mentions.has("request")&&t.request?{',
    "t.response&&(h.responseCookies": "mentions.response&&t.response&&(h.responseCookies",
    "new(t.response?PostmanLegacyTestInterface:": 'new("response"in t?PostmanLegacyTestInterface:',
    "i.forEach(t=>{h[t]&&[": "i.forEach(t=>{mentions.has(t)&&h[t]&&[",
    "exec(e,t,n){t&&!n&&": "exec(e,t,n){if(t?.async)return host.exec(this,e,s,t.block,n);t&&!n&&",
}

# The same results in less time.
FASTER = {
    "!r.includes(n,a)&&Object.hasOwn(t,a)": "!n.includes(a)&&Object.hasOwn(t,a)",
    "d=a.cloneDeep(e||u)": "d={...e||u}",
    "a=new c(a);const _=": "a=host.simpleEvent(a)||new c(a);const _=",
    'Object.keys(n).forEach(function(t){p(-1,!0),d["clear"+e](n[t])})': (
        'for(const t in n)Object.hasOwn(n,t)&&(p(-1,!0),d["clear"+e](n[t]))'
    ),
    "r=a(n).pickBy(e.propertyIsMeta).mapKeys(e.propertyUnprefixMeta).value();a.keys(r).length&&(": (
        "r=host.metaProperties(n);r&&("
    ),
    "a.assign(this,{members:this.members||[],reference:this.reference||{},Type:e})": (
        "Object.assign(this,{members:this.members||[],reference:this.reference||{},Type:e})"
    ),
    'a.assign(this,{type:"any",value:void 0,source:void 0})': (
        'Object.assign(this,{type:"any",value:void 0,source:void 0})'
    ),
    "create:function(){var e=Array.prototype.slice.call(arguments);return e.unshift(r),"
    "new(r.bind.apply(r,e))}}),t.exports={Header:r}": (
        "create:function(...e){return new r(...e)}}),t.exports={Header:r}"
    ),
}


def patched(source: str) -> str:
    """The bundle's source with all patches. Raises RuntimeError for the source of another release."""
    for original, replacement in (LIKE_NEWMAN | LAZY | FASTER).items():
        if source.count(original) != 1:
            raise RuntimeError("The installed postman-sandbox is not the release that package.json pins")
        source = source.replace(original, replacement)
    return source
