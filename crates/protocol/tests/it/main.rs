//! Tests of the decoders against recordings, against anything, and against the fuzzing corpus.

extern crate seseragi_protocol as protocol;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod traces;
