//! Catching up after a gap: what was missed is told, and what did not arrive is sent again.

use expect_test::expect;

use protocol::ArchiveId;

use super::{ArchivePage, IncomingMessage, Script, chat, check, up};

/// `page 4 complete unstable | a1 romeo@spark.test/x body=hi at=5 | a2 ...`
pub(super) fn page(line: &str) -> ArchivePage {
    let mut parts = line.split('|');
    let head = parts.next().unwrap();
    let (complete, stable) = (head.contains("complete"), !head.contains("unstable"));
    let messages: Vec<IncomingMessage> = parts
        .map(|part| {
            let words: Vec<&str> = part.split_whitespace().collect();
            IncomingMessage {
                archive_id: Some(ArchiveId(words[0].to_owned())),
                ..chat(words[1], &words[2..])
            }
        })
        .collect();
    let id = |message: Option<&IncomingMessage>| message.and_then(|message| message.archive_id.clone());
    ArchivePage { first: id(messages.first()), last: id(messages.last()), complete, stable, messages }
}

#[test]
fn after_a_gap_only_what_the_archive_lacks_is_sent_again() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - send romeo@spark.test s1 arrived
         - send romeo@spark.test s2 lost
         - suspend
         reset s1 s2
         roster FetchRoster romeo@spark.test
         page QueryArchive | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1 | a3 romeo@spark.test/x id=m1 body=missed at=2
         recv romeo@spark.test/x id=m2 body=live archive=a5
         page QueryArchive complete | a4 romeo@spark.test/x id=m3 body=missed_too at=3 | a5 romeo@spark.test/x id=m2 body=live at=4"),
        expect![[r#"
            reset s1 s2
              publish connection_changed,connection:{state:online
              ask 9 EnableCarbons
              ask 10 FetchRoster { version: None }
              ask 11 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 12 QueryArchive { with: None, before: None, after: Some(a1), start_ms: None, max: 100 }
              ask 13 FetchNickname { jid: juliet@spark.test }
              ask 14 FetchReadMarks
              ask 15 FetchBlocks
              ask 16 FetchAvatarHash { jid: juliet@spark.test }
            roster FetchRoster romeo@spark.test
              publish roster_replaced 1
            page QueryArchive | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1 | a3 romeo@spark.test/x id=m1 body=missed at=2
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              publish message_added romeo@spark.test Incoming m1 "missed" at 0 delayed
              publish conversation_changed romeo@spark.test unread=1 read=m0
              ask 17 QueryArchive { with: None, before: None, after: Some(a3), start_ms: None, max: 100 }
            recv romeo@spark.test/x id=m2 body=live archive=a5
              publish message_added romeo@spark.test Incoming m2 "live" at 0
              publish conversation_changed romeo@spark.test unread=2 read=m0
            page QueryArchive complete | a4 romeo@spark.test/x id=m3 body=missed_too at=3 | a5 romeo@spark.test/x id=m2 body=live at=4
              publish message_added romeo@spark.test Incoming m3 "missed too" at 0 delayed
              publish conversation_changed romeo@spark.test unread=3 read=m0
              message romeo@spark.test s2 body=lost first-sent=0
        "#]],
    );
}

/// A server may end the stream over a message, and does so again each time that it gets it.
#[test]
fn what_ends_one_stream_after_the_other_is_not_sent_again_for_ever() {
    let lost = "- suspend\n- reset s1 s2\n";
    let again = "page QueryArchive complete\n";
    let script = format!(
        "- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - send romeo@spark.test s1 evil
         - send romeo@spark.test s2 harmless
         {lost}- {again}{lost}- {again}{lost}- {again}{lost}{again}{lost}{again}"
    );
    check(
        &up(&script),
        expect![[r#"
        page QueryArchive complete
          message romeo@spark.test s1 body=evil first-sent=0
          message romeo@spark.test s2 body=harmless first-sent=0
        page QueryArchive complete
          publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:failed,reason:other
          message romeo@spark.test s2 body=harmless first-sent=0
    "#]],
    );
}

/// Reads `pages` of 50 entries after a gap, and says what was published and asked for with the last of them.
fn after_missing(pages: usize, is_last_complete: bool) -> (Vec<String>, String) {
    let mut run = Script::new();
    for line in up("recv romeo@spark.test/x id=m0 body=hm archive=a0\nreset").lines() {
        run.line(line.trim().trim_start_matches("- "));
    }
    run.out.clear();
    let mut at_last = String::new();
    for page in 1..=pages {
        let begun = run.out.len();
        let complete = if page == pages && is_last_complete { " complete" } else { "" };
        let entries = (1..=50).map(|entry| {
            let number = (page - 1) * 50 + entry;
            format!(" | a{number} romeo@spark.test/x id=m{number} body={number} at=1")
        });
        run.line(&format!("page QueryArchive{complete}{}", entries.collect::<String>()));
        at_last = run.out[begun..].to_owned();
    }
    let added = run.out.lines().filter_map(|line| line.split_once("message_added ")?.1.split('"').nth(1));
    (added.map(str::to_owned).collect(), at_last)
}

/// R-22.
#[test]
fn ten_thousand_that_were_missed_come_once_and_in_order() {
    let (added, at_last) = after_missing(200, true);
    assert!(added.iter().eq(&(1..=10_000).map(|number| number.to_string()).collect::<Vec<_>>()), "{added:?}");
    assert!(!at_last.contains("ask ") && !at_last.contains("history_changed"), "{at_last}");
}

#[test]
fn more_than_can_be_caught_up_is_owned_up_to() {
    let (added, at_last) = after_missing(399, false);
    assert_eq!(added.len(), 19_950);
    assert!(at_last.contains("after: Some(a19950)") && !at_last.contains("history_changed"), "{at_last}");
    let (added, at_last) = after_missing(400, false);
    assert_eq!(added.len(), 20_000);
    assert!(at_last.contains("publish history_changed") && at_last.contains("after: None"), "{at_last}");
}

/// R-22: what is there is told by time, and what is gone is owned up to.
#[test]
fn a_gap_whose_beginning_the_archive_has_forgotten_is_closed_by_time() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a0
         - recv romeo@spark.test/x id=m1 body=hm archive=a1
         - reset
         refuse QueryArchive gone
         page QueryArchive | a0 romeo@spark.test/x id=m0 body=hm at=0 | a7 romeo@spark.test/x id=m7 body=missed at=1
         page QueryArchive complete | a8 romeo@spark.test/x id=m8 body=missed_too at=2
         - reset
         refuse QueryArchive gone
         lost QueryArchive
         - reset
         refuse QueryArchive gone
         page QueryArchive | a9 romeo@spark.test/x id=m9 body=at_last at=3
         refuse QueryArchive gone
         page QueryArchive complete"),
        expect![[r#"
            refuse QueryArchive gone
              publish history_changed
              ask 17 QueryArchive { with: None, before: None, after: None, start_ms: Some(-300000), oldest: true, max: 100 }
            page QueryArchive | a0 romeo@spark.test/x id=m0 body=hm at=0 | a7 romeo@spark.test/x id=m7 body=missed at=1
              publish message_added romeo@spark.test Incoming m7 "missed" at 0 delayed
              publish conversation_changed romeo@spark.test unread=3 read=-
              ask 18 QueryArchive { with: None, before: None, after: Some(a7), start_ms: None, max: 100 }
            page QueryArchive complete | a8 romeo@spark.test/x id=m8 body=missed_too at=2
              publish message_added romeo@spark.test Incoming m8 "missed too" at 0 delayed
              publish conversation_changed romeo@spark.test unread=4 read=-
            refuse QueryArchive gone
              publish history_changed
              ask 27 QueryArchive { with: None, before: None, after: None, start_ms: Some(-300000), oldest: true, max: 100 }
            lost QueryArchive
            refuse QueryArchive gone
              publish history_changed
              ask 36 QueryArchive { with: None, before: None, after: None, start_ms: Some(-300000), oldest: true, max: 100 }
            page QueryArchive | a9 romeo@spark.test/x id=m9 body=at_last at=3
              publish message_added romeo@spark.test Incoming m9 "at last" at 0 delayed
              publish conversation_changed romeo@spark.test unread=5 read=-
              ask 37 QueryArchive { with: None, before: None, after: Some(a9), start_ms: None, max: 100 }
            refuse QueryArchive gone
              publish history_changed
              ask 38 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
            page QueryArchive complete
        "#]],
    );
}

/// R-22: an archive may say of its pages that they are not to be relied on.
#[test]
fn a_gap_that_was_closed_with_what_may_change_is_owned_up_to() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - reset
         page QueryArchive unstable | a2 romeo@spark.test/x id=m2 body=missed at=1
         page QueryArchive complete | a3 romeo@spark.test/x id=m3 body=missed_too at=2
         - reset
         page QueryArchive complete"),
        expect![[r#"
            page QueryArchive unstable | a2 romeo@spark.test/x id=m2 body=missed at=1
              publish message_added romeo@spark.test Incoming m2 "missed" at 0 delayed
              publish conversation_changed romeo@spark.test unread=2 read=-
              ask 17 QueryArchive { with: None, before: None, after: Some(a2), start_ms: None, max: 100 }
            page QueryArchive complete | a3 romeo@spark.test/x id=m3 body=missed_too at=2
              publish message_added romeo@spark.test Incoming m3 "missed too" at 0 delayed
              publish conversation_changed romeo@spark.test unread=3 read=-
              publish history_changed
            page QueryArchive complete
        "#]],
    );
}

#[test]
fn a_gap_that_cannot_be_closed_is_owned_up_to() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - reset
         refuse QueryArchive gone
         refuse QueryArchive unsupported
         refuse QueryArchive unsupported"),
        expect![[r#"
            refuse QueryArchive gone
              publish history_changed
              ask 17 QueryArchive { with: None, before: None, after: None, start_ms: Some(-300000), oldest: true, max: 100 }
            refuse QueryArchive unsupported
              ask 18 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
            refuse QueryArchive unsupported
        "#]],
    );
}
