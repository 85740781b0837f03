//! Facts 1 and 2 and row 20 before a gateway in a process of its own, which is what such a stanza takes down where it does:
//! the process lives, whoever is attacked keeps their session, and nobody else has to wait.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};

use super::attacks::attacks;
use super::stand_in::StandIn;
use crate::app::{Caller, Event, Events, Served};

/// How many tiny stanzas come in one go.
const FLOOD: usize = 1_000_000;
const AT_ONCE: usize = 1_000;
/// Nobody is told anything of it, so that nothing but the reader itself holds the reader up.
const TINY: &str = "<presence/>";
/// How many messages others send each other before.
const BEFORE: usize = 300;
/// How many times longer one of a hundred of theirs may take during the flood. It is about 10 where the reader lets others
/// have their turn, and where it does not the only ones that come at all take as long as the flood does, which is above
/// 1,000.
const SLOWER: u32 = 100;
/// And how many they get to send.
const DURING: usize = 50;
/// How long the flood may take to be read, where there is hardly any machine to read it.
const DEADLINE: Duration = Duration::from_secs(600);

async fn start(server: &StandIn) -> Served {
    // One thread does everything: whoever holds it up holds up everybody.
    let settings = [("SPARKWEB_XMPP__TLS", "direct"), ("TOKIO_WORKER_THREADS", "1")];
    Served::start_with(server.port(), server.ca_file(), &settings).await
}

fn is_said(event: &Event, body: &str) -> bool {
    event.name == "message_added" && event.json()["message"]["body"] == body
}

/// Two who are not attacked.
struct Others {
    nurse: Caller,
    events: Events,
    count: usize,
}

impl Others {
    async fn of(gateway: &Served) -> Self {
        let (nurse, mercutio) = (gateway.sign_in("nurse").await, gateway.sign_in("mercutio").await);
        nurse.events_online().await;
        Others { nurse, events: mercutio.events_online().await, count: 0 }
    }

    /// How long a message takes from the one to the other.
    async fn talk(&mut self) -> Duration {
        self.count += 1;
        let (begun, body) = (Instant::now(), format!("message {}", self.count));
        let asking = self.nurse.message("mercutio", &json!({ "body": body })).send();
        let (answer, _) = tokio::join!(asking, self.events.find(&body, |event| is_said(event, &body)));
        assert!(answer.unwrap().status().is_success());
        begun.elapsed()
    }
}

/// What one of a hundred takes longer than.
fn p99(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

/// How often somebody has signed in at the server.
fn sign_ins(server: &StandIn) -> usize {
    server.heard().iter().filter(|text| text.starts_with("<auth")).count()
}

#[tokio::test]
async fn facts_1_and_2_and_row_20_take_no_process_down() {
    let server = StandIn::start();
    let mut gateway = start(&server).await;
    let mut hers = gateway.sign_in("juliet").await.events_online().await;
    let mut others = Others::of(&gateway).await;
    let (sign_ins_before, mut policy_violations) = (sign_ins(&server), 0);
    let long = ("250,000 bytes of text", format!("<body>{}</body>", "t".repeat(250_000)));
    for (what, content) in attacks().into_iter().chain([long]) {
        let heard = server.heard().len();
        for kind in ["message type='headline'", "iq type='get'"] {
            let name = kind.split(' ').next().unwrap();
            server.say(&format!("<{kind} from='romeo@spark.test/x' id='evil'>{content}</{name}>"));
        }
        server.say(&format!("<message from='romeo@spark.test/x' type='chat'><body>{what}</body></message>"));
        hers.find(what, |event| is_said(event, what)).await;
        server.hears(heard, "id='evil'").await;
        policy_violations +=
            server.heard()[heard..].iter().filter(|text| text.contains("policy-violation")).count();
        others.talk().await;
        assert!(gateway.is_alive(), "{what}");
    }
    assert_eq!(policy_violations, attacks().len(), "each question that was kept out is answered");
    assert_eq!(sign_ins(&server), sign_ins_before, "nobody's stream was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_20_a_million_tiny_stanzas_hold_nobody_else_up() {
    let server = StandIn::start();
    let mut gateway = start(&server).await;
    let juliet = gateway.sign_in("juliet").await;
    let mut hers = juliet.events_online().await;
    let mut others = Others::of(&gateway).await;
    let sign_ins_before = sign_ins(&server);
    let mut before = Vec::new();
    for _ in 0..BEFORE {
        before.push(others.talk().await);
    }

    let some = TINY.repeat(AT_ONCE);
    for _ in 0..FLOOD / AT_ONCE {
        server.say(&some);
    }
    server.say("<message from='romeo@spark.test/x' type='chat'><body>the last</body></message>");
    let mut during = Vec::new();
    let reading =
        async { while !hers.next_whenever().await.is_some_and(|event| is_said(&event, "the last")) {} };
    let talking = async {
        loop {
            during.push(others.talk().await);
        }
    };
    let read = timeout(DEADLINE, async {
        tokio::select! {
            () = reading => {}
            () = talking => {}
        }
    });
    read.await.expect("the flood was read");
    assert!(during.len() >= DURING, "others sent no more than {} messages meanwhile", during.len());
    let (before, during) = (p99(&mut before), p99(&mut during));
    println!("one of a hundred messages took {before:?} before, and {during:?} during the flood");
    assert!(during < before * SLOWER, "{during:?} during the flood, and {before:?} before");
    assert!(gateway.is_alive());
    assert_eq!(sign_ins(&server), sign_ins_before, "nobody's stream was lost");
}
