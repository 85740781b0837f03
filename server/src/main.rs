//! The `sparkweb` program.

fn main() {}
