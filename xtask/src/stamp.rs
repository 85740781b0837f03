//! Whether a build's inputs have changed since it last succeeded.
//!
//! Knows files and their contents; must never know what is built from them.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// What a build was made from, and where that is remembered.
pub(crate) struct Stamp {
    file: PathBuf,
    value: String,
}

impl Stamp {
    /// Over the contents of `inputs` (files, or folders with everything in them) and some words, such as versions.
    pub(crate) fn of(file: PathBuf, root: &Path, inputs: &[&str], words: &[&str]) -> Result<Self> {
        Ok(Self { file, value: digest(root, inputs, words)? })
    }

    /// Nothing has changed since [`Stamp::set`].
    pub(crate) fn is_set(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|value| value == self.value)
    }

    /// The build succeeded.
    pub(crate) fn set(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, &self.value).with_context(|| format!("writing {}", self.file.display()))
    }

    /// The build begins: should it be interrupted, what it leaves is not taken for whole.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(failure) if failure.kind() != std::io::ErrorKind::NotFound => {
                Err(failure).with_context(|| format!("removing {}", self.file.display()))
            }
            _ => Ok(()),
        }
    }
}

/// A word for the contents of `inputs` (files, or folders with everything in them) and some words: another for others.
pub(crate) fn digest(root: &Path, inputs: &[&str], words: &[&str]) -> Result<String> {
    // A change of Rust's hash only builds once too often.
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    for input in inputs {
        let path = root.join(input);
        for path in files_under(&path)? {
            path.strip_prefix(root).unwrap_or(&path).hash(&mut hasher);
            fs::read(&path).with_context(|| format!("reading {}", path.display()))?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// All files under a path, sorted; the path itself where it is a file; none where there is nothing.
pub(crate) fn files_under(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).with_context(|| format!("listing {}", path.display()))? {
                open.push(entry?.path());
            }
        } else if path.exists() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a folder's files over another's.
pub(crate) fn copy_into(from: &Path, to: &Path) -> Result<()> {
    for file in files_under(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &target).with_context(|| format!("copying to {}", target.display()))?;
    }
    Ok(())
}

/// Empties a folder, and makes it where it is missing.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_an_input_changes() {
        let root = std::env::temp_dir().join(format!("sparkweb-stamp-{}", std::process::id()));
        empty(&root.join("in/deep")).unwrap();
        fs::write(root.join("in/deep/a"), "1").unwrap();
        let stamp = |words: &[&str]| Stamp::of(root.join("stamp"), &root, &["in", "absent"], words).unwrap();
        assert!(!stamp(&["v1"]).is_set());
        stamp(&["v1"]).set().unwrap();
        assert!(stamp(&["v1"]).is_set());
        assert!(!stamp(&["v2"]).is_set(), "a word changed");
        fs::write(root.join("in/deep/a"), "2").unwrap();
        assert!(!stamp(&["v1"]).is_set(), "a file changed");
        fs::remove_dir_all(&root).unwrap();
    }
}
