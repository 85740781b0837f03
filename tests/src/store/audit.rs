//! The audit log: what was changed in the database behind the gateway's back is found.

use std::process::Stdio;

use server::config::Config;
use server::store::{AuditFilter, AuditRecord, AuditVerdict, Flaw, Store};
use server::upkeep::{self, Noted, UpkeepError};
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Postgres;
use crate::app::within;

/// How many entries there are.
const ENTRIES: i64 = 5;

fn record(number: i64) -> AuditRecord {
    AuditRecord {
        id: format!("{number:032x}"),
        at_ms: 1_767_225_600_000 + number,
        kind: if number == 1 { "signed_in" } else { "refused" }.to_owned(),
        jid: (number != 4).then(|| format!("j\u{fc}li\u{e9}t{number}@spark.test")),
        object: Some("\"'\\ \u{1f339} \u{2028} \u{7f} \u{1} </script>; DROP TABLE audit; --".to_owned()),
        detail: None,
        code: (number % 2 == 0).then(|| "forbidden".to_owned()),
        address: Some("2001:db8::1".to_owned()),
        amr: ["pwd", "otp"][..usize::try_from(number % 3).unwrap()].iter().map(ToString::to_string).collect(),
        request_id: Some("0f1e2d3c".to_owned()),
        count: number,
    }
}

async fn filled(store: Store) -> Store {
    assert_eq!(store.verify_audit().await.unwrap(), AuditVerdict::Whole { entries: 0, head: None });
    for number in 1..=ENTRIES {
        store.add_audit(&record(number)).await.unwrap();
        // The answer was lost, and it is tried again.
        store.add_audit(&record(number)).await.unwrap();
    }
    store
}

/// What somebody does who can write into the database, and what is found of it.
type Tampering = (&'static str, &'static str, Option<(i64, Flaw)>);

const TAMPERING: [Tampering; 10] = [
    (
        "another name",
        "UPDATE audit SET jid = 'romeo@spark.test' WHERE position = 3",
        Some((3, Flaw::Changed)),
    ),
    ("no name", "UPDATE audit SET jid = NULL WHERE position = 1", Some((1, Flaw::Changed))),
    ("another time", "UPDATE audit SET at_ms = at_ms + 1 WHERE position = 5", Some((5, Flaw::Changed))),
    ("another hash", "UPDATE audit SET hash = '00' WHERE position = 2", Some((2, Flaw::Changed))),
    ("the first left out", "DELETE FROM audit WHERE position = 1", Some((1, Flaw::Missing))),
    ("one left out", "DELETE FROM audit WHERE position = 3", Some((3, Flaw::Missing))),
    (
        "one left out and the gap closed",
        "DELETE FROM audit WHERE position = 4; UPDATE audit SET position = 4 WHERE position = 5",
        Some((4, Flaw::Changed)),
    ),
    (
        "one put in",
        "UPDATE audit SET position = 6 WHERE position = 5; UPDATE audit SET position = 5 WHERE position = 4; \
         INSERT INTO audit (position, id, at_ms, kind, amr, count, hash) SELECT 4, 'x', at_ms, kind, '', 1, hash \
         FROM audit WHERE position = 5",
        Some((4, Flaw::Changed)),
    ),
    (
        "one put in at the end",
        "INSERT INTO audit (position, id, at_ms, kind, amr, count, hash) SELECT 6, 'x', at_ms, kind, '', 1, hash \
         FROM audit WHERE position = 5",
        Some((6, Flaw::Changed)),
    ),
    // This is seen by whoever noted the last hash, and by nobody else.
    ("the last left out", "DELETE FROM audit WHERE position = 5", None),
];

async fn finds_what_was_changed(url: &str) {
    let store = filled(Store::open(url).await.unwrap()).await;
    install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    connection.execute("CREATE TABLE spare AS SELECT * FROM audit").await.unwrap();
    for (what, sql, found) in TAMPERING {
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        let verdict = store.verify_audit().await.unwrap();
        match found {
            Some((position, why)) => assert_eq!(verdict, AuditVerdict::Broken { position, why }, "{what}"),
            None => assert!(matches!(verdict, AuditVerdict::Whole { entries: 4, .. }), "{what}: {verdict:?}"),
        }
        connection.execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM spare").await.unwrap();
        let whole = store.verify_audit().await.unwrap();
        assert!(matches!(whole, AuditVerdict::Whole { entries: ENTRIES, .. }), "{what}: {whole:?}");
    }
    connection.close().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn sqlite_does_not_hide_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    finds_what_was_changed(&format!("sqlite:{}", folder.path().join("store.db").display())).await;
}

