//! What is told to those who do not look.

use expect_test::{Expect, expect};

use super::{Script, up};
use crate::events::{Earlier, MessageNotice, Notice};

/// What is told, and nothing else.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
fn check(script: &str, expected: Expect) {
    let out = Script { tells_notices: true, ..Script::new() }.run(script);
    let is_shown = |line: &&str| !line.starts_with(' ') || line.starts_with("  notice ");
    expected.assert_eq(&out.lines().filter(is_shown).map(|line| format!("{line}\n")).collect::<String>());
}

pub(super) fn show(notice: &Notice) -> String {
    match notice {
        Notice::Message(message) => format!("notice {}", message_text(message)),
        Notice::Earlier { archive, entries } => {
            let entries: Vec<String> = entries
                .iter()
                .map(|entry| match &entry.what {
                    Earlier::Message(message) => format!("{}={}", entry.id.0, message_text(message)),
                    Earlier::Seen(conversation) => format!("{}=seen {conversation}", entry.id.0),
                })
                .collect();
            format!("notice earlier in {archive}: {}", entries.join(" | "))
        }
        other => format!("notice {other:?}"),
    }
}

fn message_text(message: &MessageNotice) -> String {
    let MessageNotice { conversation, title, sender, body, id, archive, entry, names_person, notify, .. } =
        message;
    let entry = entry.as_ref().map(|entry| format!(" {}", entry.0)).unwrap_or_default();
    let sender = sender.as_ref().map(|sender| format!(" by {sender}")).unwrap_or_default();
    let names = if *names_person { " names-person" } else { "" };
    let notify = notify.map(|notify| format!(" {notify:?}")).unwrap_or_default();
    format!("message {id} of {conversation} ({title}{sender}) {body:?} in {archive}{entry}{names}{notify}")
}

