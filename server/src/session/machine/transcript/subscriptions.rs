//! Who sees whom: what the person says about it, and who asks.

use expect_test::expect;

use super::*;

#[test]
fn a_request_waits_for_the_person() {
    check(
        &up("presence nurse@spark.test subscribe name=Nurse text=Let_me_in
         tick 1000
         presence nurse@spark.test subscribe name=Nurse text=Let_me_in
         presence nurse@spark.test subscribe name=Angelica
         presence romeo@spark.test subscribe
         presence juliet@spark.test subscribe
         requests
         accept mercutio@spark.test
         accept nurse@spark.test subscribe
         push nurse@spark.test from
         done Ping
         presence mercutio@spark.test subscribe
         decline mercutio@spark.test
         lost Ping
         requests
         decline mercutio@spark.test
         done Ping
         presence mercutio@spark.test subscribe
         presence mercutio@spark.test unsubscribe
         presence mercutio@spark.test subscribe
         suspend
         accept mercutio@spark.test
         requests"),
        expect![[r#"
            presence nurse@spark.test subscribe name=Nurse text=Let_me_in
              publish subscription_requested,request:{jid:nurse@spark.test,name:Nurse,text:Let me in,received_at_ms:0
            tick 1000
            presence nurse@spark.test subscribe name=Nurse text=Let_me_in
            presence nurse@spark.test subscribe name=Angelica
              publish subscription_requested,request:{jid:nurse@spark.test,name:Angelica,received_at_ms:0
            presence romeo@spark.test subscribe
            presence juliet@spark.test subscribe
            requests
              requests ["nurse@spark.test Some(\"Angelica\") None at 0"]
            accept mercutio@spark.test
              refused: nobody of that address asks to see the person's presence
            accept nurse@spark.test subscribe
              Subscription { to: nurse@spark.test, change: Subscribed, name: None }
              Subscription { to: nurse@spark.test, change: Subscribe, name: None }
              ask 9 Ping
            push nurse@spark.test from
              publish contact_changed nurse@spark.test From
              publish subscription_request_closed,jid:nurse@spark.test
            done Ping
              done
            presence mercutio@spark.test subscribe
              publish subscription_requested,request:{jid:mercutio@spark.test,received_at_ms:1000
            decline mercutio@spark.test
              Subscription { to: mercutio@spark.test, change: Unsubscribed, name: None }
              ask 10 Ping
            lost Ping
              refused: the connection to the XMPP server was lost
            requests
              requests ["mercutio@spark.test None None at 1000"]
            decline mercutio@spark.test
              Subscription { to: mercutio@spark.test, change: Unsubscribed, name: None }
              ask 11 Ping
            done Ping
              publish subscription_request_closed,jid:mercutio@spark.test
              done
            presence mercutio@spark.test subscribe
              publish subscription_requested,request:{jid:mercutio@spark.test,received_at_ms:1000
            presence mercutio@spark.test unsubscribe
              publish subscription_request_closed,jid:mercutio@spark.test
            presence mercutio@spark.test subscribe
              publish subscription_requested,request:{jid:mercutio@spark.test,received_at_ms:1000
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            accept mercutio@spark.test
              refused: the session's connection is down; it is being brought back
            requests
              requests ["mercutio@spark.test None None at 1000"]
        "#]],
    );
}

#[test]
fn requests_outlive_a_stream_without_being_doubled() {
    check(
        &up("presence a@spark.test subscribe
         presence b@spark.test subscribe
         presence c@spark.test subscribe
         suspend
         reset
         - roster FetchRoster c@spark.test
         requests
         presence a@spark.test subscribe
         done Ping
         requests"),
        expect![[r#"
            presence a@spark.test subscribe
              publish subscription_requested,request:{jid:a@spark.test,received_at_ms:0
            presence b@spark.test subscribe
              publish subscription_requested,request:{jid:b@spark.test,received_at_ms:0
            presence c@spark.test subscribe
              publish subscription_requested,request:{jid:c@spark.test,received_at_ms:0
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            reset
              publish connection_changed,connection:{state:online
              ask 9 EnableCarbons
              ask 10 FetchRoster { version: None }
              ask 11 FetchBookmarks
              Presence { availability: Available, status: None }
              ask 12 Ping
              Inactive
              ask 13 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 14 FetchNickname { jid: juliet@spark.test }
              ask 15 FetchReadMarks
              ask 16 FetchBlocks
              ask 17 FetchAvatarHash { jid: juliet@spark.test }
            requests
              requests ["a@spark.test None None at 0", "b@spark.test None None at 0"]
            presence a@spark.test subscribe
            done Ping
              publish subscription_request_closed,jid:b@spark.test
            requests
              requests ["a@spark.test None None at 0"]
        "#]],
    );
}

#[test]
fn requests_are_bounded() {
    let mut script = UP.to_owned();
    for n in 0..201 {
        script.push_str(&format!("- presence n{n:03}@spark.test subscribe\n"));
    }
    script.push_str(
        "decline n200@spark.test\ndecline n000@spark.test\n- done Ping\npresence n200@spark.test subscribe",
    );
    check(
        &script,
        expect![[r#"
            decline n200@spark.test
              refused: nobody of that address asks to see the person's presence
            decline n000@spark.test
              Subscription { to: n000@spark.test, change: Unsubscribed, name: None }
              ask 9 Ping
            presence n200@spark.test subscribe
              publish subscription_requested,request:{jid:n200@spark.test,received_at_ms:0
        "#]],
    );
}

#[test]
fn who_sees_whom_is_as_the_person_says() {
    check(
        &up("subscription romeo@spark.test to=true from=true
         subscription romeo@spark.test to=false
         done Ping
         push romeo@spark.test from
         subscription romeo@spark.test from=false to=true
         done Ping
         subscription nurse@spark.test from=true
         presence nurse@spark.test subscribe
         subscription nurse@spark.test from=true
         done Ping
         subscription mercutio@spark.test from=false to=false
         - reset-with-all
         - roster FetchRoster
         subscription mercutio@spark.test from=true
         refuse Ping gone
         subscription mercutio@spark.test from=false
         done Ping"),
        expect![[r#"
            subscription romeo@spark.test to=true from=true
              done
            subscription romeo@spark.test to=false
              Subscription { to: romeo@spark.test, change: Unsubscribe, name: None }
              ask 9 Ping
            done Ping
              done
            push romeo@spark.test from
              publish contact_changed romeo@spark.test From
            subscription romeo@spark.test from=false to=true
              Subscription { to: romeo@spark.test, change: Unsubscribed, name: None }
              Subscription { to: romeo@spark.test, change: Subscribe, name: None }
              ask 10 Ping
            done Ping
              done
            subscription nurse@spark.test from=true
              refused: the XMPP server has no such feature
            presence nurse@spark.test subscribe
              publish subscription_requested,request:{jid:nurse@spark.test,received_at_ms:0
            subscription nurse@spark.test from=true
              Subscription { to: nurse@spark.test, change: Subscribed, name: None }
              ask 11 Ping
            done Ping
              publish subscription_request_closed,jid:nurse@spark.test
              done
            subscription mercutio@spark.test from=false to=false
              done
            subscription mercutio@spark.test from=true
              Subscription { to: mercutio@spark.test, change: Subscribed, name: None }
              ask 20 Ping
            refuse Ping gone
              refused: the XMPP server knows nothing by that name
            subscription mercutio@spark.test from=false
              Subscription { to: mercutio@spark.test, change: Unsubscribed, name: None }
              ask 21 Ping
            done Ping
              done
        "#]],
    );
}

#[test]
fn who_is_no_person_or_blocked_asks_nothing() {
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo
         presence den@rooms.spark.test subscribe
         - blocklist spam.example tybalt@spark.test
         presence tybalt@spark.test subscribe
         presence anybody@spam.example subscribe
         presence nurse@spark.test subscribe
         presence mercutio@spark.test unsubscribe
         requests"),
        expect![[r#"
            presence den@rooms.spark.test subscribe
            presence tybalt@spark.test subscribe
            presence anybody@spam.example subscribe
            presence nurse@spark.test subscribe
              publish subscription_requested,request:{jid:nurse@spark.test,received_at_ms:0
            presence mercutio@spark.test unsubscribe
            requests
              requests ["nurse@spark.test None None at 0"]
        "#]],
    );
}
