//! What anybody may send to anybody, through a real server: the session of whom it is meant for lives, and nobody loses
//! a message by it.

use server::xmpp::Connection;

use super::*;
use crate::app::Raw;
use crate::hostile::attacks::attacks;

/// The next message; the stream must not break before it.
async fn message(connection: &mut Connection) -> String {
    loop {
        let event = show(&within("a message", connection.next()).await);
        assert!(!event.starts_with("suspended") && !event.starts_with("ended"), "{event}");
        if event.starts_with("message") {
            return event;
        }
    }
}

/// Row 20, and facts 1 and 2: nesting, and a value that the parser does not take.
#[tokio::test]
async fn nobody_s_stanza_takes_a_session_down() {
    let server = start().await;
    let proxy = Proxy::before(server.prosody.c2s_port()).await;
    let connector = server.connector(proxy.port(), TlsMode::StartTls);
    let (account, credential) = (jid("juliet").parse().unwrap(), credential(&password("juliet")));
    let signing_in = connector.authenticate(&account, &credential);
    let mut juliet = within("signing in", signing_in).await.unwrap().open();
    let bound = hear(&mut juliet, "reset").await.split(' ').nth(1).unwrap().to_owned();
    appear(&mut juliet).await;
    let mut romeo = Raw::sign_in(server.prosody.direct_tls_port(), &server.prosody.ca_file(), "romeo").await;

    let mut replaced = 0;
    for (what, content) in attacks() {
        for kind in ["message type='headline'", "iq type='get'"] {
            let name = kind.split(' ').next().unwrap();
            romeo.say(&format!("<{kind} to='{bound}' id='evil'>{content}</{name}>")).await;
            replaced += 1;
            if name == "iq" {
                let answer = romeo.hear("</iq>").await;
                assert!(answer.contains("policy-violation"), "{what}: {answer}");
            }
            romeo.say(&format!("<message to='{bound}' type='chat'><body>{what}</body></message>")).await;
            let heard = message(&mut juliet).await;
            assert!(heard.contains(&format!("\"{what}\"")), "{heard}");
            assert_eq!(connector.firewall().replaced_in_all(), replaced, "{what}");
        }
    }

    // The counts are right: the stream goes on where it was, and nothing of it comes again.
    proxy.cut();
    hear(&mut juliet, "resumed").await;
    romeo.say(&format!("<message to='{bound}' type='chat'><body>resumed</body></message>")).await;
    let heard = message(&mut juliet).await;
    assert!(heard.contains("\"resumed\""), "{heard}");
    assert_eq!((connector.firewall().replaced_in_all(), connector.firewall().broken()), (replaced, 0));
}

/// Row 20: a long text, and many small stanzas.
#[tokio::test]
async fn what_is_only_large_or_only_much_arrives() {
    const FLOOD: usize = 20_000;
    let server = start().await;
    let (mut juliet, bound) = server.open("juliet", server.prosody.c2s_port()).await;
    appear(&mut juliet).await;
    let mut romeo = Raw::sign_in(server.prosody.direct_tls_port(), &server.prosody.ca_file(), "romeo").await;
    let text = "t".repeat(250_000);
    romeo.say(&format!("<message to='{bound}' type='chat'><body>{text}</body></message>")).await;
    assert!(message(&mut juliet).await.len() > 250_000);

    let reading = async { while !message(&mut juliet).await.contains("\"the last\"") {} };
    let writing = async {
        for _ in 0..FLOOD / 100 {
            romeo.say(&format!("<presence to='{bound}'/>").repeat(100)).await;
        }
        romeo.say(&format!("<message to='{bound}' type='chat'><body>the last</body></message>")).await;
    };
    tokio::join!(reading, writing);
}
