//! Tokens go both ways between this library and others. Those in other languages are asked by the test `peers`.

mod jsonwebtoken;
