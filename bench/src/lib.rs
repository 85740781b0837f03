//! Benchmarks beside what people would use instead. `cargo xtask bench` runs them; the scripts lie beside this crate.
