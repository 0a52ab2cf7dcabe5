pm.test('warm up', () => {
    const body = pm.response.json();

    pm.expect(body).to.be.an('object').that.has.property('list');
    pm.expect(body.list).to.be.an('array').that.has.lengthOf(1);
    pm.expect(body).to.eql({ list: ['text'] });
    pm.expect('text').to.be.a('string').that.includes('t');
    pm.expect(2).to.be.above(1).and.below(3);
    pm.expect(true).to.equal(true);
    pm.expect(null).to.not.exist;
    pm.response.to.have.status(200);
    pm.response.to.be.ok;
    pm.response.to.have.header('Content-Type');
});
pm.test('warm up to a failure', () => { pm.expect(1).to.equal(2); });
pm.environment.set('name', 'value');
pm.environment.get('name');
pm.environment.unset('name');
pm.variables.set('name', pm.variables.replaceIn('{{name}} {{$guid}} {{$timestamp}}'));
pm.request.headers.get('Accept');
tests.legacy = responseCode.code === 200 && JSON.parse(responseBody) && postman.getResponseHeader('Content-Type');
try { pm.nothing(pm.environment.get('name')); } catch { /* The message is worded from the source. */ }
console.log({ list: [1] }, 'text');
await new Promise((resolve) => { setTimeout(resolve, 1); });
