//! What is this module's own; `tests/src/store.rs` tries each database.

use super::*;

#[cfg(unix)]
#[tokio::test]
async fn files_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let store = Store::open(&url).await.unwrap();
    store.keep_credential("juliet@spark.test", "sealed", 1).await.unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&entry.unwrap().metadata().unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "others can read it");
        found += 1;
    }
    assert_eq!(found, 3, "the database, its log and the log's index");
    store.close().await;
}

#[tokio::test]
async fn what_is_no_store_is_refused() {
    for url in ["", "mysql://localhost/x", "sqlite:/nowhere/at/all.db", "postgres://127.0.0.1:1/x"] {
        assert!(Store::open(url).await.is_err(), "{url}");
    }
}
