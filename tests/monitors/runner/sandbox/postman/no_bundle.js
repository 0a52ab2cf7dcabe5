module.exports = (done) => { done(null, ';'); };