#[test]
fn what_others_say_is_told_and_what_is_read_is_settled() {
    check(
        &up("recv romeo@spark.test/x id=m1 body=hi archive=a1
         recv romeo@spark.test/x id=m2 body=there
         recv spark.test id=h1 body=news headline
         read romeo@spark.test m1
         read romeo@spark.test m2
         recv romeo@spark.test/x id=m3 body=more
         recv juliet@spark.test/phone to=romeo@spark.test id=o1 body=mine carbon=sent
         recv romeo@spark.test/x id=m4 body=oops
         recv romeo@spark.test/x id=r1 body=x retracts=m4
         recv romeo@spark.test/x id=m5 body=last archive=a9
         marks juliet@spark.test romeo@spark.test=a9"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 body=hi archive=a1
              notice message m1 of romeo@spark.test (romeo@spark.test) "hi" in juliet@spark.test a1
            recv romeo@spark.test/x id=m2 body=there
              notice message m2 of romeo@spark.test (romeo@spark.test) "there" in juliet@spark.test
            recv spark.test id=h1 body=news headline
            read romeo@spark.test m1
            read romeo@spark.test m2
              notice Read(ConversationId(Jid("romeo@spark.test")))
            recv romeo@spark.test/x id=m3 body=more
              notice message m3 of romeo@spark.test (romeo@spark.test) "more" in juliet@spark.test
            recv juliet@spark.test/phone to=romeo@spark.test id=o1 body=mine carbon=sent
              notice Read(ConversationId(Jid("romeo@spark.test")))
            recv romeo@spark.test/x id=m4 body=oops
              notice message m4 of romeo@spark.test (romeo@spark.test) "oops" in juliet@spark.test
            recv romeo@spark.test/x id=r1 body=x retracts=m4
              notice Retracted { conversation: ConversationId(Jid("romeo@spark.test")), id: MessageId("m4") }
            recv romeo@spark.test/x id=m5 body=last archive=a9
              notice message m5 of romeo@spark.test (romeo@spark.test) "last" in juliet@spark.test a9
            marks juliet@spark.test romeo@spark.test=a9
              notice Read(ConversationId(Jid("romeo@spark.test")))
        "#]],
    );
}

#[test]
fn what_was_said_before_is_told_as_such() {
    check(
        "- reset
         - roster FetchRoster romeo@spark.test
         page QueryArchive complete | a1 romeo@spark.test/x id=m1 body=old at=1 | a2 juliet@spark.test/s to=nurse@spark.test id=o1 body=mine at=2 | a3 nurse@spark.test/x id=m2 body=hm at=3
         read-marks FetchReadMarks romeo@spark.test=a1
         recv romeo@spark.test/x id=m3 body=new archive=a4
         suspend
         - reset
         page QueryArchive complete | a5 romeo@spark.test/x id=m4 body=missed at=4",
        expect![[r#"
            page QueryArchive complete | a1 romeo@spark.test/x id=m1 body=old at=1 | a2 juliet@spark.test/s to=nurse@spark.test id=o1 body=mine at=2 | a3 nurse@spark.test/x id=m2 body=hm at=3
              notice earlier in juliet@spark.test: a1=message m1 of romeo@spark.test (romeo@spark.test) "old" in juliet@spark.test a1 | a2=seen nurse@spark.test | a3=message m2 of nurse@spark.test (nurse@spark.test) "hm" in juliet@spark.test a3
            read-marks FetchReadMarks romeo@spark.test=a1
              notice Read(ConversationId(Jid("romeo@spark.test")))
            recv romeo@spark.test/x id=m3 body=new archive=a4
              notice message m3 of romeo@spark.test (romeo@spark.test) "new" in juliet@spark.test a4
            suspend
            page QueryArchive complete | a5 romeo@spark.test/x id=m4 body=missed at=4
              notice message m4 of romeo@spark.test (romeo@spark.test) "missed" in juliet@spark.test a5
        "#]],
    );
}

/// What is said in a room is news from when somebody wants to hear it, or from when the person came in.
#[test]
fn rooms_that_one_is_in_are_told_of() {
    check(
        &up("room join den@rooms.spark.test nick=me
         room about FetchRoomInfo archive
         room here den@rooms.spark.test/me self id=o1
         heard
         room page QueryArchive complete | r1 den@rooms.spark.test/wolf id=m1 body=hi at=5
         heard
         room join lair@rooms.spark.test nick=me
         room about FetchRoomInfo
         room here lair@rooms.spark.test/me self
         room said lair@rooms.spark.test subject=
         heard"),
        expect![[r#"
            room join den@rooms.spark.test nick=me
            room about FetchRoomInfo archive
            room here den@rooms.spark.test/me self id=o1
            heard
            room page QueryArchive complete | r1 den@rooms.spark.test/wolf id=m1 body=hi at=5
              notice earlier in den@rooms.spark.test: r1=message m1 of den@rooms.spark.test (The Den by wolf) "hi" in den@rooms.spark.test r1
              notice Within(BareJid("den@rooms.spark.test"))
            heard
              notice Within(BareJid("den@rooms.spark.test"))
            room join lair@rooms.spark.test nick=me
            room about FetchRoomInfo
            room here lair@rooms.spark.test/me self
            room said lair@rooms.spark.test subject=
            heard
              notice Within(BareJid("den@rooms.spark.test"))
        "#]],
    );
}

#[test]
fn who_asks_is_told_until_they_are_answered() {
    check(
        &up("presence nurse@spark.test subscribe name=Angelica
         presence nurse@spark.test subscribe name=Angelica
         presence nurse@spark.test unsubscribe"),
        expect![[r#"
            presence nurse@spark.test subscribe name=Angelica
              notice ContactRequested { jid: BareJid("nurse@spark.test"), name: Some("Angelica") }
            presence nurse@spark.test subscribe name=Angelica
            presence nurse@spark.test unsubscribe
              notice ContactRequestClosed(BareJid("nurse@spark.test"))
        "#]],
    );
}
