//! How far the person has read, agreed with their other clients.

use expect_test::expect;

use super::{check, up};

#[test]
fn what_is_read_here_is_read_everywhere() {
    check(
        &up("- facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         - recv romeo@spark.test/x id=m1 body=hi archive=a1
         - recv romeo@spark.test/x id=m2 body=there archive=a2 markable
         - recv romeo@spark.test/x id=m3 body=unarchived
         read romeo@spark.test m2
         read romeo@spark.test m1
         read romeo@spark.test m3
         suspend
         - recv romeo@spark.test/x id=m4 body=later archive=a4
         read romeo@spark.test m4
         resume"),
        expect![[r#"
            read romeo@spark.test m2
              publish conversation_changed romeo@spark.test unread=1 read=m2
              message romeo@spark.test new1 displayed=m2
              ask 13 PublishReadMark(ReadMark { conversation: ConversationId(Jid("romeo@spark.test), archive_id: a2, by: Some(juliet@spark.test) })
              done
            read romeo@spark.test m1
              done
            read romeo@spark.test m3
              publish conversation_changed romeo@spark.test unread=0 read=m3
              done
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            read romeo@spark.test m4
              publish conversation_changed romeo@spark.test unread=0 read=m4
              done
            resume
              publish connection_changed,connection:{state:online
              ask 14 PublishReadMark(ReadMark { conversation: ConversationId(Jid("romeo@spark.test), archive_id: a4, by: Some(juliet@spark.test) })
              Inactive
        "#]],
    );
}

#[test]
fn what_another_client_has_shown_is_read_here() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=hi archive=a1
         - recv romeo@spark.test/x id=m2 body=there archive=a2
         - recv romeo@spark.test/x id=m3 body=again archive=a3
         marks romeo@spark.test romeo@spark.test=a3
         marks juliet@spark.test romeo@spark.test=a2@romeo@spark.test
         marks juliet@spark.test romeo@spark.test=a2
         marks juliet@spark.test romeo@spark.test=a1
         marks juliet@spark.test romeo@spark.test=a2
         marks juliet@spark.test romeo@spark.test=unheard-of nurse@spark.test=a9
         marks juliet@spark.test romeo@spark.test=a3@
         snapshot"),
        expect![[r#"
            marks romeo@spark.test romeo@spark.test=a3
            marks juliet@spark.test romeo@spark.test=a2@romeo@spark.test
            marks juliet@spark.test romeo@spark.test=a2
              publish conversation_changed romeo@spark.test unread=1 read=m2
            marks juliet@spark.test romeo@spark.test=a1
            marks juliet@spark.test romeo@spark.test=a2
            marks juliet@spark.test romeo@spark.test=unheard-of nurse@spark.test=a9
            marks juliet@spark.test romeo@spark.test=a3@
              publish conversation_changed romeo@spark.test unread=0 read=m3
            snapshot
              contact romeo@spark.test Offline
              conversation romeo@spark.test 0 Incoming m3 "again" at 0
        "#]],
    );
}

#[test]
fn what_came_while_nobody_was_there_is_unread() {
    for order in [
        "read-marks 6 romeo@spark.test=a2 nurse@spark.test=a5
         page 4 complete | PAGE",
        "page 4 complete | PAGE
         read-marks 6 romeo@spark.test=a2 nurse@spark.test=a5",
    ] {
        let page = "a1 romeo@spark.test/x id=m1 body=hi at=-9 | a2 romeo@spark.test/x id=m2 body=there at=-8 | a3 romeo@spark.test/x id=m3 body=new at=-7 \
                    | a4 nurse@spark.test/x id=m4 body=hi at=-6 | a5 juliet@spark.test/p to=nurse@spark.test id=m5 body=yes at=-5";
        let lines = order.replace("PAGE", page);
        let lines: Vec<String> = lines.lines().map(|line| format!("- {}", line.trim())).collect();
        check(
            &format!("- reset\n- roster 2 romeo@spark.test nurse@spark.test\n{}\nsnapshot", lines.join("\n")),
            expect![[r#"
                snapshot
                  contact nurse@spark.test Offline
                  contact romeo@spark.test Offline
                  conversation nurse@spark.test 0 Outgoing m5 "yes" at -5 Sent
                  conversation romeo@spark.test 1 Incoming m3 "new" at -7
            "#]],
        );
    }
}
