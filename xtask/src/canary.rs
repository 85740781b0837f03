//! Whether any secret of a run of the tests is in what its gateways have logged and kept (S-2, S-31).
//!
//! The tests note every secret that they use or are given in the folder of the run (`tests/src/app/secrets.rs`), and what
//! kind of secret it is. Here each is looked for as it is, in hex, in base64 wherever it may begin there, percent-encoded,
//! and as a list of numbers. A run that has noted none of a kind, or left no file of a kind, has shown nothing of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::stamp;

/// By so many bytes what is looked for is found first; what is shorter is not looked for.
const PREFIX: usize = 8;

/// The most places that are told.
const MAX_TOLD: usize = 20;

/// What is looked for, by how it begins.
struct Canaries {
    by_prefix: HashMap<[u8; PREFIX], Vec<(Vec<u8>, usize)>>,
    /// Whether anything begins with these two bytes: most of a file is passed over by it.
    begins: Vec<bool>,
    secrets: Vec<Secret>,
}

/// Something that must be nowhere.
struct Secret {
    kind: String,
    bytes: Vec<u8>,
}

/// What a run has to have noted and left.
pub(crate) struct Expected {
    /// Kinds of secrets.
    pub(crate) kinds: &'static [&'static str],
    /// Ends of the names of files.
    pub(crate) files: &'static [&'static str],
}

/// Looks through a run's folder.
///
/// # Errors
/// Where a secret was found, and where there was nothing to look for or to look through.
pub(crate) fn look(run: &Path, expected: &Expected) -> Result<String> {
    let noted = fs::read_to_string(run.join("secrets")).context("the tests noted no secrets")?;
    let canaries = Canaries::of(noted.lines().filter_map(Secret::read).collect());
    for kind in expected.kinds {
        if !canaries.secrets.iter().any(|secret| secret.kind == *kind) {
            bail!("the tests noted no {kind} in {}", run.join("secrets").display());
        }
    }
    let mut found = Vec::new();
    let (mut files, mut bytes) = (0, 0);
    let mut of_kinds: BTreeMap<&str, usize> = expected.files.iter().map(|end| (*end, 0)).collect();
    for folder in ["logs", "stores"] {
        for path in stamp::files_under(&run.join(folder))? {
            let text = fs::read(&path)?;
            files += 1;
            bytes += text.len();
            let name = path.to_string_lossy();
            // What is empty shows nothing.
            for (_, count) in of_kinds.iter_mut().filter(|(end, _)| !text.is_empty() && name.ends_with(**end))
            {
                *count += 1;
            }
            found.extend(canaries.find(&text).map(|(at, kind)| format!("{kind}: {name} at byte {at}")));
        }
    }
    if files == 0 {
        bail!("the tests left no logs and no stores in {}", run.display());
    }
    if let Some((end, _)) = of_kinds.iter().find(|(_, count)| **count == 0) {
        bail!("the tests left nothing called …{end} in {}", run.display());
    }
    if !found.is_empty() {
        let more = found.len().saturating_sub(MAX_TOLD);
        found.truncate(MAX_TOLD);
        bail!("secrets are in what was logged or kept:\n  {}\n{more} more", found.join("\n  "));
    }
    let kinds: BTreeSet<&str> = canaries.secrets.iter().map(|secret| secret.kind.as_str()).collect();
    let of_kinds: String = of_kinds.iter().map(|(end, count)| format!(", {count} …{end}")).collect();
    Ok(format!(
        "{} secrets of {} kinds, {files} files{of_kinds}, {} MB: none found",
        canaries.secrets.len(),
        kinds.len(),
        bytes >> 20
    ))
}

impl Secret {
    /// A line: the secret in hex, and what it is.
    fn read(line: &str) -> Option<Self> {
        let (hex, kind) = line.split_once(' ')?;
        Some(Secret { kind: kind.to_owned(), bytes: unhex(hex)? })
    }
}

impl Canaries {
    fn of(secrets: Vec<Secret>) -> Self {
        let mut canaries =
            Canaries { by_prefix: HashMap::new(), begins: vec![false; 1 << 16], secrets: Vec::new() };
        for (index, secret) in secrets.iter().enumerate() {
            for form in forms(&secret.bytes) {
                let Some(prefix) = form.first_chunk::<PREFIX>().copied() else { continue };
                canaries.begins[usize::from(prefix[0]) << 8 | usize::from(prefix[1])] = true;
                canaries.by_prefix.entry(prefix).or_default().push((form, index));
            }
        }
        Canaries { secrets, ..canaries }
    }

