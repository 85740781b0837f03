//! Rooms of thousands.

use super::super::*;
use super::{DEN, JoinRoom, OccupantsQuery, RoomsCommand, gone, here};

#[test]
fn three_thousand_occupants_are_no_flood() {
    let mut machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(|| "x".parse().unwrap()));
    let mut run = |now_ms: TimestampMs, input: Input| machine.step(now_ms, input);
    let reset = StreamEvent::Reset {
        bound: "juliet@spark.test/s".parse().unwrap(),
        in_doubt: vec![],
        offers: crate::xmpp::Offers::default(),
    };
    run(0, Input::Stream(reset));
    let (reply, _joined) = oneshot::channel();
    let request = JoinRoom { nick: Some("me".to_owned()), ..JoinRoom::default() };
    let asked = run(0, command(RoomsCommand::Join { room: DEN.parse().unwrap(), request, reply }));
    let id = asked.iter().find_map(|effect| match effect {
        Effect::Send(Outgoing::Request { id, .. }) => Some(*id),
        _ => None,
    });
    let refused = Err(RequestError::Refused(StanzaError::Forbidden));
    run(0, Input::Stream(StreamEvent::Answered { id: id.unwrap(), result: refused }));
    let mut events = Vec::new();
    let mut bytes = 0;
    let mut tell = |effects: Vec<Effect>| {
        for effect in effects {
            if let Effect::Publish(event) = effect {
                bytes += serde_json::to_string(&event).unwrap().len();
                events.push(event.name());
            }
        }
        (events.len(), bytes)
    };
    for n in 0..3000 {
        let words = format!("here {DEN}/n{n} id=o{n}");
        let words: Vec<&str> = words.split(' ').collect();
        tell(run(0, incoming(Incoming::RoomPresence(here(&words)))));
    }
    let words = format!("here {DEN}/me self id=me");
    let entered = tell(run(0, incoming(Incoming::RoomPresence(here(&words.split(' ').collect::<Vec<_>>())))));
    assert_eq!(entered.0, 2, "going in is two events, of the room and of its conversation");
    assert!(entered.1 < 700, "and small ones: {} bytes", entered.1);
    // A minute in which everybody leaves and comes back, of which a tick every five seconds tells.
    let mut told = entered;
    for n in 0..3000 {
        let now_ms = n * 20;
        let gone_words = format!("gone {DEN}/n{n}");
        tell(run(now_ms, incoming(Incoming::RoomPresence(gone(&gone_words.split(' ').collect::<Vec<_>>())))));
        if n % 250 == 0 {
            tell(run(now_ms, Input::Tick));
        }
        let here_words = format!("here {DEN}/n{n} id=o{n}");
        told = tell(run(
            now_ms,
            incoming(Incoming::RoomPresence(here(&here_words.split(' ').collect::<Vec<_>>()))),
        ));
    }
    assert!(told.0 <= 14 && told.1 < 6000, "{told:?}");
    // Whoever asks who is there is told from then on.
    let (reply, mut page) = oneshot::channel();
    let query = OccupantsQuery { after: None, limit: 500 };
    run(60_000, command(RoomsCommand::Occupants { room: DEN.parse().unwrap(), query, reply }))
        .into_iter()
        .for_each(|effect| {
            if let Effect::Answer(answer) = effect {
                perform(answer);
            }
        });
    let page = page.try_recv().unwrap().unwrap();
    assert_eq!((page.occupants.len(), page.total), (500, 3001));
    let words = format!("gone {DEN}/n7");
    let words: Vec<&str> = words.split(' ').collect();
    let effects = run(60_000, incoming(Incoming::RoomPresence(gone(&words))));
    let [Effect::Publish(event)] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(&**event, Event::OccupantLeft { nick, .. } if nick == "n7"));
}
