//! Who is there to talk to.

use protocol::{Availability, Jid};

use super::seed::{Account, Room, SaidInRoom};

/// The domain of everybody in the demo.
pub const DOMAIN: &str = "spark.localhost";
/// Everybody's password.
pub const PASSWORD: &str = "spark-demo";

/// Somebody who keeps the roster company.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) groups: &'static [&'static str],
    pub(super) availability: Availability,
    pub(super) status: &'static str,
    /// They are in the room.
    pub(super) on_the_square: bool,
}

const fn person(
    name: &'static str,
    full_name: &'static str,
    groups: &'static [&'static str],
    availability: Availability,
    status: &'static str,
) -> Person {
    Person { name, full_name, groups, availability, status, on_the_square: false }
}

impl Person {
    const fn on_the_square(self) -> Self {
        Person { on_the_square: true, ..self }
    }
}

/// Everybody but those who are to be signed in as.
pub(super) const PEOPLE: [Person; 11] = [
    person("mercutio", "Mercutio", &["Friends", "Verona"], Availability::Chat, "Ask me tomorrow")
        .on_the_square(),
    person("benvolio", "Benvolio", &["Friends"], Availability::Available, "").on_the_square(),
    person("tybalt", "Tybalt", &["Family"], Availability::DoNotDisturb, "Practising"),
    person("paris", "Count Paris", &["Verona"], Availability::Away, "Back after the feast").on_the_square(),
    person("laurence", "Friar Laurence", &["Friends"], Availability::Available, "In the herb garden")
        .on_the_square(),
    person("balthasar", "Balthasar", &["Work"], Availability::ExtendedAway, "On the road to Mantua"),
    person("rosaline", "Rosaline", &["Verona"], Availability::Available, "").on_the_square(),
    person("capulet", "Lord Capulet", &["Family"], Availability::Offline, ""),
    person("montague", "Lady Montague", &["Family"], Availability::Offline, ""),
    person("escalus", "Prince Escalus", &["Work", "Verona"], Availability::Away, "").on_the_square(),
    person("peter", "Peter", &["Work"], Availability::Offline, ""),
];

/// Those who are to be signed in as.
const MAIN: [(&str, &str, &str); 3] =
    [("juliet", "Juliet", "Family"), ("romeo", "Romeo", "Friends"), ("nurse", "Nurse", "Family")];

/// Every account, with the roster of each.
pub(super) fn accounts() -> Vec<Account> {
    let everybody = || {
        let main = MAIN.iter().map(|(name, full_name, group)| (*name, *full_name, vec![*group]));
        main.chain(PEOPLE.iter().map(|person| (person.name, person.full_name, person.groups.to_vec())))
    };
    everybody()
        .map(|(name, ..)| {
            let is_main = MAIN.iter().any(|(main, ..)| *main == name);
            let knows =
                |other: &str| other != name && (is_main || MAIN.iter().any(|(main, ..)| *main == other));
            let contacts = everybody().filter(|(other, ..)| knows(other));
            Account {
                name: name.to_owned(),
                password: PASSWORD.to_owned(),
                contacts: contacts
                    .map(|(other, full_name, groups)| {
                        (
                            other.to_owned(),
                            full_name.to_owned(),
                            groups.into_iter().map(str::to_owned).collect(),
                        )
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The name of the room where everybody meets.
const SQUARE: &str = "square";

/// The room where everybody meets.
pub(super) fn square(said: Vec<SaidInRoom>) -> Room {
    let of = |name: &str, affiliation: &str| (name.to_owned(), affiliation.to_owned());
    let mut affiliations = vec![of("escalus", "owner"), of("juliet", "admin"), of("romeo", "member")];
    affiliations.extend(["mercutio", "benvolio", "laurence"].map(|name| of(name, "member")));
    Room {
        name: SQUARE.to_owned(),
        title: "Verona Square".to_owned(),
        subject: "Market on Saturday. No brawling.".to_owned(),
        affiliations,
        regulars: MAIN.iter().map(|(name, full_name, _)| of(name, full_name)).collect(),
        said,
    }
}

/// Somebody's name in that room, as an address.
pub(super) fn seat(person: &Person) -> Option<Jid> {
    format!("{SQUARE}@rooms.{DOMAIN}/{}", person.full_name).parse().ok()
}

/// What somebody is called in that room.
pub(super) fn nick(name: &str) -> &str {
    let main = MAIN.iter().map(|(main, full_name, _)| (*main, *full_name));
    let mut all = main.chain(PEOPLE.iter().map(|person| (person.name, person.full_name)));
    all.find(|(other, _)| *other == name).map_or(name, |(_, full_name)| full_name)
}