    /// Where any of them begins, and what it is.
    fn find<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, &'a str)> + 'a {
        text.windows(PREFIX).enumerate().filter_map(move |(at, window)| {
            if !self.begins[usize::from(window[0]) << 8 | usize::from(window[1])] {
                return None;
            }
            let candidates = self.by_prefix.get(window)?;
            let (_, index) = candidates.iter().find(|(form, _)| text[at..].starts_with(form))?;
            Some((at, self.secrets[*index].kind.as_str()))
        })
    }
}

/// In how many ways a secret may be written.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = |upper: bool| {
        secret.iter().fold(String::new(), |mut text, byte| {
            let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
            text
        })
    };
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let percent = secret.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    let mut forms = vec![
        secret.to_vec(),
        hex(false).into(),
        hex(true).into(),
        percent.clone().into(),
        percent.replace("%20", "+").into(),
        numbers.join(",").into(),
        numbers.join(", ").into(),
    ];
    // Inside a longer text it begins at any of three bits of a character of base64; what shares one with its neighbours is
    // left out.
    for alphabet in [*b"+/", *b"-_"] {
        for before in 0..3 {
            let padded = [vec![0; before], secret.to_vec()].concat();
            let text = base64(&padded, alphabet);
            let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
            forms.push(text[first..last].to_vec());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// RFC 4648 sections 4 and 5, without padding.
fn base64(bytes: &[u8], last: [u8; 2]) -> Vec<u8> {
    let symbol = |value: u32| match value & 63 {
        value @ 0..26 => b'A' + value as u8,
        value @ 26..52 => b'a' + (value - 26) as u8,
        value @ 52..62 => b'0' + (value - 52) as u8,
        value => last[(value - 62) as usize],
    };
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits =
                chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..=chunk.len()).map(move |at| symbol(bits >> (18 - 6 * at)))
        })
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::test::{BROWSER_TESTS, INTEGRATION};

    const SECRET: &[u8] = b"juliet's own secret";

    fn secret(bytes: &[u8]) -> Secret {
        Secret { kind: "password".to_owned(), bytes: bytes.to_vec() }
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let canaries = Canaries::of(vec![secret(b"another one entirely"), secret(SECRET)]);
        let is_found = |text: &[u8]| canaries.find(text).next().is_some();
        for text in [
            "password=juliet's own secret",
            "6a756c6965742773206f776e20736563726574",
            "6A756C6965742773206F776E20736563726574",
            "?password=juliet%27s%20own%20secret",
            "[106,117,108,105,101,116,39,115,32,111,119,110,32,115,101,99,114,101,116]",
            "[106, 117, 108, 105, 101, 116, 39, 115, 32, 111, 119, 110, 32, 115, 101, 99, 114, 101, 116]",
        ] {
            assert!(is_found(text.as_bytes()), "{text}");
        }
        // As in the headers of HTTP and of SASL, wherever it begins.
        for before in ["", "a", "ab", "juliet:", "\0juliet\0", "long before it"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = [before.as_bytes(), SECRET, after.as_bytes()].concat();
                for alphabet in [*b"+/", *b"-_"] {
                    let text = [b"Basic ".to_vec(), base64(&text, alphabet)].concat();
                    assert!(is_found(&text), "{before:?} {after:?}");
                }
            }
        }
        for text in ["", "juliet's own", "Juliet's own secret", "amFtZXM6bm90IGhlcnM"] {
            assert!(!is_found(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648 section 10.
        for (text, expected) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
            assert_eq!(base64(text.as_bytes(), *b"+/"), expected.as_bytes());
        }
        assert_eq!(base64(&[0xfb, 0xff], *b"-_"), b"-_8");
    }

    #[test]
    fn a_run_is_looked_through_and_one_that_has_nothing_is_none() {
        let run = std::env::temp_dir().join(format!("sparkweb-canary-{}", std::process::id()));
        let write = |path: &str, text: &[u8]| {
            let path = run.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let look = |kinds, files| look(&run, &Expected { kinds, files });
        let refused = |kinds, files| look(kinds, files).unwrap_err().to_string();
        assert!(refused(&[], &[]).contains("noted no secrets"));
        write("secrets", b"6a756c6965742773206f776e20736563726574 password\n");
        assert!(refused(&[], &[]).contains("left no logs"));
        assert!(refused(&["act token"], &[]).contains("noted no act token"));
        write("logs/1-0", b"all is well");
        assert_eq!(look(&["password"], &[]).unwrap(), "1 secrets of 1 kinds, 1 files, 0 MB: none found");
        write("stores/1-1-store.db-wal", b"");
        assert!(refused(&[], &["-wal"]).contains("nothing called …-wal"), "an empty one is none");
        write("stores/1-1-store.db-wal", &[0; 10]);
        let told = "1 secrets of 1 kinds, 2 files, 1 …-wal, 0 MB: none found";
        assert_eq!(look(&[], &["-wal"]).unwrap(), told);
        write("stores/1-1-store.db-wal", &[&[0; 100], SECRET, &[0; 100]].concat());
        let found = refused(&[], &[]);
        assert!(found.contains("password: ") && found.contains("store.db-wal at byte 100"), "{found}");
        fs::remove_dir_all(&run).unwrap();
    }

    /// A run that leaves a file of each kind, with nothing in them that should not be there.
    struct Run {
        folder: PathBuf,
        expected: &'static Expected,
    }

    impl Run {
        fn new(name: &str, expected: &'static Expected) -> Self {
            let folder = std::env::temp_dir().join(format!("sparkweb-{name}-{}", std::process::id()));
            let run = Run { folder, expected };
            for end in expected.files {
                run.leave(end, b"");
            }
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            let noted = expected.kinds.iter().flat_map(|kind| secrets_of(kind).map(|bytes| (kind, bytes)));
            let lines: String = noted.map(|(kind, bytes)| format!("{} {kind}\n", hex(&bytes))).collect();
            fs::write(run.folder.join("secrets"), lines).unwrap();
            run
        }

        /// Leaves a file whose name ends so, with something in the midst of what else such files have.
        fn leave(&self, end: &str, planted: &[u8]) {
            let (folder, around): (_, [&[u8]; 2]) = match end {
                "-log" => ("logs", [b"2026-11-26T16:00:00Z DEBUG answered detail=", b" status=200\n"]),
                "-dump.sql" => ("stores", [b"INSERT INTO sign_ins VALUES ('", b"', 1);\n"]),
                _ => ("stores", [b"SQLite format 3\0\x10\0\x01\x01", &[0; 512]]),
            };
            let path = self.folder.join(folder).join(format!("1-0{end}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, [around[0], planted, around[1]].concat()).unwrap();
        }
    }

    impl Drop for Run {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.folder).unwrap();
        }
    }

    /// A secret of a kind as it is written, and one of bytes, as keys are.
    fn secrets_of(kind: &str) -> [Vec<u8>; 2] {
        let bytes = kind.bytes().cycle().zip(0..32_u8).map(|(byte, at)| byte.wrapping_mul(31) ^ at | 0x80);
        [format!("{kind}'s own+secret/{}", kind.len()).into_bytes(), bytes.collect()]
    }

    /// A scan that can't fail proves nothing: each kind of secret, in each kind of file, in each way to write it.
    #[test]
    fn what_leaks_is_found_wherever_it_is() {
        for (name, expected) in [("leak", &INTEGRATION), ("leak-browser", &BROWSER_TESTS)] {
            let run = Run::new(name, expected);
            let look = || look(&run.folder, run.expected);
            look().unwrap();
            for end in expected.files {
                for (kind, secret) in
                    expected.kinds.iter().flat_map(|kind| secrets_of(kind).map(|secret| (kind, secret)))
                {
                    for form in forms(&secret) {
                        run.leave(end, &form);
                        let found = look().unwrap_err().to_string();
                        let is_told = found.contains(&format!("{kind}: "))
                            && found.contains(&format!("1-0{end} at byte"));
                        assert!(is_told, "{kind} in …{end}: {found}");
                    }
                }
                run.leave(end, b"");
            }
            look().unwrap();
        }
    }
}
