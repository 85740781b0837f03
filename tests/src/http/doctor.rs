//! What `sparkweb doctor` says, against a real server and against what is none.

use expect_test::{Expect, expect};
use secrecy::SecretString;
use server::config::{Config, Tls};
use server::demo::ReservedPort;
use server::doctor::{self, Report};
use tokio::net::TcpListener;

use crate::app::{DOMAIN, TestApp, password};

async fn examine(config: &Config, jid: &str, password: &str) -> Report {
    doctor::examine(config, &jid.parse().unwrap(), SecretString::from(password.to_owned())).await.unwrap()
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
fn check(report: &Report, port: u16, expected: Expect) {
    assert!(!report.is_well);
    expected.assert_eq(&report.text.replace(&port.to_string(), "PORT"));
}

#[tokio::test]
async fn a_good_server_is_well() {
    let app = TestApp::start().await;
    let report = examine(&app.config, "juliet@spark.test", &password("juliet")).await;
    assert!(report.is_well, "{}", report.text);
    for part in [
        "TLS            TLS 1.3, certificate ok\n",
        "signed in by   SCRAM-SHA-",
        "yes      XEP-0198  Stream resumption",
        "yes      XEP-0363  File upload                          upload.spark.test\n",
        "no       XEP-0357  Push notifications",
        "\nNothing that is needed is missing.\n",
    ] {
        assert!(report.text.contains(part), "{part:?} is not in\n{}", report.text);
    }
    assert!(!report.text.contains(&password("juliet")));
    // It leaves nothing behind.
    app.sessions_become("juliet", 0).await;
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let app = TestApp::start().await;
    let port = app.prosody().c2s_port();
    let direct = app.prosody().direct_tls_port();
    let juliet = format!("juliet@{DOMAIN}");
    let with = |change: &dyn Fn(&mut Config)| {
        let mut config = app.config.clone();
        config.xmpp.connect_timeout_secs = 2;
        config.xmpp.step_timeout_secs = 2;
        change(&mut config);
        config
    };
    let report = examine(&app.config, &juliet, "a guess").await;
    check(
        &report,
        port,
        expect![[r#"
        juliet@spark.test could not be signed in: the XMPP server does not take this name and password.
        Check the name and the password.
    "#]],
    );

    let untrusted = with(&|config| config.xmpp.ca_file = None);
    let report = examine(&untrusted, &juliet, &password("juliet")).await;
    check(
        &report,
        port,
        expect![[r#"
        juliet@spark.test could not be signed in: the XMPP server's certificate or proof is not to be trusted.
          localhost:PORT (STARTTLS): TLS: invalid peer certificate: UnknownIssuer
        The certificate must be for the domain, and by an authority that the system trusts or that xmpp.ca_file names.
    "#]],
    );

    let other = examine(&app.config, "juliet@elsewhere.test", &password("juliet")).await;
    check(
        &other,
        port,
        expect![[r#"
        juliet@elsewhere.test could not be signed in: the XMPP server refuses this account.
        Check that the server serves this domain, and that the account may be used.
    "#]],
    );

    let wrong_tls = with(&|config| config.xmpp.tls = Tls::Direct);
    let report = examine(&wrong_tls, &juliet, &password("juliet")).await;
    check(
        &report,
        port,
        expect![[r#"
            juliet@spark.test could not be signed in: the XMPP server's certificate or proof is not to be trusted.
              localhost:PORT (direct TLS): TLS: received corrupt message of type InvalidContentType (is the port one for STARTTLS?)
            The certificate must be for the domain, and by an authority that the system trusts or that xmpp.ca_file names.
        "#]],
    );

    let wrong_port = with(&|config| config.xmpp.server = Some(format!("localhost:{direct}")));
    let report = examine(&wrong_port, &juliet, &password("juliet")).await;
    check(
        &report,
        direct,
        expect![[r#"
            juliet@spark.test could not be signed in: the XMPP server can't be reached.
              localhost:PORT (STARTTLS): XMPP: it closes the connection at once (is the port one for direct TLS?)
            Check xmpp.domain and xmpp.server of the configuration, and that the server runs.
        "#]],
    );

    let nowhere = with(&|config| config.xmpp.server = Some("nowhere.invalid:5222".to_owned()));
    let report = examine(&nowhere, &juliet, &password("juliet")).await;
    assert!(report.text.contains("DNS: the name nowhere.invalid has no address"), "{}", report.text);

    let free = ReservedPort::take().unwrap();
    let refused = with(&|config| config.xmpp.server = Some(format!("127.0.0.1:{}", free.number())));
    let report = examine(&refused, &juliet, &password("juliet")).await;
    check(
        &report,
        free.number(),
        expect![[r#"
        juliet@spark.test could not be signed in: the XMPP server can't be reached.
          127.0.0.1:PORT (STARTTLS): TCP: nothing can be reached there (Connection refused (os error 111))
        Check xmpp.domain and xmpp.server of the configuration, and that the server runs.
    "#]],
    );

    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_port = mute.local_addr().unwrap().port();
    let silent = with(&|config| config.xmpp.server = Some(format!("127.0.0.1:{silent_port}")));
    let report = examine(&silent, &juliet, &password("juliet")).await;
    check(
        &report,
        silent_port,
        expect![[r#"
        juliet@spark.test could not be signed in: the XMPP server does not answer.
          127.0.0.1:PORT (STARTTLS): XMPP: it takes the connection and says nothing
        Check that xmpp.server names an XMPP server's port for clients.
    "#]],
    );
}
