//! Any bytes at all against the firewall before the XML parser: cuts make no difference, what passes can be parsed, and
//! memory is bounded.
//!
//! With cargo-fuzz: `cargo fuzz run stanza_firewall`. Without, any stable toolchain will do:
//! ```text
//! RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 -Cllvm-args=-sanitizer-coverage-level=4 \
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!   -Cllvm-args=-sanitizer-coverage-trace-compares" \
//!   cargo run --release --manifest-path fuzz/Cargo.toml --target x86_64-unknown-linux-gnu -- \
//!   -max_total_time=60 fuzz/artifacts/found fuzz/corpus/stanza_firewall
//! ```

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use server::xmpp::{Breach, Filter, Rules, StanzaLimits};
use xso::exports::rxml::{Parse, Parser, error::EndOrError};

const HEADER: &[u8] = b"<?xml version='1.0'?><s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' version='1.0'>";

/// Small, so that chance gets over each of them.
static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| {
    Arc::new(Rules::new(StanzaLimits {
        depth: 4,
        bytes: 600,
        children: 8,
        attributes: 4,
        namespaces: 2,
        value_bytes: 30,
        text_bytes: 60,
        answer_bytes: 900,
        answer_children: 16,
    }))
});

fn pass<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Option<Breach>) {
    let mut filter = Filter::new(Arc::clone(&RULES));
    let mut out = Vec::new();
    for piece in pieces {
        if let Err(breach) = filter.feed(piece, &mut out) {
            assert_eq!(filter.held(), 0);
            return (out, Some(breach));
        }
        assert!(filter.held() <= 16 * 1024, "{} bytes are held", filter.held());
    }
    (out, None)
}

fuzz_target!(|data: &[u8]| {
    // The first byte says how the rest is cut, and whether it comes behind a header.
    let Some((how, rest)) = data.split_first() else { return };
    let stream = if how & 1 == 0 { [HEADER, rest].concat() } else { rest.to_vec() };
    let whole = pass([stream.as_slice()].into_iter());
    assert_eq!(pass(stream.chunks(usize::from(how >> 1) + 1)), whole);

    let mut parser = Parser::default();
    let mut bytes = whole.0.as_slice();
    loop {
        match parser.parse(&mut bytes, false) {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(EndOrError::NeedMoreData) => break,
            // A header is passed on as it is: what it begins is no stream of ours yet.
            Err(EndOrError::Error(_)) if how & 1 == 1 => break,
            Err(EndOrError::Error(error)) => panic!("what passed can't be parsed: {error}"),
        }
    }
});
