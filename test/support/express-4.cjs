// Loaded before anything else, this gives Express 4 to whoever asks for Express: the tests and the package under test.
const Module = require('node:module');

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolveFilename.call(this, request === 'express' ? 'express4' : request, ...rest);
};