#[tokio::test]
async fn postgresql_does_not_hide_what_was_changed() {
    let postgres = Postgres::start().await;
    finds_what_was_changed(postgres.url()).await;
}

#[tokio::test]
async fn entries_are_found_by_what_they_say() {
    let store = filled(Store::in_memory().await.unwrap()).await;
    let found = async |filter: AuditFilter, limit| {
        let rows = store.audit(&filter, limit).await.unwrap();
        rows.iter().map(|row| row.position).collect::<Vec<_>>()
    };
    let all = AuditFilter::default();
    assert_eq!(found(all.clone(), 100).await, [5, 4, 3, 2, 1]);
    assert_eq!(found(all.clone(), 2).await, [5, 4]);
    assert_eq!(found(AuditFilter { before: Some(4), ..all.clone() }, 2).await, [3, 2]);
    let jid = record(2).jid;
    assert_eq!(found(AuditFilter { jid, ..all.clone() }, 100).await, [2]);
    // Of that to which it was done too.
    let jid = record(2).object;
    assert_eq!(found(AuditFilter { jid, before: Some(4), ..all.clone() }, 100).await, [3, 2, 1]);
    let kind = Some("signed_in".to_owned());
    assert_eq!(found(AuditFilter { kind, ..all.clone() }, 100).await, [1]);
    let span = AuditFilter { after_ms: Some(record(2).at_ms), before_ms: Some(record(4).at_ms), ..all };
    assert_eq!(found(span, 100).await, [3, 2]);
    let rows = store.audit_from(1, None, Some(record(4).at_ms)).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.record.clone()).collect::<Vec<_>>(), [record(2), record(3)]);
}

/// What `sparkweb audit verify` says, and whether all is well.
#[tokio::test]
async fn what_is_cut_off_is_found_by_what_was_noted() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::for_server("spark.test", "localhost:1").unwrap();
    let verify = async |config: &Config, noted: &str| {
        let noted = Some(noted).filter(|noted| !noted.is_empty()).map(|noted| noted.parse().unwrap());
        upkeep::verify_audit(config, noted.as_ref()).await.map(|report| (report.text, report.is_well))
    };
    assert!(matches!(verify(&config, "").await, Err(UpkeepError::NoStore)));
    let file = folder.path().join("store.db");
    let url = format!("sqlite:{}", file.display());
    config.store.url = Some(url.clone().into());
    assert!(matches!(verify(&config, "").await, Err(UpkeepError::Absent(_))));
    assert!(!file.exists(), "nothing is made by looking at it");
    filled(Store::open(&url).await.unwrap()).await.close().await;
    let (text, is_well) = verify(&config, "").await.unwrap();
    let last = text.trim_end_matches(".\n").rsplit(' ').next().unwrap();
    assert!(is_well && text == format!("The audit log is whole: 5 entries, the last of them {last}.\n"));
    assert!(verify(&config, last).await.unwrap().1);
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    connection.execute("DELETE FROM audit WHERE position = 5").await.unwrap();
    assert!(verify(&config, "").await.unwrap().1, "nobody could know");
    let (text, is_well) = verify(&config, last).await.unwrap();
    assert_eq!(text, "The audit log is not the one of which entry 5 was noted: that is not in it.\n");
    assert!(!is_well);
    connection.execute("UPDATE audit SET kind = 'signed_out' WHERE position = 2").await.unwrap();
    let (text, is_well) = verify(&config, "").await.unwrap();
    assert!(
        !is_well && text.starts_with("The audit log is broken at entry 2: it, or the one before"),
        "{text}"
    );
    for noted in ["", "5", "x:00"] {
        assert!(noted.parse::<Noted>().is_err(), "{noted}");
    }
}

/// Somebody else, who knows the description alone, comes to the same hashes.
#[tokio::test]
async fn an_export_can_be_looked_at_with_nothing_of_ours() {
    let store = filled(Store::in_memory().await.unwrap()).await;
    let lines: String = store.audit_from(0, None, None).await.unwrap().iter().map(|row| row.line()).collect();
    let python = std::env::var_os("SPARKWEB_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/audit_chain.py"))
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).await.unwrap();
    drop(stdin);
    let output = within("the looking", child.wait_with_output()).await.unwrap();
    let AuditVerdict::Whole { entries, head: Some(head) } = store.verify_audit().await.unwrap() else {
        panic!("it is not whole")
    };
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), format!("{entries} {head}"));
}
