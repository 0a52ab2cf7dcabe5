pm.test('warm up', () => {
    pm.expect(pm.response.json()).to.eql({});
    pm.expect('a').to.be.a('string').that.includes('a');
    pm.response.to.have.status(200);
    pm.expect(() => { pm.expect(1).to.equal(2); }).to.throw();
});
pm.environment.set('name', 'value');
pm.environment.unset('name');
pm.variables.replaceIn('{{name}} {{$guid}}');
console.log({ list: [1] });
